/*
 * permuted_block.h: permuted blocks, of one size or of sizes drawn at random; see struct design.
 */
#ifndef RCTD_TRIAL_DESIGN_PERMUTED_BLOCK_H
#define RCTD_TRIAL_DESIGN_PERMUTED_BLOCK_H

#include "trial/design/design.h"

/* Sizes must be listed, each a multiple of the ratios' sum and at most DESIGN_BLOCK_MAX. */
bool permuted_block_check(const struct protocol_scheme *scheme, struct error *error) MUST_CHECK;

size_t permuted_block_size(const struct protocol_scheme *scheme, struct stream *stream);
size_t permuted_block(
    const struct protocol_scheme *scheme, struct stream *stream, uint8_t arms[DESIGN_BLOCK_MAX]);

#endif
