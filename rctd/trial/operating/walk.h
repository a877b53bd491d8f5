/*
 * walk.h: every way that the counts of the arms can go from zero, step by step, with its
 * probability: the states that a design comes to and the steps between them. Figures of each step
 * are summed while it is built; how likely the counts are to have stayed close together is computed
 * from it, bound by bound.
 *
 * States that differ only by which of equally large arms is which are one state.
 */
#ifndef RCTD_TRIAL_OPERATING_WALK_H
#define RCTD_TRIAL_OPERATING_WALK_H

#include "trial/operating/pairs.h"

#include <stddef.h>

/* After `k` allocations. */
struct walk_step {
    double guess;    /* probability that allocation k + 1 is guessed */
    double certain;  /* that its arm has the probability 1 */
    double absolute; /* mean absolute difference, over the pairs */
    double square;   /* mean square, likewise */
    double *mean;    /* of each of the pairs' arms: mean number */
};

struct walk;

/*
 * The first `steps` allocations, of a design that goes by counts (`block` 0) or of a permuted block
 * of this size. The scheme is only read here. NULL where there are too many states.
 */
struct walk *walk_new(const struct protocol_scheme *scheme, size_t block, size_t steps);
void walk_free(struct walk *walk); /* NULL is allowed */

const struct walk_step *walk_steps(const struct walk *walk); /* steps + 1 of them */
size_t walk_states(const struct walk *walk);

/* The largest absolute differences that occur, rising, without repetition. */
const double *walk_bounds(const struct walk *walk, size_t *count);

/* stayed[k], k from 0 to steps: the probability that no difference was over the bound up to
 * allocation k. */
void walk_stay(struct walk *walk, double bound, double *stayed);

#endif
