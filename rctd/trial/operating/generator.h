/*
 * generator.h: xoshiro256++ 1.0 (Blackman and Vigna 2021), seeded by splitmix64: fast words for
 * simulations, behind the same struct stream that allocations are drawn from. It is no source for
 * an allocation: who sees some of its words can tell the next.
 */
#ifndef RCTD_TRIAL_OPERATING_GENERATOR_H
#define RCTD_TRIAL_OPERATING_GENERATOR_H

#include "trial/stream.h"

#include <stdint.h>

struct generator {
    uint64_t state[4];
};

void generator_seed(struct generator *generator, uint64_t seed);

/* Goes on by 2^128 words: the start of a part of the sequence that no other part reaches. */
void generator_jump(struct generator *generator);

uint64_t generator_word(struct generator *generator);

/* A stream of its words; the generator is borrowed and outlives the stream. */
void generator_open(struct generator *generator, struct stream *stream);

#endif
