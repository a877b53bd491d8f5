/*
 * allocation.h: the ledger. The order of steps: lock the stratum, look the key up,
 * check everything, take the next position, compute the arm from the sealed seed, write allocation,
 * tasks and trail, commit. The database checks position, unit, arm, phase and key once more.
 */
#ifndef RCTD_STORE_ALLOCATION_H
#define RCTD_STORE_ALLOCATION_H

#include "base/compiler.h"
#include "db/statement.h"
#include "store/people/unit.h"
#include "store/session.h"

#include <stdbool.h>

struct tally;

/* A scheme as it is in force, with its sealed seed. Lives in the tx's arena and the session's
 * cache. */
struct allocation_scheme {
    struct uuid trial_id;
    const char *time_zone;
    const struct protocol *protocol;
    int version;
    const struct protocol_scheme *scheme;
    struct sql_scheme_seed_get_row seed;
};

/* Until the transaction ends no protocol of the trial is locked and no phase is moved: what is read
 * from here on stays in force. Comes before every other lock of an allocation. */
bool allocation_hold_trial(struct tx *tx, struct uuid trial_id) MUST_CHECK;

/* ERROR_NOT_FOUND names the schemes that there are. */
bool allocation_scheme_read(struct tx *tx, struct session *session, struct uuid trial_id,
    const char *time_zone, const char *name, struct allocation_scheme *scheme) MUST_CHECK;

/* A unit that is to be allocated: its stratum, and all that is missing, in sentences. */
struct allocation_candidate {
    struct unit unit;
    const char *stratum;  /* as the ledger keeps it: "" where the whole scheme is one sequence; NULL
                             where a factor is not known */
    const size_t *levels; /* in a minimised scheme: the level of each factor that is balanced; NULL
                             where one is not known */
    const char **missing;
    size_t missing_count;
    bool allocated; /* in this scheme, already */

    /* Of a workplace that shares staff with allocated ones (store/people/staff.h): JSON for the
     * record, or NULL; and sentences. */
    const char *shared;
    const char **warnings;
    size_t warning_count;

    /* In a comparison that nobody randomises, from the request: the arm, and why. */
    size_t arm;
    const char *reason;
};

/* False: a comparison that nobody randomises. */
bool allocation_is_random(const struct allocation_scheme *scheme);

/* Reads and checks a candidate; with `lock` under the lock of its row. A unit of another kind than
 * the scheme's has that missing, and no stratum. */
bool allocation_candidate_read(struct tx *tx, const struct allocation_scheme *scheme,
    const char *scope, enum protocol_unit kind, const char *code, bool lock,
    struct allocation_candidate *candidate) MUST_CHECK;

/* Why nothing can be allocated now, in a sentence: this daemon cannot open the scheme's seed. NULL:
 * it can, or the scheme needs none. */
const char *allocation_closed(struct session *session, const struct allocation_scheme *scheme);

/* Adds such a sentence to what is missing; NULL adds nothing. */
void allocation_candidate_add_missing(
    struct arena *arena, struct allocation_candidate *candidate, const char *sentence);

/* A stratum under its lock. */
struct allocation_stratum {
    const char *key;
    int64_t last;        /* the last position that is taken; 0: none */
    struct tally *tally; /* of a minimised scheme, up to it; else NULL */
};

struct allocation_strata {
    struct allocation_stratum *items; /* in the order of their keys */
    size_t count;
};

/* The strata of units, read without a lock: keys[i] is that of codes[i], NULL where there is no
 * such unit of the scheme's kind or a factor is not known. */
bool allocation_strata_read(struct tx *tx, const struct allocation_scheme *scheme,
    const char *const *codes, size_t count, const char **keys) MUST_CHECK;

/* Locks strata until the transaction ends, in the order of their keys, so that two daemons never
 * wait for each other. A key may stand there more than once, or be NULL. Comes before the
 * transaction's first allocation in the scheme. */
bool allocation_strata_lock(struct tx *tx, struct session *session,
    const struct allocation_scheme *scheme, const char *const *keys, size_t count,
    struct allocation_strata *strata) MUST_CHECK;

/* NULL where the stratum is not among those that were locked. */
struct allocation_stratum *allocation_strata_find(
    const struct allocation_strata *strata, const char *key);

#define ALLOCATION_RECEIPT_SIZE 20

struct allocation_made {
    struct uuid allocation_id;
    int64_t position;
    size_t arm; /* index in protocol order */
    int64_t allocated_at;
    char receipt[ALLOCATION_RECEIPT_SIZE]; /* four groups of four hex digits, of its row in the
                                              trail */
};

/*
 * Allocates a candidate with nothing missing to the next position of its stratum, under the locks
 * of that and of its row. ERROR_NO_MASTER_KEY: the seed cannot be opened; nothing was changed.
 */
bool allocation_make_one(struct tx *tx, struct session *session,
    const struct allocation_scheme *scheme, const struct allocation_candidate *candidate,
    struct allocation_stratum *stratum, struct uuid account_id, const char *key,
    struct allocation_made *made) MUST_CHECK;

/* Leaves a record of a dry run or of a refusal. */
bool allocation_record_attempt(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, bool dry_run, struct uuid account_id,
    const char *request_id) MUST_CHECK;

/* The receipt of a row of the trail: the first 16 hex digits of its hash. */
void allocation_receipt(struct bytes hash, char out[ALLOCATION_RECEIPT_SIZE]);

#endif
