/*
 * verify_units.c: has a unit stood in the ledger before? A table of fingerprints: 24 bytes a unit,
 * however long its code is. Two units of a million share 128 bits by chance less often than once
 * in 10^26 ledgers.
 */
#include "trial/proof/verify_private.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

struct seen {
    uint8_t fingerprint[16];
    unsigned line; /* 0: the place is free */
};

struct verify_units {
    struct seen *places;
    size_t room; /* a power of two */
    size_t count;
};

struct verify_units *
verify_units_new(void)
{
    struct verify_units *units = memory_get(sizeof *units);
    *units = (struct verify_units){
        .places = memory_get(ROOM_FIRST * sizeof(struct seen)), .room = ROOM_FIRST};
    return units;
}

void
verify_units_free(struct verify_units *units)
{
    if (units == NULL)
        return;
    free(units->places);
    free(units);
}

/* The unit's place, or the free one that it would take. */
static struct seen *
find(const struct verify_units *units, const uint8_t fingerprint[16])
{
    uint64_t at;
    memcpy(&at, fingerprint, sizeof at);
    for (;; at++) {
        struct seen *seen = &units->places[at & (units->room - 1)];
        if (seen->line == 0 || memcmp(seen->fingerprint, fingerprint, 16) == 0)
            return seen;
    }
}

static void
grow(struct verify_units *units)
{
    struct verify_units larger = {
        .places = memory_get(2 * units->room * sizeof(struct seen)), .room = 2 * units->room};
    for (size_t i = 0; i < units->room; i++)
        if (units->places[i].line != 0)
            *find(&larger, units->places[i].fingerprint) = units->places[i];
    larger.count = units->count;
    free(units->places);
    *units = larger;
}

unsigned
verify_units_note(struct verify_units *units, const uint8_t fingerprint[16], unsigned line)
{
    if (2 * units->count >= units->room)
        grow(units);
    struct seen *seen = find(units, fingerprint);
    if (seen->line != 0)
        return seen->line;
    memcpy(seen->fingerprint, fingerprint, 16);
    seen->line = line;
    units->count++;
    return 0;
}
