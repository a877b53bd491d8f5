/*
 * personal.c: walks through a text and tries, at each first digit, every form that a number is
 * written in.
 */
#include "base/personal.h"

#include "base/clock.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_MOST 12
#define WORD_OF_A_KEY 32
#define UUID_LENGTH 36

/* The character at `*at` as one of: a digit, ' ', '-', '+', '.', '/', or what it is; moves on. */
static char
plain(const char **at)
{
    static const struct {
        const char *written;
        char means;
    } others[] = {{"\u00a0", ' '}, {"\u2007", ' '}, {"\u2009", ' '}, {"\u202f", ' '},
        {"\u2010", '-'}, {"\u2011", '-'}, {"\u2012", '-'}, {"\u2013", '-'}, {"\u2014", '-'},
        {"\u2212", '-'}, {"\uff0d", '-'}, {"\uff0b", '+'}};
    const unsigned char *bytes = (const unsigned char *)*at;
    if (bytes[0] < 0x80) {
        char c = *(*at)++;
        return c == '\t' || c == '\r' || c == '\n' ? ' ' : c == '_' ? '-' : c;
    }
    if (bytes[0] == 0xef && bytes[1] == 0xbc && bytes[2] >= 0x90 && bytes[2] <= 0x99) {
        *at += 3;
        return (char)('0' + (bytes[2] - 0x90));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t length = strlen(others[i].written);
        if (strncmp(*at, others[i].written, length) == 0) {
            *at += length;
            return others[i].means;
        }
    }
    return *(*at)++;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits in a row, at most one more than a number has; moves behind them. */
static size_t
take_digits(const char **at, char *digits)
{
    size_t count = 0;
    for (const char *next = *at; *next != '\0' && count <= DIGITS_MOST; *at = next) {
        char c = plain(&next);
        if (!is_digit(c))
            break;
        digits[count++] = c;
    }
    return count;
}

/* What stands between two parts: '\0' for nothing, ' ' for blanks alone, else the one mark, which
 * may have blanks beside it; '?' for more than that. Moves behind it. */
static char
take_gap(const char **at)
{
    char gap = '\0';
    for (const char *next = *at; *next != '\0'; *at = next) {
        char c = plain(&next);
        if (strchr(" -+./", c) == NULL)
            break;
        if (c != ' ')
            gap = gap == '\0' || gap == ' ' ? c : '?';
        else if (gap == '\0')
            gap = ' ';
    }
    return gap;
}

static int
number_of(const char *digits, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (digits[i] - '0');
    return number;
}

static bool
day_exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool
birth_is_possible(int year, int month, int day)
{
    if (day < 60)
        return day_exists(year, month, day);
    if (day == 60)
        return month <= 12;
    return month == 0 ? day <= 91 : day_exists(year, month, day - 60);
}

static int
this_year(void)
{
    char text[CLOCK_TEXT_SIZE];
    return number_of(clock_format(clock_now(), text), 4);
}

/* YYMMDDNNNC: a date of some century, and the check digit. */
static bool
is_short_number(const char *digits)
{
    unsigned sum = 0;
    int year = number_of(digits, 2), month = number_of(digits + 2, 2),
        day = number_of(digits + 4, 2);
    for (size_t i = 0; i < 10; i++) {
        unsigned digit = (unsigned)(digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0 && (birth_is_possible(1900 + year, month, day) ||
                                birth_is_possible(2000 + year, month, day));
}

static bool
is_number(const char *digits, size_t count)
{
    if (count == 10)
        return is_short_number(digits);
    if (count != 12 || !is_short_number(digits + 2))
        return false;
    int year = number_of(digits, 4);
    return year >= 1800 && year <= this_year() &&
           birth_is_possible(year, number_of(digits + 4, 2), number_of(digits + 6, 2));
}

/* Year, month and day apart, `digits` having the year; the last four behind a hyphen or plus. */
static bool
is_in_parts(const char *at, char *digits, size_t count)
{
    char gap = take_gap(&at);
    if (gap == '\0' || gap == '?' || take_digits(&at, digits + count) != 2 ||
        take_gap(&at) != gap || take_digits(&at, digits + count + 2) != 2)
        return false;
    gap = take_gap(&at);
    return (gap == '-' || gap == '+') && take_digits(&at, digits + count + 4) == 4 &&
           is_number(digits, count + 8);
}

/* Every digit for itself, one blank or hyphen between; `digits` has the first. */
static bool
is_spelt_out(const char *at, char *digits)
{
    size_t count = 1;
    for (char gap; count <= DIGITS_MOST; count++) {
        const char *before = at;
        gap = take_gap(&at);
        if ((gap != ' ' && gap != '-') || take_digits(&at, digits + count) != 1) {
            at = before;
            break;
        }
    }
    return is_number(digits, count);
}

static bool
begins_number(const char *at)
{
    char digits[3 * DIGITS_MOST];
    size_t count = take_digits(&at, digits);
    switch (count) {
    case 12:
    case 10:
        return is_number(digits, count);
    case 8:
    case 6: {
        char gap = take_gap(&at);
        return gap != '\0' && gap != '?' && take_digits(&at, digits + count) == 4 &&
               is_number(digits, count + 4);
    }
    case 4:
    case 2:
        return is_in_parts(at, digits, count);
    case 1:
        return is_spelt_out(at, digits);
    default:
        return false;
    }
}

/* Where a word begins: how many characters to leave alone, as a UUID or a key; 0 for none. */
static size_t
key_length(const char *at)
{
    size_t length = strspn(at, "0123456789abcdefABCDEF-");
    bool uuid = length >= UUID_LENGTH && at[8] == '-' && at[13] == '-' && at[18] == '-' &&
                at[23] == '-' && strcspn(at + 24, "-") >= 12;
    if (uuid)
        return UUID_LENGTH;
    for (length = 0; isalnum((unsigned char)at[length]) != 0; length++)
        ;
    return length >= WORD_OF_A_KEY ? length : 0;
}

bool
personal_number_in(const char *text)
{
    bool in_word = false, in_digits = false;
    while (*text != '\0') {
        size_t key = in_word ? 0 : key_length(text);
        const char *next = text + key;
        char c = key > 0 ? 'x' : plain(&next);
        if (is_digit(c) && !in_digits && begins_number(text))
            return true;
        in_digits = is_digit(c);
        in_word = isalnum((unsigned char)c) != 0;
        text = next;
    }
    return false;
}
