/*
 * quantile.h: quantiles of many scores without sorting them all.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_QUANTILE_H
#define RCTD_TRIAL_CONSTRAINED_QUANTILE_H

#include <stddef.h>

/*
 * Rearranges the scores so that at each of the ranks (from 0, rising) stands what would stand there
 * were they sorted.
 */
void quantile_select(double *scores, size_t count, const size_t *ranks, size_t rank_count);

/*
 * Type 7 (Hyndman and Fan 1996) where each of `count` scores stands for `times` equal ones: between
 * the ranks floor((count * times - 1) p) and the next. quantile_ranks() gives the one or two ranks
 * among the scores that must have been selected.
 */
void quantile_ranks(size_t count, unsigned times, double p, size_t ranks[2]);
double quantile_at(const double *scores, size_t count, unsigned times, double p);

#endif
