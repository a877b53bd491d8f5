/*
 * design.h: the methods that decide arms. A method is one file in this directory, which defines its
 * row, and one entry of DESIGNS; allocate.c walks a stratum's positions with what the row gives.
 * Everything here is pure: a scheme, counts, a stream and nothing else. rctd-allocation(7) is the
 * definition, to the order of floating-point operations.
 *
 * Arms are numbered from 0 in protocol order. An arm with ratio 0 has no part in the scheme.
 */
#ifndef RCTD_TRIAL_DESIGN_DESIGN_H
#define RCTD_TRIAL_DESIGN_DESIGN_H

#include "base/compiler.h"
#include "base/error.h"
#include "trial/protocol/scheme.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESIGN_BLOCK_MAX 1000 /* allocations in the largest block */

struct design {
    enum protocol_method method;
    uint64_t first_draw; /* of a stratum: its first block or position */

    /* Can the scheme be run? On false the error (ERROR_CONFIG) says what would be right. */
    bool (*check)(const struct protocol_scheme *scheme, struct error *error);

    /*
     * Where the method draws by blocks, else NULL: each draw's stream gives a block. `block_size`
     * reads only the size; `block` also the arms, one per place, and returns the size. Both start
     * at the first word of the draw, and the scheme has passed `check`.
     */
    size_t (*block_size)(const struct protocol_scheme *scheme, struct stream *stream);
    size_t (*block)(const struct protocol_scheme *scheme, struct stream *stream,
        uint8_t arms[DESIGN_BLOCK_MAX]);

    /*
     * Where the counts so far in the stratum decide, else NULL: each arm's probability of being
     * next, 0 for an arm that is not in the scheme. The counts are some that the method can come
     * to. One draw per position; design_pick() chooses, but `block` where that is there too.
     */
    void (*probabilities)(const struct protocol_scheme *scheme,
        const int64_t counts[PROTOCOL_ARMS_MAX], double p[PROTOCOL_ARMS_MAX]);

    /*
     * Where a stratum has no sequence that follows from the seed alone, else NULL: why, in words
     * that end a sentence. Such a method has neither block nor probabilities.
     */
    const char *no_sequence;
};

/* The files of this directory that define a row NAME_design. */
#define DESIGNS(X)                                                                                 \
    X(simple)                                                                                      \
    X(permuted_block)                                                                              \
    X(biased_coin)                                                                                 \
    X(big_stick)                                                                                   \
    X(biased_coin_limit)                                                                           \
    X(block_urn)                                                                                   \
    X(urn)                                                                                         \
    X(maximal)                                                                                     \
    X(minimisation)                                                                                \
    X(constrained)                                                                                 \
    X(nonrandom)

#define DESIGN_ROW(name) extern const struct design name##_design;
DESIGNS(DESIGN_ROW)
#undef DESIGN_ROW

/* The row of a method; there is one for each. */
const struct design *design_of(enum protocol_method method);

/*
 * Can the scheme be run: are its ratios and parameters right? ERROR_CONFIG with a sentence that
 * says what would be right. `*design` is its row.
 */
bool design_check(const struct protocol_scheme *scheme, const struct design **design,
    struct error *error) MUST_CHECK;

/*
 * An arm by its probability: stream_fraction() against the cumulated probabilities in protocol
 * order; the last arm with any probability has what rounding leaves. An arm with probability 1 is
 * taken without a word.
 */
size_t design_pick(
    const struct protocol_scheme *scheme, const double p[PROTOCOL_ARMS_MAX], struct stream *stream);

/* Number of places for arms: the index of the scheme's last arm, and one. */
size_t design_arms(const struct protocol_scheme *scheme);

/* Do all arms of the scheme have the same ratio? */
bool design_equal(const struct protocol_scheme *scheme);

#endif
