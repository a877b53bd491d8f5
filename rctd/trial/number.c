/*
 * number.c: whole digits over a power of ten, both exact as doubles, so that the quotient is the
 * nearest double to what was written.
 */
#include "trial/number.h"

#include <stddef.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool
number_parse(const char *text, double *value)
{
    bool negative = *text == '-';
    const char *at = negative ? text + 1 : text;
    double digits = 0, scale = 1;
    size_t whole = 0, decimals = 0;
    for (; is_digit(*at) && whole <= 9; at++, whole++)
        digits = digits * 10 + (*at - '0');
    if (whole == 0 || whole > 9)
        return false;
    if (*at == '.') {
        for (at++; is_digit(*at) && decimals <= 6; at++, decimals++) {
            digits = digits * 10 + (*at - '0');
            scale *= 10;
        }
        if (decimals == 0 || decimals > 6)
            return false;
    }
    if (*at != '\0')
        return false;
    *value = (negative ? -digits : digits) / scale;
    return true;
}
