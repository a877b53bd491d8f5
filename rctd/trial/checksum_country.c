/*
 * checksum_country.c: the numbers of countries: a weighted sum for most, a rule of its own for the
 * others.
 */
#include "trial/checksum_rule.h"
#include "trial/identifier.h"

#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS_MAX 14
#define NEVER (-1)

/*
 * The check digit at `place` is the sum of the weighted digits times `sign`, modulo `modulus`.
 * Where that gives 10, the check digit is `ten`, or no number is issued.
 */
struct weighted {
    int length;
    int modulus;
    int sign;
    int place;
    int ten;
    int weights[DIGITS_MAX];
};

static const struct weighted weighted_sums[CHECKSUM_COUNT] = {
    [CHECKSUM_AT_SVNR] = {10, 11, 1, 3, NEVER, {3, 7, 9, 0, 5, 8, 4, 2, 1, 6}},
    [CHECKSUM_BG_EGN] = {10, 11, 1, 9, 0, {2, 4, 8, 5, 10, 9, 7, 3, 6}},
    [CHECKSUM_CH_AHV] = {13, 10, -1, 12, NEVER, {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3}},
    [CHECKSUM_DK_CPR] = {10, 11, -1, 9, NEVER, {4, 3, 2, 7, 6, 5, 4, 3, 2}},
    [CHECKSUM_GB_NHS] = {10, 11, -1, 9, NEVER, {10, 9, 8, 7, 6, 5, 4, 3, 2}},
    [CHECKSUM_HU_TAJ] = {9, 10, 1, 8, NEVER, {3, 7, 3, 7, 3, 7, 3, 7}},
    [CHECKSUM_IS_KT] = {10, 11, -1, 8, NEVER, {3, 2, 7, 6, 5, 4, 3, 2}},
    [CHECKSUM_NL_BSN] = {9, 11, 1, 8, NEVER, {9, 8, 7, 6, 5, 4, 3, 2}},
    [CHECKSUM_PL_PESEL] = {11, 10, -1, 10, NEVER, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3}},
    [CHECKSUM_PT_NIF] = {9, 11, -1, 8, 0, {9, 8, 7, 6, 5, 4, 3, 2}},
    [CHECKSUM_RO_CNP] = {13, 11, 1, 12, 1, {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}},
    [CHECKSUM_SI_EMSO] = {13, 11, -1, 12, 0, {7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}},
};

static const struct weighted norway[] = {
    {11, 11, -1, 9, NEVER, {3, 7, 6, 1, 8, 9, 4, 5, 2}},
    {11, 11, -1, 10, NEVER, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}},
};

/* The second sum counts where the first gives 10. */
static const struct weighted estonia[] = {
    {11, 11, 1, 10, NEVER, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1}},
    {11, 11, 1, 10, 0, {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}},
};

/* What the check digit must be; 10 where the sum gives that. */
static int
weighted_digit(const struct weighted *rule, const char *text)
{
    int sum = 0;
    for (int i = 0; i < rule->length; i++)
        sum += rule->weights[i] * checksum_digit(text[i]);
    int rest = sum % rule->modulus;
    return rule->sign < 0 ? (rule->modulus - rest) % rule->modulus : rest;
}

static bool
weighted_fits(const struct weighted *rule, const char *text)
{
    if (!checksum_number(text, (size_t)rule->length))
        return false;
    int expected = weighted_digit(rule, text);
    return checksum_digit(text[rule->place]) == (expected == 10 ? rule->ten : expected);
}

static bool
belgium_fits(const char *text)
{
    if (!checksum_number(text, 11))
        return false;
    int64_t number = checksum_value(text, 9), check = checksum_value(text + 9, 2);
    return check == 97 - number % 97 || check == 97 - (number + 2000000000) % 97;
}

/* Corsica's departments 2A and 2B count as 19 and 18. */
static bool
france_fits(const char *text)
{
    char digits[16];
    if (strlen(text) != 15)
        return false;
    memcpy(digits, text, sizeof digits);
    if (digits[5] == '2' && (digits[6] == 'A' || digits[6] == 'B')) {
        digits[5] = '1';
        digits[6] = digits[6] == 'A' ? '9' : '8';
    }
    return checksum_number(digits, 15) &&
           checksum_value(digits + 13, 2) == 97 - checksum_value(digits, 13) % 97;
}

/* Until 1985 a rest of 10 was written 0. */
static bool
czechia_fits(const char *text)
{
    if (checksum_number(text, 9))
        return checksum_value(text, 2) < 54;
    if (!checksum_number(text, 10))
        return false;
    int64_t year = checksum_value(text, 2), rest = checksum_value(text, 9) % 11;
    if (rest == 10 && year >= 54 && year < 85)
        rest = 0;
    return rest == checksum_digit(text[9]);
}

static bool
estonia_fits(const char *text)
{
    if (!checksum_number(text, 11))
        return false;
    return weighted_fits(&estonia[weighted_digit(&estonia[0], text) == 10 ? 1 : 0], text);
}

static bool
norway_fits(const char *text)
{
    return weighted_fits(&norway[0], text) && weighted_fits(&norway[1], text);
}

/* DDMMYY, the century's sign, three digits and the check character. */
static bool
finland_fits(const char *text)
{
    static const char characters[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    if (strlen(text) != 11 || !checksum_digits(text, 6) ||
        strchr("+-YXWVUABCDEF", text[6]) == NULL || !checksum_digits(text + 7, 3))
        return false;
    return text[10] ==
           characters[(checksum_value(text, 6) * 1000 + checksum_value(text + 7, 3)) % 31];
}

/* An NIE begins with X, Y or Z for 0, 1 or 2. */
static bool
spain_fits(const char *text)
{
    static const char characters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    char digits[10];
    if (strlen(text) != 9)
        return false;
    memcpy(digits, text, sizeof digits);
    if (digits[0] >= 'X' && digits[0] <= 'Z')
        digits[0] = (char)(digits[0] - 'X' + '0');
    return checksum_digits(digits, 8) && text[8] == characters[checksum_value(digits, 8) % 23];
}

/* Seven digits, a check letter, and since 2013 another letter that counts nine times. */
static bool
ireland_fits(const char *text)
{
    size_t length = strlen(text);
    if ((length != 8 && length != 9) || !checksum_digits(text, 7))
        return false;
    int sum = 0;
    for (int i = 0; i < 7; i++)
        sum += (8 - i) * checksum_digit(text[i]);
    if (length == 9 && strchr("ABCDEFGHIW", text[8]) == NULL)
        return false;
    if (length == 9 && text[8] != 'W')
        sum += 9 * (text[8] - 'A' + 1);
    return text[7] == "W" LETTERS[sum % 23];
}

/* Characters in odd places, counted from 1, have values of their own; digits stand for A to J. */
static bool
italy_fits(const char *text)
{
    static const int odd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14,
        16, 10, 22, 25, 24, 23};
    int sum = 0;
    if (strlen(text) != 16)
        return false;
    for (size_t i = 0; i < 15; i++) {
        int value = checksum_letter(text[i]);
        if (value < 0)
            return false;
        value = value > 9 ? value - 10 : value;
        sum += i % 2 == 0 ? odd[value] : value;
    }
    return text[15] == LETTERS[sum % 26];
}

/* The twelfth digit is Luhn's, the thirteenth Verhoeff's, both over the first eleven. */
static bool
luxembourg_fits(const char *text)
{
    char digits[13] = "";
    if (!checksum_number(text, 13))
        return false;
    memcpy(digits, text, 12);
    if (!identifier_luhn(digits))
        return false;
    digits[11] = text[12];
    return checksum_verhoeff(digits);
}

bool
checksum_country(enum checksum checksum, const char *text)
{
    static bool (*const own_rules[CHECKSUM_COUNT])(const char *) = {
        [CHECKSUM_BE_NN] = belgium_fits,
        [CHECKSUM_CZ_RC] = czechia_fits,
        [CHECKSUM_EE_IK] = estonia_fits,
        [CHECKSUM_ES_DNI] = spain_fits,
        [CHECKSUM_FI_HETU] = finland_fits,
        [CHECKSUM_FR_NIR] = france_fits,
        [CHECKSUM_IE_PPS] = ireland_fits,
        [CHECKSUM_IT_CF] = italy_fits,
        [CHECKSUM_LU_MAT] = luxembourg_fits,
        [CHECKSUM_NO_FNR] = norway_fits,
    };
    if (own_rules[checksum] != NULL)
        return own_rules[checksum](text);
    return weighted_fits(&weighted_sums[checksum], text);
}
