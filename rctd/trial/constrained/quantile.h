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

/* Type 7 (Hyndman and Fan 1996): between the ranks floor((n - 1) p) and the next, which must have
 * been selected. quantile_rank() is the first of the two. */
size_t quantile_rank(size_t count, double p);
double quantile_at(const double *scores, size_t count, double p);

#endif
