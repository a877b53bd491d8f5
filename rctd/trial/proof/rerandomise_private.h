/*
 * rerandomise_private.h: what the files of the randomisation test share (rerandomise.h).
 */
#ifndef RCTD_TRIAL_RERANDOMISE_PRIVATE_H
#define RCTD_TRIAL_RERANDOMISE_PRIVATE_H

#include "trial/constrained/constrained.h"
#include "trial/design/design.h"
#include "trial/proof/ledger_decision.h"
#include "trial/proof/rerandomise.h"
#include "trial/stream.h"

struct unit {
    const char *id;
    size_t arm; /* that the ledger has */
    bool known; /* it has an outcome */
    double value;
    double centred;            /* the value less the mean of all: differences stay as they are */
    const size_t *levels;      /* minimisation */
    struct ledger_batch batch; /* constrained */
};

/* A stratum, or a batch: units that are allocated one behind another, or all at once. */
struct group {
    const char *key; /* of the stratum */
    size_t first;    /* its units stand together in `units` */
    size_t count;
    int64_t number; /* of the batch */
    struct constrained_problem *problem;
    struct constrained_set *set;
    size_t *order; /* of each unit of the problem: its index in `units` */
};

struct rerandomise {
    struct arena *arena;
    const struct protocol *protocol;
    const struct protocol_scheme *scheme;
    const struct design *design;
    const char *label;
    enum rerandomise_side side;
    struct unit *units; /* in the order of the ledger */
    size_t unit_count;
    size_t unit_capacity;
    struct group *groups;
    size_t group_count;
    size_t group_capacity;
    size_t *by_id;                  /* indexes into `units`, by id; NULL before the first outcome */
    double slack;                   /* differences that are no farther apart are equal */
    struct rerandomise_pair *pairs; /* what was seen */
    size_t pair_count;
};

/* The means of one assignment, from which each pair's difference follows. */
struct means {
    double sums[PROTOCOL_ARMS_MAX];
    int64_t counts[PROTOCOL_ARMS_MAX];
};

/* The difference of a pair's arms; false where an arm has nobody with an outcome. */
bool rerandomise_difference(
    const struct means *means, const struct rerandomise_pair *pair, double *difference);

/* Counts an assignment, which has this probability (exact) or is one of the runs. */
void rerandomise_count(const struct rerandomise *test, const struct means *means, double weight,
    struct rerandomise_tally *tally);

/* The seed of run t. */
void rerandomise_seed(uint64_t seed, int64_t run, uint8_t out[SEED_SIZE]);

/* Solves the batches of a constrained scheme, once; `seed` gives the samples. */
bool rerandomise_solve(struct rerandomise *test, uint64_t seed, struct error *error) MUST_CHECK;

#endif
