/*
 * key.h: an assignment packed into words: the first unit's arm in the highest bits of the first
 * word, so that comparing words compares assignments, unit after unit.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_KEY_H
#define RCTD_TRIAL_CONSTRAINED_KEY_H

#include <stddef.h>
#include <stdint.h>

struct key_shape {
    size_t units;
    unsigned bits;     /* per unit */
    unsigned per_word; /* units */
    size_t words;      /* per assignment */
};

struct key_shape key_shape_of(size_t units, size_t arms);

void key_pack(const struct key_shape *shape, const uint8_t *arms, uint64_t *key);
void key_unpack(const struct key_shape *shape, const uint64_t *key, uint8_t *arms);

/* Below 0, 0 or above it, as the first assignment stands before the second, is it, or behind it. */
int key_compare(const struct key_shape *shape, const uint64_t *a, const uint64_t *b);

/* Bit `bit`, from 0, of the unit's arm. */
static inline uint64_t
key_bit(const struct key_shape *shape, const uint64_t *key, size_t unit, unsigned bit)
{
    unsigned shift = 64 - (unsigned)(unit % shape->per_word + 1) * shape->bits;
    return key[unit / shape->per_word] >> (shift + bit) & 1;
}

#endif
