/*
 * together.c: 64 assignments at a time: each unit's arms become one word per bit of an arm, and two
 * units differ where one of these words does.
 */
#include "trial/constrained/together.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define GROUP 64

/* planes[unit * bits + bit]: that bit of the unit's arm in each assignment of the group. */
static void
fill_planes(const struct key_shape *shape, const uint64_t *keys, size_t count, uint64_t *planes)
{
    memset(planes, 0, shape->units * shape->bits * sizeof *planes);
    for (size_t n = 0; n < count; n++)
        for (size_t unit = 0; unit < shape->units; unit++)
            for (unsigned bit = 0; bit < shape->bits; bit++)
                planes[unit * shape->bits + bit] |=
                    key_bit(shape, keys + n * shape->words, unit, bit) << n;
}

static void
count_group(const struct key_shape *shape, const uint64_t *planes, size_t count, uint64_t *together)
{
    for (size_t i = 0; i < shape->units; i++)
        for (size_t j = i + 1; j < shape->units; j++) {
            uint64_t apart = 0;
            for (unsigned bit = 0; bit < shape->bits; bit++)
                apart |= planes[i * shape->bits + bit] ^ planes[j * shape->bits + bit];
            together[i * shape->units + j] += count - (uint64_t)__builtin_popcountll(apart);
        }
}

void
together_count(
    const struct key_shape *shape, const uint64_t *keys, size_t count, uint64_t *together)
{
    uint64_t *planes = memory_get(shape->units * shape->bits * sizeof *planes);
    for (size_t first = 0; first < count; first += GROUP) {
        size_t group = count - first < GROUP ? count - first : GROUP;
        fill_planes(shape, keys + first * shape->words, group, planes);
        count_group(shape, planes, group, together);
    }
    free(planes);
}
