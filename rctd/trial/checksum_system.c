/*
 * checksum_system.c: check characters by their arithmetic, whoever's number it is.
 */
#include "trial/checksum_rule.h"

#include <string.h>

int
checksum_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : -1;
}

int
checksum_letter(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : checksum_digit(c);
}

bool
checksum_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") >= count;
}

bool
checksum_number(const char *text, size_t count)
{
    return checksum_digits(text, count) && text[count] == '\0';
}

int64_t
checksum_value(const char *text, size_t count)
{
    int64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + checksum_digit(text[i]);
    return number;
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

bool
checksum_verhoeff(const char *text)
{
    int sum = 0;
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        int digit = checksum_digit(text[length - 1 - i]);
        if (digit < 0)
            return false;
        sum = pentagon(sum, permuted(digit, i));
    }
    return length >= 2 && sum == 0;
}

bool
checksum_mod11_2(const char *text)
{
    int sum = 0;
    size_t length = strlen(text);
    if (length < 2 || !checksum_digits(text, length - 1))
        return false;
    for (size_t i = 0; i + 1 < length; i++)
        sum = (sum + checksum_digit(text[i])) * 2 % 11;
    int check = (12 - sum) % 11;
    return text[length - 1] == (check == 10 ? 'X' : (char)('0' + check));
}

bool
checksum_mod11_10(const char *text)
{
    int product = 10;
    size_t length = strlen(text);
    if (length < 2 || !checksum_number(text, length))
        return false;
    for (size_t i = 0; i + 1 < length; i++) {
        int sum = (product + checksum_digit(text[i])) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (11 - product) % 10 == checksum_digit(text[length - 1]);
}

bool
checksum_mod97(const char *text)
{
    int rest = 0;
    size_t length = strlen(text);
    if (length < 3 || !checksum_digits(text + length - 2, 2))
        return false;
    for (; *text != '\0'; text++) {
        int value = checksum_letter(*text);
        if (value < 0)
            return false;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}
