/*
 * allocation_batch.h: units that are allocated all at once (constrained randomisation): all of them
 * or none, in one transaction, under the lock of the scheme's one stratum "". The rows of a batch
 * follow one another in the ledger in canonical order, by code, and bear its number.
 */
#ifndef RCTD_STORE_ALLOCATION_BATCH_H
#define RCTD_STORE_ALLOCATION_BATCH_H

#include "store/conduct/allocation.h"
#include "trial/constrained/constrained.h"

struct allocation_batch_unit {
    struct allocation_candidate candidate;
    size_t asked; /* its place among the codes that were given */
};

/* Units in canonical order: by their codes, bytewise. */
struct allocation_batch {
    struct allocation_batch_unit *units;
    size_t count;
    size_t unready; /* of them, with something missing */
};

/* Reads and checks units by their codes, which differ from each other; with `lock` under the locks
 * of their rows, taken in canonical order.
 * `acknowledged`: that workplaces share staff (store/people/staff.h). ERROR_NOT_FOUND names the
 * first that is not there. */
bool allocation_batch_read(struct tx *tx, const struct allocation_scheme *scheme, const char *scope,
    const char *const *codes, size_t count, bool lock, bool acknowledged,
    struct allocation_batch *batch) MUST_CHECK;

/*
 * What is to be solved, when nothing is missing of any unit. NULL with faults where it cannot be:
 * also where sampling would take longer than a lock on the scheme should be held. Lives in the tx's
 * arena.
 */
struct constrained_problem *allocation_batch_problem(struct tx *tx,
    const struct allocation_scheme *scheme, const struct allocation_batch *batch,
    struct faults *faults);

/*
 * The set that the units would be allocated from. Where it is a sample it is another one than the
 * one that an allocation draws: no seed is opened. NULL with ERROR_REFUSED; the caller frees it.
 */
struct constrained_set *allocation_batch_preview(
    const struct constrained_problem *problem, struct error *error) MUST_CHECK;

struct allocation_batch_made {
    int64_t number; /* of the batch, from 1 */
    struct constrained_choice choice;
    struct allocation_made *made; /* as the batch's units */
};

/*
 * Allocates the batch: with the stratum "" locked, and the units' rows. Scoring takes its time
 * under these locks: other requests for the scheme wait meanwhile, others do not. ERROR_REFUSED
 * where the problem has no solution, ERROR_NO_MASTER_KEY; then nothing was changed.
 */
bool allocation_batch_make(struct tx *tx, struct session *session,
    const struct allocation_scheme *scheme, const struct allocation_batch *batch,
    const struct constrained_problem *problem, struct uuid account_id, const char *key,
    struct allocation_batch_made *made) MUST_CHECK;

#endif
