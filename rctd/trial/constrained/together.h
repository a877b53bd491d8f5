/*
 * together.h: how often two units share an arm, over many packed assignments.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_TOGETHER_H
#define RCTD_TRIAL_CONSTRAINED_TOGETHER_H

#include "trial/constrained/key.h"

/*
 * Adds to together[i * units + j], i < j, the number of assignments that have the units i and j in
 * the same arm. Assignment n has its key at keys + n * shape->words.
 */
void together_count(
    const struct key_shape *shape, const uint64_t *keys, size_t count, uint64_t *together);

#endif
