/*
 * permuted_block.h: what a permuted block leaves to be guessed, for whoever follows all sequences.
 */
#ifndef RCTD_TRIAL_DESIGN_PERMUTED_BLOCK_H
#define RCTD_TRIAL_DESIGN_PERMUTED_BLOCK_H

#include "trial/protocol/scheme.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Each arm's probability of being next where every block has `size` places: its share of those that
 * are left in the block. The counts are the stratum's so far and could come from such blocks.
 */
void permuted_block_probabilities(const struct protocol_scheme *scheme, size_t size,
    const int64_t counts[PROTOCOL_ARMS_MAX], double p[PROTOCOL_ARMS_MAX]);

#endif
