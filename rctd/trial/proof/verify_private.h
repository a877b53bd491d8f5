/*
 * verify_private.h: what the files of the verifier share (verify.h): its state, a stratum's state,
 * and one function for each way in which methods are computed again.
 */
#ifndef RCTD_TRIAL_VERIFY_PRIVATE_H
#define RCTD_TRIAL_VERIFY_PRIVATE_H

#include "trial/allocate.h"
#include "trial/proof/verify.h"

#define VERIFY_GAPS_KEPT 32

/* Positions that are missing: first .. last. */
struct verify_gap {
    int64_t first;
    int64_t last;
};

/* A stratum that the ledger names. */
struct verify_state {
    struct verify_state *next; /* of the same bucket */
    uint64_t hash;
    size_t key_length;
    bool owned;  /* by this part */
    bool known;  /* to the protocol */
    bool lost;   /* behind a gap that is too long to walk over */
    int64_t due; /* the next position */
    int64_t version;
    struct allocate_sequence *sequence;       /* of methods that have one */
    int64_t counts[PROTOCOL_ARMS_MAX];        /* that the seed gave before the position due */
    struct verify_gap gaps[VERIFY_GAPS_KEPT]; /* the first ones */
    size_t gap_count;
    struct verify_stratum summary;
};

struct verify_units;
struct verify_batch;

struct verify {
    struct verify_plan plan;
    struct arena *arena;   /* strata and findings */
    struct arena *scratch; /* one row's, or one batch's */
    const char *label;
    const struct design *design;
    struct verify_state **buckets;
    size_t bucket_count;
    struct verify_state *last; /* the stratum of the row before */
    struct verify_units *units;
    struct minimisation *tally; /* minimisation */
    struct verify_batch *batch; /* constrained */
    struct verify_result result;
    size_t stratum_capacity;
    size_t finding_capacity;
};

/*
 * Adds a finding at a row, which is kept where there is room. The texts are formatted only then:
 * `found` and `expected` are cells or strings of any life; NULL for nothing.
 */
void verify_find(struct verify *verify, struct verify_state *state, enum verify_fault fault,
    const struct ledger_row *row, const char *found, const char *expected);

/* The same about a cell. */
void verify_find_cell(struct verify *verify, struct verify_state *state, enum verify_fault fault,
    const struct ledger_row *row, enum ledger_column column, const char *expected);

/* The arm's index in protocol order; PROTOCOL_NONE for none of the protocol. */
size_t verify_arm(const struct verify *verify, struct ledger_cell cell);

/* Compares the row's arm, and tells of it. */
void verify_compare_arm(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row, size_t arm);

/* Compares what the row was decided on with the JSON text, and tells of it. Numbers are equal
 * within 1e-9, relative; members have no order. */
void verify_compare_decision(struct verify *verify, struct verify_state *state,
    const struct ledger_row *row, const char *expected);

/* A row of a known stratum at its due position. */
void verify_sequence_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row);
void verify_minimised_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row);
void verify_nonrandom_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row);

/* A batch is computed when its last row has been read. */
void verify_batch_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row);
void verify_batch_end(struct verify *verify);
void verify_batch_free(struct verify_batch *batch);

/* Units by fingerprint. */
struct verify_units *verify_units_new(void);
void verify_units_free(struct verify_units *units);

/* The line at which the unit stood before, or 0: then it is noted. */
unsigned verify_units_note(
    struct verify_units *units, const uint8_t fingerprint[16], unsigned line);

#endif
