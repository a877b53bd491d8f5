/*
 * checksum.c: the rules of check characters. Most are a weighted sum and stand in one table; the
 * others have a function. All of them see the number in its compact form.
 */
#include "trial/checksum.h"

#include "trial/identifier.h"

#include <stdint.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS_MAX 14
#define NEVER (-1)

#define NAME_OF(name, text) [CHECKSUM_##name] = (text),
static const char *const names[CHECKSUM_COUNT] = {CHECKSUMS(NAME_OF)};
#undef NAME_OF

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

enum checksum
checksum_by_name(const char *name)
{
    for (int i = CHECKSUM_NONE + 1; i < CHECKSUM_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return (enum checksum)i;
    return CHECKSUM_COUNT;
}

const char *
checksum_name(enum checksum checksum)
{
    return names[checksum];
}

bool
checksum_compact(enum checksum checksum, const char *text, char out[CHECKSUM_TEXT_MAX + 1])
{
    const char *left_out = checksum == CHECKSUM_FI_HETU ? " \t" : " \t-./";
    size_t length = 0;
    for (; *text != '\0'; text++) {
        if (strchr(left_out, *text) != NULL)
            continue;
        if (length == CHECKSUM_TEXT_MAX)
            return false;
        out[length++] = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
    }
    out[length] = '\0';
    return true;
}

static int
digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : -1;
}

/* 0 to 35; -1 for what is neither digit nor capital. */
static int
value_of(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : digit_of(c);
}

/* Are these `count` characters digits? The text may be shorter. */
static bool
all_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") >= count;
}

/* Digits and nothing else, so many. */
static bool
is_number(const char *text, size_t count)
{
    return all_digits(text, count) && text[count] == '\0';
}

static int64_t
number_of(const char *text, size_t count)
{
    int64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + digit_of(text[i]);
    return number;
}

/* What the check digit must be; 10 where the sum gives that. */
static int
weighted_digit(const struct weighted *rule, const char *text)
{
    int sum = 0;
    for (int i = 0; i < rule->length; i++)
        sum += rule->weights[i] * digit_of(text[i]);
    int rest = sum % rule->modulus;
    return rule->sign < 0 ? (rule->modulus - rest) % rule->modulus : rest;
}

static bool
weighted_fits(const struct weighted *rule, const char *text)
{
    if (!is_number(text, (size_t)rule->length))
        return false;
    int expected = weighted_digit(rule, text);
    return digit_of(text[rule->place]) == (expected == 10 ? rule->ten : expected);
}

/* Verhoeff 1969: products in the dihedral group of the pentagon, after a permutation by place. */
static int
pentagon(int a, int b)
{
    if (a < 5)
        return b < 5 ? (a + b) % 5 : (a + b) % 5 + 5;
    return b < 5 ? (a - b) % 5 + 5 : (a - b + 5) % 5;
}

/* The permutation that Verhoeff chose, as often as the digit stands from the right. */
static int
permuted(int digit, size_t times)
{
    static const int permutation[] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    for (size_t i = 0; i < times % 8; i++)
        digit = permutation[digit];
    return digit;
}

static bool
verhoeff_fits(const char *text)
{
    int sum = 0;
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        int digit = digit_of(text[length - 1 - i]);
        if (digit < 0)
            return false;
        sum = pentagon(sum, permuted(digit, i));
    }
    return length >= 2 && sum == 0;
}

static bool
mod11_2_fits(const char *text)
{
    int sum = 0;
    size_t length = strlen(text);
    if (length < 2 || !all_digits(text, length - 1))
        return false;
    for (size_t i = 0; i + 1 < length; i++)
        sum = (sum + digit_of(text[i])) * 2 % 11;
    int check = (12 - sum) % 11;
    return text[length - 1] == (check == 10 ? 'X' : (char)('0' + check));
}

static bool
mod11_10_fits(const char *text)
{
    int product = 10;
    size_t length = strlen(text);
    if (length < 2 || !is_number(text, length))
        return false;
    for (size_t i = 0; i + 1 < length; i++) {
        int sum = (product + digit_of(text[i])) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (11 - product) % 10 == digit_of(text[length - 1]);
}

static bool
mod97_fits(const char *text)
{
    int rest = 0;
    size_t length = strlen(text);
    if (length < 3 || !all_digits(text + length - 2, 2))
        return false;
    for (; *text != '\0'; text++) {
        int value = value_of(*text);
        if (value < 0)
            return false;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}

static bool
belgium_fits(const char *text)
{
    if (!is_number(text, 11))
        return false;
    int64_t number = number_of(text, 9), check = number_of(text + 9, 2);
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
    return is_number(digits, 15) && number_of(digits + 13, 2) == 97 - number_of(digits, 13) % 97;
}

/* Until 1985 a rest of 10 was written 0. */
static bool
czechia_fits(const char *text)
{
    if (is_number(text, 9))
        return number_of(text, 2) < 54;
    if (!is_number(text, 10))
        return false;
    int64_t year = number_of(text, 2), rest = number_of(text, 9) % 11;
    if (rest == 10 && year >= 54 && year < 85)
        rest = 0;
    return rest == digit_of(text[9]);
}

static bool
estonia_fits(const char *text)
{
    if (!is_number(text, 11))
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
    if (strlen(text) != 11 || !all_digits(text, 6) || strchr("+-YXWVUABCDEF", text[6]) == NULL ||
        !all_digits(text + 7, 3))
        return false;
    return text[10] == characters[(number_of(text, 6) * 1000 + number_of(text + 7, 3)) % 31];
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
    return all_digits(digits, 8) && text[8] == characters[number_of(digits, 8) % 23];
}

/* Seven digits, a check letter, and since 2013 another letter that counts nine times. */
static bool
ireland_fits(const char *text)
{
    size_t length = strlen(text);
    if ((length != 8 && length != 9) || !all_digits(text, 7))
        return false;
    int sum = 0;
    for (int i = 0; i < 7; i++)
        sum += (8 - i) * digit_of(text[i]);
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
        int value = value_of(text[i]);
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
    if (!is_number(text, 13))
        return false;
    memcpy(digits, text, 12);
    if (!identifier_luhn(digits))
        return false;
    digits[11] = text[12];
    return verhoeff_fits(digits);
}

bool
checksum_fits(enum checksum checksum, const char *text)
{
    char compact[CHECKSUM_TEXT_MAX + 1] = "";
    if (checksum == CHECKSUM_NONE)
        return true;
    if (!checksum_compact(checksum, text, compact))
        return false;
    switch (checksum) {
    case CHECKSUM_LUHN:
        return identifier_luhn(compact);
    case CHECKSUM_VERHOEFF:
        return verhoeff_fits(compact);
    case CHECKSUM_MOD11_2:
        return mod11_2_fits(compact);
    case CHECKSUM_MOD11_10:
        return mod11_10_fits(compact);
    case CHECKSUM_MOD97:
        return mod97_fits(compact);
    case CHECKSUM_BE_NN:
        return belgium_fits(compact);
    case CHECKSUM_CZ_RC:
        return czechia_fits(compact);
    case CHECKSUM_EE_IK:
        return estonia_fits(compact);
    case CHECKSUM_ES_DNI:
        return spain_fits(compact);
    case CHECKSUM_FI_HETU:
        return finland_fits(compact);
    case CHECKSUM_FR_NIR:
        return france_fits(compact);
    case CHECKSUM_IE_PPS:
        return ireland_fits(compact);
    case CHECKSUM_IT_CF:
        return italy_fits(compact);
    case CHECKSUM_LU_MAT:
        return luxembourg_fits(compact);
    case CHECKSUM_NO_FNR:
        return norway_fits(compact);
    default:
        return weighted_fits(&weighted_sums[checksum], compact);
    }
}
