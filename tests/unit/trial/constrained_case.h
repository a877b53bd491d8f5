/*
 * constrained_case.h: problems of constrained randomisation for tests.
 */
#ifndef TESTS_UNIT_TRIAL_CONSTRAINED_CASE_H
#define TESTS_UNIT_TRIAL_CONSTRAINED_CASE_H

#include "trial/constrained/constrained.h"

#include <check.h>

/* Units U00, U01, ... with columns of numbers [column * units + unit], arms in the ratio given. */
static inline struct constrained_problem *
case_make(struct arena *arena, size_t units, const double *columns, size_t column_count,
    const unsigned *ratio, size_t arms)
{
    const char **ids = arena_array(arena, units, sizeof *ids);
    for (size_t i = 0; i < units; i++)
        ids[i] = arena_printf(arena, "U%02zu", i);
    struct constrained_problem *problem = constrained_problem_new(arena, ids, units, NULL);
    const struct constrained_covariate covariate = {.name = "x", .weight = 1};
    for (size_t k = 0; k < column_count; k++)
        constrained_add_numbers(problem, &covariate, columns + k * units);
    constrained_even_sizes(problem, ratio, arms);
    for (size_t arm = 0; arm < arms; arm++)
        problem->arm_indexes[arm] = arm;
    problem->accept = 0.1;
    problem->enumerate = 1000000;
    problem->sample = 1000;
    return problem;
}

/* Numbers that look like chance and are the same in every run. */
static inline void
case_fill(double *values, size_t count, uint32_t state, double scale)
{
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        values[i] = (double)(state >> 8) / 16777216 * scale;
    }
}

static inline struct constrained_set *
case_solve(const struct constrained_problem *problem)
{
    struct error error = ERROR_CLEAR;
    struct constrained_set *set = constrained_solve(problem, NULL, NULL, &error);
    ck_assert_msg(set != NULL, "%s", error.detail);
    return set;
}

#endif
