/*
 * code.c: makes and reads the codes of participants.
 */
#include "trial/code.h"

#include <ctype.h>
#include <string.h>

#define MODULUS ((unsigned)sizeof CODE_ALPHABET - 1)
#define RADIX 5
#define RANDOM 6 /* characters between the prefix and the check */

static const char alphabet[] = CODE_ALPHABET;

const char *
code_make(uint32_t number, char out[CODE_SIZE])
{
    unsigned sum = 0;
    out[0] = CODE_PREFIX;
    for (int i = RANDOM; i > 0; i--, number /= MODULUS)
        out[i] = alphabet[number % MODULUS];
    for (int i = 1; i <= RANDOM; i++)
        sum = (sum + (unsigned)(strchr(alphabet, out[i]) - alphabet)) * RADIX % MODULUS;
    out[RANDOM + 1] = alphabet[(MODULUS + 1 - sum) % MODULUS];
    out[RANDOM + 2] = '\0';
    return out;
}

/* The characters that count, in upper case; false when they are no code's. */
static bool
gather(const char *text, char out[CODE_SIZE])
{
    size_t length = 0;
    for (const char *c = text; *c != '\0'; c++) {
        char upper = (char)toupper((unsigned char)*c);
        if (*c == ' ' || *c == '-')
            continue;
        if (length == CODE_SIZE - 1 || strchr(alphabet, upper) == NULL)
            return false;
        out[length++] = upper;
    }
    out[length] = '\0';
    return length == CODE_SIZE - 1 && out[0] == CODE_PREFIX;
}

bool
code_read(const char *text, char out[CODE_SIZE])
{
    unsigned sum = 0;
    if (!gather(text, out))
        return false;
    for (int i = 1; i <= RANDOM + 1; i++)
        sum = (sum * RADIX + (unsigned)(strchr(alphabet, out[i]) - alphabet)) % MODULUS;
    return sum == 1;
}

const char *
code_fault(const char *text)
{
    char out[CODE_SIZE];
    if (gather(text, out))
        return "a character of it is wrong or two are swapped: its check character does not fit";
    return "codes of participants are a P and seven more of " CODE_ALPHABET;
}
