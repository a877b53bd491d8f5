/*
 * rerandomise.h: the randomisation test. Under the hypothesis that the arms do not differ, a unit
 * has the same outcome whichever arm it gets; so the scheme's own design is run again over the same
 * units, in the same order, strata and levels, and the difference of the means that was seen is
 * held against those of the runs (Edgington; Rosenberger and Lachin 2016, chapter 6).
 *
 * Run t allocates with the engine of rctd-allocation(7) under the seed
 * SHA-256("rctd-rerandomise-v1" 00 dec(seed) 00 dec(t)), t from 0, and the scheme's own label:
 * whoever has the ledger repeats it, and the number of threads changes nothing. Constrained
 * randomisation draws each batch from its accepted set; a set that was sampled is that of run 0.
 *
 * p = (1 + runs at least as extreme) / (1 + runs). Where the whole reference set is small it is
 * gone through instead, and p is exact. A run in which one of the two arms has no unit with an
 * outcome has no difference; it counts as extreme. All units of the ledger are allocated again;
 * those without an outcome are in no mean.
 */
#ifndef RCTD_TRIAL_RERANDOMISE_H
#define RCTD_TRIAL_RERANDOMISE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "trial/proof/ledger.h"
#include "trial/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rerandomise_side { SIDE_TWO, SIDE_GREATER, SIDE_LESS };

/* Runs of an exact test, at most. */
#define RERANDOMISE_EXACT_MAX 2000000

struct rerandomise_pair {
    size_t first; /* arms, by protocol order; the difference is mean(first) - mean(second) */
    size_t second;
    int64_t units[2]; /* with an outcome */
    double means[2];
    double difference;
    int64_t extreme;   /* runs at least as extreme as what was seen */
    int64_t undefined; /* of these, runs without a difference */
    double weight;     /* exact: the probability of such an assignment */
    double p;
    double standard_error; /* of p; 0 where exact */
};

struct rerandomise; /* units and their outcomes; read-only once prepared */

struct rerandomise *rerandomise_new(const struct protocol *protocol,
    const struct protocol_scheme *scheme, enum rerandomise_side side,
    struct error *error) MUST_CHECK;
void rerandomise_free(struct rerandomise *test); /* NULL is allowed */

/* Rows of the scheme in the order of the file. ERROR_FIELDS: the row does not fit the scheme. */
bool rerandomise_row(
    struct rerandomise *test, const struct ledger_row *row, struct error *error) MUST_CHECK;

/* The outcome of a unit; false: the ledger does not have it. */
bool rerandomise_outcome(struct rerandomise *test, const char *unit, double value) MUST_CHECK;

/* The next unit without an outcome, behind the first `*at` units; NULL behind the last. */
const char *rerandomise_missing(const struct rerandomise *test, size_t *at);

/*
 * Ends the reading. `arms` are the arms to compare, as a bit set in protocol order; 0 stands for
 * all. ERROR_REFUSED where an arm has no outcome, or a batch cannot be solved. Of a constrained
 * scheme that is sampled the set follows from `seed`.
 */
bool rerandomise_prepare(
    struct rerandomise *test, uint32_t arms, uint64_t seed, struct error *error) MUST_CHECK;

/* A tally of runs, one per thread. */
struct rerandomise_tally {
    int64_t runs;
    size_t pair_count;
    struct rerandomise_pair *pairs;
};

struct rerandomise_tally *rerandomise_tally_new(const struct rerandomise *test);
void rerandomise_tally_free(struct rerandomise_tally *tally);
void rerandomise_tally_add(struct rerandomise_tally *tally, const struct rerandomise_tally *other);

/* Runs first .. first + count - 1. Any number of threads at once, each with its own tally. */
bool rerandomise_run(const struct rerandomise *test, uint64_t seed, int64_t first, int64_t count,
    struct rerandomise_tally *tally, struct error *error) MUST_CHECK;

/* Goes through the whole reference set; false where it has more than RERANDOMISE_EXACT_MAX
 * assignments, or is not known: blocks of several sizes, minimisation, a sampled set. Then the
 * tally is of no use. */
bool rerandomise_exact(const struct rerandomise *test, struct rerandomise_tally *tally) MUST_CHECK;

/* Works p and its standard error out of what was counted. */
void rerandomise_finish(struct rerandomise_tally *tally, bool exact);

#endif
