/*
 * verify.h: holds a ledger's rows of one scheme against what its seed gives (rctd-allocation(7)).
 * Pure: protocol, seed and rows in, findings out; no server, no database.
 *
 * The work can be shared out: each of `parts` verifiers is given every row, looks after its share
 * of the strata and of the units, and verify_merge() puts what they found together. The answer is
 * the same for every number of parts. A verifier belongs to one thread at a time.
 */
#ifndef RCTD_TRIAL_VERIFY_H
#define RCTD_TRIAL_VERIFY_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "trial/proof/ledger.h"
#include "trial/protocol.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can be wrong with a row: X(name in C, name in the answer). */
#define VERIFY_FAULTS(X)                                                                           \
    X(TRIAL, "trial")       /* of another trial */                                                 \
    X(KIND, "kind")         /* not the kind of unit that the scheme allocates */                   \
    X(PHASE, "phase")       /* not the scheme's phase */                                           \
    X(METHOD, "method")     /* not the scheme's method */                                          \
    X(STRATUM, "stratum")   /* the scheme has no such stratum */                                   \
    X(VERSION, "version")   /* an earlier version of the protocol than the position before */      \
    X(GAP, "gap")           /* positions before this one are missing */                            \
    X(TWICE, "twice")       /* the position stands in the ledger twice */                          \
    X(ORDER, "order")       /* the position stands behind later ones */                            \
    X(UNIT, "unit")         /* the unit stands in the scheme before */                             \
    X(BATCH, "batch")       /* the batch cannot be made again from its rows */                     \
    X(ARM, "arm")           /* the seed gives another arm */                                       \
    X(DECISION, "decision") /* it was not decided on what the rows before say */

#define VERIFY_FAULT_ENUM(name, text) VERIFY_##name,
enum verify_fault { VERIFY_FAULTS(VERIFY_FAULT_ENUM) VERIFY_FAULT_COUNT };
#undef VERIFY_FAULT_ENUM

struct verify_finding {
    enum verify_fault fault;
    unsigned line; /* of the file */
    const char *stratum;
    int64_t position;
    const char *found;    /* what stands there */
    const char *expected; /* what belongs there; NULL where nothing does */
};

/* The findings that are kept, those of the earliest lines; the others are counted. */
#define VERIFY_KEPT 100

#define VERIFY_GAP_MAX 1000000

struct verify_stratum {
    const char *key;
    int64_t rows;
    int64_t arms[PROTOCOL_ARMS_MAX]; /* rows per arm, as the ledger has them */
    int64_t differences;             /* rows with a finding */
};

struct verify_result {
    int64_t rows;                  /* of the scheme */
    int64_t others;                /* rows of other schemes that are randomised; not looked at */
    const char *other;             /* the first such scheme, or NULL */
    int64_t nonrandom;             /* rows of nonrandom comparisons, in whichever scheme */
    int64_t differences;           /* rows with a finding */
    int64_t arms_wrong;            /* rows whose arm is not the one that the seed gives */
    int64_t arms_checked;          /* rows whose arm was computed */
    struct verify_stratum *strata; /* by key, bytewise */
    size_t stratum_count;
    struct verify_finding *findings; /* by line */
    size_t finding_count;
};

struct verify_plan {
    const struct protocol *protocol;
    const struct protocol_scheme *scheme;
    const uint8_t *seed; /* SEED_SIZE bytes, borrowed; NULL for a nonrandom comparison */
    unsigned part;       /* from 0 */
    unsigned parts;      /* 1 or more */
    int64_t longest_gap; /* missing positions that are walked over; behind more of them no arm of
                            the stratum is computed. 0: VERIFY_GAP_MAX */
};

struct verify;

/* NULL, with ERROR_CONFIG, where the scheme cannot be run. The plan is copied. */
struct verify *verify_new(const struct verify_plan *plan, struct error *error) MUST_CHECK;

/* Wipes what follows from the seed; NULL is allowed. */
void verify_free(struct verify *verify);

/* Rows in the order of the file, of whichever scheme. */
void verify_row(struct verify *verify, const struct ledger_row *row);

/* After the last row. The result belongs to the verifier. */
const struct verify_result *verify_end(struct verify *verify);
const struct verify_result *verify_result(const struct verify *verify);

/* Adds what another part found, after both have ended. */
void verify_merge(struct verify *verify, const struct verify *other);

const char *verify_fault_name(enum verify_fault fault);

/* A finding as a sentence: "line 17, sector=public, position 16: ..."; in the arena. */
const char *verify_finding_text(struct arena *arena, const struct verify_finding *finding);

#endif
