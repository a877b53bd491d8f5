/*
 * problem.h: what the files of this directory ask of a problem.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_PROBLEM_H
#define RCTD_TRIAL_CONSTRAINED_PROBLEM_H

#include "trial/constrained/constrained.h"

/* n over k; UINT64_MAX where it is more. */
uint64_t problem_combinations(uint64_t n, uint64_t k);

/* Have the two arms the same size in every stratum? Then they can bear each other's names. */
bool problem_alike(const struct constrained_problem *problem, size_t a, size_t b);

/* Has it the units and arms that it can have, and do the sizes add up? ERROR_REFUSED. */
bool problem_check(const struct constrained_problem *problem, struct error *error) MUST_CHECK;

#endif
