/*
 * allocate.h: which arm stands at a position of a stratum, as rctd-allocation(7) defines it. Pure:
 * the answer follows from scheme, seed, label, stratum and position alone, and for minimisation
 * from the units allocated before.
 *
 * The seed belongs to the caller, who wipes it (sodium_memzero) when it is done; what is computed
 * on the way is wiped here. Errors: ERROR_CONFIG for a scheme that cannot be run, ERROR_REFUSED for
 * one that has no sequence (design.h), ERROR_INTERNAL for a position below 1.
 */
#ifndef RCTD_TRIAL_ALLOCATE_H
#define RCTD_TRIAL_ALLOCATE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "trial/design/minimisation.h"
#include "trial/protocol.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* Room for {"counts":[...]} with PROTOCOL_ARMS_MAX numbers. */
#define ALLOCATE_DECISION_SIZE 600

struct allocate_result {
    size_t arm;                        /* index in protocol order */
    int64_t counts[PROTOCOL_ARMS_MAX]; /* of each arm in the stratum before this allocation */

    /*
     * JSON for the ledger: the counts that it was decided on, in protocol order up to the last arm
     * of the scheme. Never a block's number, place or size: where sizes are drawn at random, these
     * tell the rest of a block that is not full yet, and with it the next arm.
     */
    char decision[ALLOCATE_DECISION_SIZE];
};

/*
 * How far a stratum's walk has come, so that the next position need not walk again from the first.
 * Starts zeroed and belongs to one scheme, seed, label and stratum. It tells where a block began:
 * keep it in memory, store it nowhere, show it to nobody.
 */
struct allocate_bookmark {
    uint64_t block;                    /* number of a block, from 0; of a position where there are
                                          no blocks */
    int64_t position;                  /* positions in the blocks before it */
    int64_t counts[PROTOCOL_ARMS_MAX]; /* of each arm in these, where no block holds the ratio */
};

/* "TRIAL/SCHEME" in the arena. */
char *allocate_label(struct arena *arena, const char *trial, const char *scheme);

/*
 * The arm at `position`, counted from 1. `bookmark` may be NULL: then, and for a position before
 * the bookmark, the walk starts at the first block and takes one HMAC per block, or per position
 * where there are no blocks. Otherwise it starts at the bookmark, which is moved to the position's
 * block.
 */
bool allocate_arm(const struct protocol_scheme *scheme, const uint8_t seed[SEED_SIZE],
    const char *label, const char *stratum, int64_t position, struct allocate_bookmark *bookmark,
    struct allocate_result *result, struct error *error) MUST_CHECK;

/*
 * A stratum's arms one after another, from position 1: `allocate_next` gives an arm's index in
 * protocol order. The scheme is borrowed. allocate_open answers NULL with an error when the scheme
 * cannot be run; allocate_close wipes, and NULL is allowed.
 */
struct allocate_sequence;

struct allocate_sequence *allocate_open(const struct protocol_scheme *scheme,
    const uint8_t seed[SEED_SIZE], const char *label, const char *stratum,
    struct error *error) MUST_CHECK;
size_t allocate_next(struct allocate_sequence *sequence);
void allocate_close(struct allocate_sequence *sequence);

struct allocate_minimised {
    size_t arm;                              /* index in protocol order */
    double scores[PROTOCOL_ARMS_MAX];        /* of each arm; 0 for one not in the scheme */
    double probabilities[PROTOCOL_ARMS_MAX]; /* that it was drawn with, likewise */

    /*
     * JSON for the ledger, in the arena: all that it was decided on. "levels": the unit's, by
     * factor; "counts": by factor, of each arm at that level before this allocation; "scores" and
     * "probabilities" by arm, so that they are read back as the same doubles. Factors in the
     * scheme's order, arms in protocol order up to the last one of the scheme.
     */
    const char *decision;
};

/*
 * The arm of the n-th allocation of a minimisation scheme, n from 1, for a unit with `levels`,
 * after the units in the tally of that scheme. Never fails for a scheme that passes design_check
 * and n from 1.
 */
bool allocate_minimise(struct arena *arena, const struct minimisation *tally,
    const uint8_t seed[SEED_SIZE], const char *label, int64_t n, const size_t *levels,
    struct allocate_minimised *result, struct error *error) MUST_CHECK;

#endif
