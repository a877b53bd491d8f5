/*
 * identifier.c: the Swedish numbers, form by form. The checksum is Luhn's: it finds every single
 * wrong digit and nearly every swap of neighbours.
 */
#include "trial/identifier.h"

#include "base/named.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define WRITTEN_SIZE 24 /* room for every form and its NUL */

static const char *const type_names[IDENTIFIER_TYPES] = {
    [IDENTIFIER_SE_ORGNR] = "se-orgnr",
    [IDENTIFIER_SE_CFAR] = "se-cfar",
    [IDENTIFIER_SE_PERSONNUMMER] = "se-personnummer",
    [IDENTIFIER_PATTERN] = "pattern",
};

enum identifier_type
identifier_type_by_name(const char *name)
{
    return (enum identifier_type)named_find(NAMED(type_names, IDENTIFIER_TYPES), name);
}

const char *
identifier_type_name(enum identifier_type type)
{
    return type_names[type];
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool
identifier_luhn(const char *text)
{
    unsigned sum = 0, count = 0;
    for (size_t i = strlen(text); i > 0; i--) {
        if (!is_digit(text[i - 1]))
            continue;
        unsigned digit = (unsigned)(text[i - 1] - '0');
        if (count++ % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return count >= 2 && sum % 10 == 0;
}

/* What people and their programs write for a blank or a hyphen, as one of the two. */
static char
plain(const char **text)
{
    static const struct {
        const char *written;
        char means;
    } others[] = {{"\t", ' '}, {"\r", ' '}, {"\n", ' '}, {"\u00a0", ' '}, {"\u202f", ' '},
        {"\u2010", '-'}, {"\u2011", '-'}, {"\u2012", '-'}, {"\u2013", '-'}, {"\u2014", '-'},
        {"\u2212", '-'}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t length = strlen(others[i].written);
        if (strncmp(*text, others[i].written, length) == 0) {
            *text += length;
            return others[i].means;
        }
    }
    return *(*text)++;
}

static bool
is_mark(char c)
{
    return c == '-' || c == '+';
}

/* The text without blanks at its ends and beside a mark, of several blanks one; empty where it is
 * longer than any number. */
static void
clean(const char *text, char out[WRITTEN_SIZE])
{
    size_t length = 0;
    while (*text != '\0') {
        char c = plain(&text);
        if (c == ' ' && (length == 0 || out[length - 1] == ' ' || is_mark(out[length - 1])))
            continue;
        if (is_mark(c) && length > 0 && out[length - 1] == ' ')
            length--;
        if (length + 1 == WRITTEN_SIZE) {
            length = 0;
            break;
        }
        out[length++] = c;
    }
    if (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
}

/* Does the text follow the form? In the form 9 stands for any digit, every other character for
 * itself. The digits go to `digits`, which has room for 12 and a NUL. */
static bool
follows(const char *text, const char *form, char *digits)
{
    size_t count = 0;
    for (; *form != '\0'; form++, text++) {
        if (*form == '9' ? !is_digit(*text) : *text != *form)
            return false;
        if (*form == '9')
            digits[count++] = *text;
    }
    digits[count] = '\0';
    return *text == '\0';
}

/* One of several forms; the list ends with NULL. */
static bool
follows_one(const char *text, const char *const *forms, char *digits)
{
    for (; *forms != NULL; forms++)
        if (follows(text, *forms, digits))
            return true;
    return false;
}

bool
identifier_orgnr(const char *text, char out[IDENTIFIER_SIZE], const char **why)
{
    static const char *const forms[] = {"999999-9999", "9999999999", "999999 9999", "16999999-9999",
        "169999999999", "16999999 9999", NULL};
    char digits[13], written[WRITTEN_SIZE];
    clean(text, written);
    if (!follows_one(written, forms, digits)) {
        *why = "an organisation number has ten digits, such as 556016-0680";
        return false;
    }
    if (digits[2] < '2') {
        *why = "this is no organisation number: its third digit must be 2 or more";
        return false;
    }
    if (!identifier_luhn(digits)) {
        *why = "a digit of this organisation number is wrong: its check digit does not fit";
        return false;
    }
    snprintf(out, IDENTIFIER_SIZE, "%.6s-%.4s", digits, digits + 6);
    return true;
}

bool
identifier_cfar(const char *text, char out[IDENTIFIER_SIZE], const char **why)
{
    char digits[13], written[WRITTEN_SIZE];
    clean(text, written);
    if (!follows(written, "99999999", digits)) {
        *why = "an establishment number (CFAR) has eight digits; leading zeros belong to it";
        return false;
    }
    snprintf(out, IDENTIFIER_SIZE, "%s", digits);
    return true;
}

static int
number_at(const char *digits, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (digits[i] - '0');
    return number;
}

static bool
date_exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Is the date possible, in a coordination number (60 added to the day) with parts unknown too? */
static bool
birth_is_possible(int year, int month, int day)
{
    if (day < 60)
        return date_exists(year, month, day);
    if (day == 60)
        return month <= 12;
    return month == 0 ? day <= 91 : date_exists(year, month, day - 60);
}

/* The latest year up to `limit` that ends with these two digits. */
static int
full_year(int two_digits, int limit)
{
    int year = limit - limit % 100 + two_digits;
    return year > limit ? year - 100 : year;
}

bool
identifier_personnummer(
    const char *text, int this_year, char out[IDENTIFIER_SIZE], const char **why)
{
    static const char *const forms[] = {"999999999999", "99999999-9999", "99999999 9999", NULL};
    char digits[13], written[WRITTEN_SIZE];
    char whole[24];
    clean(text, written);
    if (follows_one(written, forms, digits)) {
        snprintf(whole, sizeof whole, "%s", digits);
    } else if (follows(written, "999999-9999", digits)) {
        snprintf(
            whole, sizeof whole, "%04d%s", full_year(number_at(digits, 2), this_year), digits + 2);
    } else if (follows(written, "999999+9999", digits)) {
        snprintf(whole, sizeof whole, "%04d%s", full_year(number_at(digits, 2), this_year - 100),
            digits + 2);
    } else {
        *why = "a personal number is written YYYYMMDDNNNN, or YYMMDD-NNNN (YYMMDD+NNNN from 100 "
               "years)";
        return false;
    }
    int year = number_at(whole, 4);
    if (year < 1800 || year > this_year ||
        !birth_is_possible(year, number_at(whole + 4, 2), number_at(whole + 6, 2))) {
        *why = "the date in this personal number does not exist";
        return false;
    }
    if (!identifier_luhn(whole + 2)) {
        *why = "a digit of this personal number is wrong: its check digit does not fit";
        return false;
    }
    snprintf(out, IDENTIFIER_SIZE, "%.12s", whole);
    return true;
}
