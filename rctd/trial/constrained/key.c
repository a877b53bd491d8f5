/*
 * key.c: packing and unpacking. A unit's bits never cross from one word into the next.
 */
#include "trial/constrained/key.h"

struct key_shape
key_shape_of(size_t units, size_t arms)
{
    unsigned bits = 1;
    while (((size_t)1 << bits) < arms)
        bits++;
    unsigned per_word = 64 / bits;
    return (struct key_shape){.units = units,
        .bits = bits,
        .per_word = per_word,
        .words = (units + per_word - 1) / per_word};
}

void
key_pack(const struct key_shape *shape, const uint8_t *arms, uint64_t *key)
{
    size_t unit = 0;
    for (size_t i = 0; i < shape->words; i++) {
        uint64_t word = 0;
        unsigned shift = 64;
        for (unsigned j = 0; j < shape->per_word && unit < shape->units; j++) {
            shift -= shape->bits;
            word |= (uint64_t)arms[unit++] << shift;
        }
        key[i] = word;
    }
}

void
key_unpack(const struct key_shape *shape, const uint64_t *key, uint8_t *arms)
{
    uint64_t mask = ((uint64_t)1 << shape->bits) - 1;
    size_t unit = 0;
    for (size_t i = 0; i < shape->words; i++) {
        unsigned shift = 64;
        for (unsigned j = 0; j < shape->per_word && unit < shape->units; j++) {
            shift -= shape->bits;
            arms[unit++] = (uint8_t)(key[i] >> shift & mask);
        }
    }
}

int
key_compare(const struct key_shape *shape, const uint64_t *a, const uint64_t *b)
{
    for (size_t i = 0; i < shape->words; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}
