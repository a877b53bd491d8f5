/*
 * allocate.h: which arm stands at a position of a stratum, as rctd-allocation(7) defines it. Pure:
 * the answer follows from scheme, seed, label, stratum and position alone.
 *
 * The seed belongs to the caller, who wipes it (sodium_memzero) when it is done; what is computed
 * on the way is wiped here. Errors: ERROR_CONFIG for a scheme that cannot be run, ERROR_INTERNAL
 * for a position below 1.
 */
#ifndef RCTD_TRIAL_ALLOCATE_H
#define RCTD_TRIAL_ALLOCATE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
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
    uint64_t block;   /* number of a block, from 0 */
    int64_t position; /* positions in the blocks before it */
};

/* "TRIAL/SCHEME" in the arena. */
char *allocate_label(struct arena *arena, const char *trial, const char *scheme);

/*
 * The arm at `position`, counted from 1. `bookmark` may be NULL: then, and for a position before
 * the bookmark, the walk starts at the first block and takes one HMAC per block. Otherwise it
 * starts at the bookmark, which is moved to the position's block.
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

#endif
