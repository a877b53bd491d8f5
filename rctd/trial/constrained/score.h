/*
 * score.h: how far the arms of an assignment are apart, kept up while units exchange their arms.
 *
 * Values are turned into whole numbers first, as many decimal digits of each column as sums of them
 * stay exact in a double. So nothing drifts, however many exchanges there were, and an assignment
 * has the same score on every way to it.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_SCORE_H
#define RCTD_TRIAL_CONSTRAINED_SCORE_H

#include "trial/constrained/constrained.h"

/* Scores that differ by no more count as one: rounding never parts what is the same by rights. */
static inline double
score_tolerance(double score)
{
    return 1e-9 * score + 1e-12;
}

struct scorer;

/* NULL with ERROR_REFUSED where all units are the same in a column. */
struct scorer *scorer_new(const struct constrained_problem *problem, struct error *error);
void scorer_free(struct scorer *scorer); /* NULL is allowed */

/* The arms of all units; what follows from them is computed anew. */
void scorer_set(struct scorer *scorer, const uint8_t *arms);
const uint8_t *scorer_arms(const struct scorer *scorer);

/* The two units exchange their arms. */
void scorer_exchange(struct scorer *scorer, size_t first, size_t second);

double scorer_score(const struct scorer *scorer);

/* Does the assignment meet every limit? */
bool scorer_within(const struct scorer *scorer);

#endif
