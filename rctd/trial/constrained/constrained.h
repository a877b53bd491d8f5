/*
 * constrained.h: constrained randomisation, as rctd-allocation(7) defines it. All units of a batch
 * are allocated at once: every assignment with the wanted arm sizes is scored (or a sample of them,
 * where there are too many), those with the best balance are the accepted set, and one of it is
 * drawn. Pure: problem, seed, label and batch in, an assignment and its record out.
 *
 * From a protocol: constrained_problem_of(), then constrained_allocate(). By hand: fill a struct
 * constrained_problem with constrained_problem_new(), constrained_add_*() and
 * constrained_even_sizes(). A solved set may be asked by several threads at once.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_CONSTRAINED_H
#define RCTD_TRIAL_CONSTRAINED_CONSTRAINED_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/fault.h"
#include "trial/protocol.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSTRAINED_UNITS_MAX 1000
#define CONSTRAINED_SCORED_MAX 20000000 /* assignments that are scored in one set */
#define CONSTRAINED_FEW 100             /* fewer accepted ones are worth a warning */

/* A number per unit whose means the arms are compared by. */
struct constrained_column {
    const char *covariate;
    const char *level;  /* of a categorical covariate: 1 where the unit has it, else 0; or NULL */
    double *values;     /* per unit, in the order of the problem's ids */
    double weight;      /* over 0 */
    double mean_limit;  /* two arms' means never differ by more; 0: no such limit */
    double total_limit; /* two arms' totals never differ by more; 0: no such limit */
};

/*
 * What is to be solved. Units stand in canonical order: by id, bytewise. Arms count from 0; each
 * has one unit or more. Strata count from 0, in the bytewise order of their keys.
 */
struct constrained_problem {
    struct arena *arena;
    size_t units;
    const char **ids;                      /* rising */
    struct protocol_values *values;        /* per unit, for the record: what it was decided on */
    size_t *strata;                        /* per unit: its stratum */
    size_t stratum_count;                  /* 1 where there are no strata */
    size_t arms;                           /* 2 to PROTOCOL_ARMS_MAX */
    size_t arm_indexes[PROTOCOL_ARMS_MAX]; /* of each arm in protocol order */
    size_t *sizes;                         /* [stratum * arms + arm]: units of each arm in it */
    struct constrained_column *columns;
    size_t column_count;
    size_t column_capacity;
    enum protocol_score metric;
    double accept;      /* quantile of the scores that is accepted, over 0 to 1 */
    uint64_t enumerate; /* up to so many assignments are scored one and all */
    uint64_t sample;    /* beyond it, so many distinct ones are */
};

/* A covariate by name, with what the columns made of it have in common. */
struct constrained_covariate {
    const char *name;
    double weight; /* over 0 */
    double mean_limit;
    double total_limit;
};

/*
 * An empty problem over these units, in any order, in one stratum and without columns and sizes.
 * The ids are borrowed, and differ from each other. `order`, where not NULL, gets for each unit of
 * the problem its index in `ids`.
 */
struct constrained_problem *constrained_problem_new(
    struct arena *arena, const char *const *ids, size_t units, size_t *order);

/* Adds a column of numbers; ordinal covariates are 1, 2, 3, ... Per unit of the problem. */
void constrained_add_numbers(struct constrained_problem *problem,
    const struct constrained_covariate *covariate, const double *values);

/* Adds a column for each level but the first of the list, where some units have it and others do
 * not; gives how many that were. `level` of each unit of the problem is an index into `levels`. */
size_t constrained_add_levels(struct constrained_problem *problem,
    const struct constrained_covariate *covariate, const char *const *levels, size_t level_count,
    const size_t *level);

/* Divides the units of the problem into strata by their keys, one per unit. */
void constrained_stratify(struct constrained_problem *problem, const char *const *keys);

/*
 * Sets the sizes of all arms in all strata by the ratio: stratum after stratum each arm gets the
 * whole part of its share, and units that are left over go one each to the arms that are furthest
 * behind their share of all strata so far (of equal ones to the first). Without strata this is the
 * method of the largest remainder.
 */
void constrained_even_sizes(
    struct constrained_problem *problem, const unsigned *ratio, size_t arms);

/* How many assignments there are; UINT64_MAX where they are more than that. */
uint64_t constrained_count(const struct constrained_problem *problem);

/* Takes the bar further: `done` of `total`. */
struct constrained_progress {
    void (*tell)(void *context, int64_t done, int64_t total);
    void *context;
};

#define CONSTRAINED_QUANTILES 8 /* 0.05 0.1 0.2 0.25 0.3 0.5 0.75 0.95 */
extern const double constrained_quantile_of[CONSTRAINED_QUANTILES];

/* The scores of all assignments that were scored; quantiles are of type 7. */
struct constrained_summary {
    uint64_t assignments; /* scored: all there are, or the sample */
    bool enumerated;      /* all there are */
    uint64_t within;      /* of them, those that meet the limits */
    uint64_t accepted;
    double cutoff_score; /* the quantile; limits do not change it */
    double min;
    double mean;
    double sd; /* n - 1; 0 of one assignment */
    double quantiles[CONSTRAINED_QUANTILES];
    double max;
};

struct constrained_set;

/*
 * Scores and accepts. `sample` gives the words of a sample, from where it stands, and is not
 * touched where all assignments are scored. NULL with ERROR_REFUSED where the problem cannot be
 * solved: a column in which all units are the same, an arm without units, sizes that do not add up,
 * too many assignments, limits that no accepted assignment meets. `progress` may be NULL. The
 * problem outlives the set.
 */
struct constrained_set *constrained_solve(const struct constrained_problem *problem,
    struct stream *sample, const struct constrained_progress *progress,
    struct error *error) MUST_CHECK;
void constrained_free(struct constrained_set *set); /* NULL is allowed */

const struct constrained_summary *constrained_summary(const struct constrained_set *set);

/* The accepted assignment of that index, from 0, in the order (score, assignment): the arm of each
 * unit of the problem. Its score, computed from that assignment alone. */
void constrained_arms(const struct constrained_set *set, uint64_t index, uint8_t *arms);
double constrained_score(const struct constrained_set *set, uint64_t index);

/* In how many accepted assignments the units i and j are in the same arm. */
uint64_t constrained_together(const struct constrained_set *set, size_t i, size_t j);

/* How many scores lie in each of `count` bins of equal width from min to max. */
void constrained_histogram(const struct constrained_set *set, uint64_t *bins, size_t count);

/* What was drawn from the set, with its record. */
struct constrained_choice {
    struct constrained_summary summary;
    uint64_t chosen; /* index in the accepted set, from 0 */
    double score;
    size_t *arms;           /* per unit of the problem: its arm in protocol order */
    const char **decisions; /* per unit of the problem: JSON for the ledger */
};

/* Is there more than one assignment to draw from? ERROR_REFUSED where not: whoever can solve the
 * problem knows each unit's arm. */
bool constrained_is_random(const struct constrained_set *set, struct error *error) MUST_CHECK;

/*
 * Solves the problem and draws from the set, in one draw: number `batch`, from 1, of the stratum
 * "". ERROR_REFUSED where there is nothing to draw. Everything in `choice` lies in the arena. The
 * seed belongs to the caller, who wipes it.
 */
bool constrained_allocate(struct arena *arena, const struct constrained_problem *problem,
    const uint8_t seed[SEED_SIZE], const char *label, int64_t batch,
    const struct constrained_progress *progress, struct constrained_choice *choice,
    struct error *error) MUST_CHECK;

/* The index that a seed draws from a set whose assignments were all scored: for running a batch
 * again under many seeds without solving it again. */
uint64_t constrained_draw(const struct constrained_set *set, const uint8_t seed[SEED_SIZE],
    const char *label, int64_t batch);

/* A unit of a batch with its attributes. A value may be given under the attribute's own name also
 * where the protocol derives it (a band), as a ledger's decision does. */
struct constrained_unit {
    const char *id;
    struct protocol_values values;
};

/*
 * The problem of a scheme's batch, in the arena; it borrows ids and values. Factors become columns:
 * levels one for each but the first in protocol order, ordinal ones 1, 2, 3, ..., numbers as they
 * are. A factor in which all units are the same can set nothing apart and has no column. NULL with
 * a fault for each value that is missing or not right (its pointer is the attribute) and for what
 * else is wrong: an id twice, fewer units than arms.
 */
struct constrained_problem *constrained_problem_of(struct arena *arena,
    const struct protocol *protocol, const struct protocol_scheme *scheme,
    const struct constrained_unit *units, size_t count, struct faults *faults);

#endif
