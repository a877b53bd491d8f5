/*
 * checksum.c: names and spelling of the numbers that have a check character; which rule is whose.
 */
#include "trial/checksum.h"

#include "base/named.h"
#include "trial/checksum_rule.h"
#include "trial/identifier.h"

#include <string.h>

#define NAME_OF(name, text) [CHECKSUM_##name] = (text),
static const char *const names[CHECKSUM_COUNT] = {CHECKSUMS(NAME_OF)};
#undef NAME_OF

enum checksum
checksum_by_name(const char *name)
{
    size_t place = named_find(NAMED(names, CHECKSUM_COUNT), name);
    return place == CHECKSUM_NONE ? CHECKSUM_COUNT : (enum checksum)place;
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

bool
checksum_fits(enum checksum checksum, const char *text)
{
    static bool (*const systems[CHECKSUM_COUNT])(const char *) = {
        [CHECKSUM_LUHN] = identifier_luhn,
        [CHECKSUM_VERHOEFF] = checksum_verhoeff,
        [CHECKSUM_MOD11_2] = checksum_mod11_2,
        [CHECKSUM_MOD11_10] = checksum_mod11_10,
        [CHECKSUM_MOD97] = checksum_mod97,
    };
    char compact[CHECKSUM_TEXT_MAX + 1] = "";
    if (checksum == CHECKSUM_NONE)
        return true;
    if (!checksum_compact(checksum, text, compact))
        return false;
    if (systems[checksum] != NULL)
        return systems[checksum](compact);
    return checksum_country(checksum, compact);
}
