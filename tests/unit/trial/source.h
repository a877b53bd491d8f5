/*
 * source.h: words for streams in tests: a fast generator, and words or fractions that are known.
 */
#ifndef TESTS_UNIT_TRIAL_SOURCE_H
#define TESTS_UNIT_TRIAL_SOURCE_H

#include "trial/stream.h"

#include <check.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* xoshiro256++ of Blackman and Vigna. */
struct source_fast {
    uint64_t state[4];
};

static inline uint64_t
source_rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void
source_refill_fast(struct stream *stream)
{
    struct source_fast *source = stream->source;
    uint64_t *s = source->state;
    for (size_t i = 0; i < STREAM_WORDS; i++) {
        stream->words[i] = source_rotate(s[0] + s[3], 23) + s[0];
        uint64_t shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = source_rotate(s[3], 45);
    }
}

/* The same words in every run. */
static inline void
source_open_fast(struct stream *stream, struct source_fast *source, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++) { /* splitmix64 */
        uint64_t word = seed += UINT64_C(0x9e3779b97f4a7c15);
        word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
        source->state[i] = word ^ word >> 31;
    }
    stream_open_source(stream, source_refill_fast, source);
}

/* Words that are given; to take more of them is a fault of the test. */
struct source_given {
    const uint64_t *words;
    size_t count;
    size_t used;
};

static inline void
source_refill_given(struct stream *stream)
{
    struct source_given *source = stream->source;
    ck_assert_uint_lt(source->used, source->count);
    for (size_t i = 0; i < STREAM_WORDS; i++)
        stream->words[i] = i + source->used < source->count ? source->words[i + source->used] : 0;
    source->used += STREAM_WORDS;
}

static inline uint64_t
source_word_of(double fraction)
{
    return (uint64_t)(fraction * 0x1p53) << 11;
}

/* How many of the words of a source_given a stream has taken. */
static inline size_t
source_taken(const struct stream *stream)
{
    const struct source_given *source = stream->source;
    return source->used == 0 ? 0 : source->used - STREAM_WORDS + stream->used;
}

/* RCTD_SLOW says how many times slower this program is than usual: that many fewer of the draws. */
static inline unsigned
source_draws(unsigned draws)
{
    const char *slow = getenv("RCTD_SLOW");
    double times = slow == NULL ? 1 : strtod(slow, NULL);
    return times > 1 ? (unsigned)(draws / (times * 4)) : draws;
}

/*
 * Chi-square of counts that should all be the same, as a standard normal by Wilson and Hilferty;
 * beyond 5 lies one seed of two million, on each side, and the seed is fixed. Too even is as
 * suspect as too uneven.
 */
static inline void
source_check_uniform(const unsigned *counts, size_t cells, double draws)
{
    double expected = draws / (double)cells;
    double chi_square = 0;
    for (size_t i = 0; i < cells; i++)
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    double freedom = (double)cells - 1;
    double z = (cbrt(chi_square / freedom) - (1 - 2 / (9 * freedom))) / sqrt(2 / (9 * freedom));
    ck_assert_msg(
        z > -5 && z < 5, "chi-square %.1f of %.0f degrees, z = %.2f", chi_square, freedom, z);
}

#endif
