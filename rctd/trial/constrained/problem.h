/*
 * problem.h: what the files of this directory ask of a problem.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_PROBLEM_H
#define RCTD_TRIAL_CONSTRAINED_PROBLEM_H

#include "trial/constrained/constrained.h"

/* Have the two arms the same size in every stratum? Then they can bear each other's names. */
bool problem_alike(const struct constrained_problem *problem, size_t a, size_t b);

#endif
