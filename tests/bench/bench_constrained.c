/*
 * bench_constrained.c: the whole of a constrained randomisation (score every assignment, quantiles,
 * the accepted set in its order, how often each pair is together), against a plain C loop that only
 * scores: it computes each assignment's means and differences directly.
 */
#include "base/bits.h"
#include "bench.h"
#include "trial/constrained/constrained.h"

#include <stdlib.h>

#define COLUMNS 6
#define UNITS_MAX 24

/* What was computed must be used, or it need not be. */
static volatile double sink;

static double values[COLUMNS][UNITS_MAX];

/* The same numbers on every machine: some of few digits, some of many, two of 0 and 1. */
static void
fill_values(void)
{
    uint32_t state = 1;
    for (size_t k = 0; k < COLUMNS; k++)
        for (size_t i = 0; i < UNITS_MAX; i++) {
            state = state * 1664525 + 1013904223;
            double fraction = (state >> 8) / 16777216.0;
            values[k][i] = k < 2   ? (double)(fraction < 0.4)
                           : k < 4 ? (double)(int)(fraction * 90)
                                   : fraction * 1000;
        }
}

static struct constrained_problem *
make_problem(struct arena *arena, size_t units)
{
    const char **ids = arena_array(arena, units, sizeof *ids);
    const unsigned ratio[] = {1, 1};
    for (size_t i = 0; i < units; i++)
        ids[i] = arena_printf(arena, "W%04zu", i);
    struct constrained_problem *problem = constrained_problem_new(arena, ids, units, NULL);
    const struct constrained_covariate covariate = {.name = "x", .weight = 1};
    for (size_t k = 0; k < COLUMNS; k++)
        constrained_add_numbers(problem, &covariate, values[k]);
    constrained_even_sizes(problem, ratio, COUNT_OF(ratio));
    problem->metric = SCORE_L2;
    problem->accept = 0.1;
    problem->enumerate = CONSTRAINED_SCORED_MAX;
    return problem;
}

/* Seconds; ends the bench where there are not `count` assignments. */
static double
solve(const struct constrained_problem *problem, uint64_t count)
{
    struct error error = ERROR_CLEAR;
    double start = bench_cpu_seconds();
    struct constrained_set *set = constrained_solve(problem, NULL, NULL, &error);
    if (set == NULL || constrained_summary(set)->assignments != count) {
        fprintf(stderr, "bench_constrained: %s\n", error.detail);
        exit(EXIT_FAILURE);
    }
    sink = constrained_summary(set)->cutoff_score + (double)constrained_together(set, 0, 1);
    double seconds = bench_cpu_seconds() - start;
    constrained_free(set);
    return seconds;
}

static double
sample_variance(const double *x, size_t units)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < units; i++)
        sum += x[i];
    for (size_t i = 0; i < units; i++)
        squares += (x[i] - sum / (double)units) * (x[i] - sum / (double)units);
    return squares / (double)(units - 1);
}

static double
score_directly(const double *variances, size_t units, uint32_t mask)
{
    double score = 0;
    for (size_t k = 0; k < COLUMNS; k++) {
        double sums[2] = {0, 0};
        for (size_t i = 0; i < units; i++)
            sums[mask >> i & 1] += values[k][i];
        double apart = (sums[0] - sums[1]) / (double)(units / 2);
        score += apart * apart / variances[k];
    }
    return score;
}

/* Every set of half of the bits. */
static double
loop(size_t units)
{
    double start = bench_cpu_seconds(), sum = 0, variances[COLUMNS];
    for (size_t k = 0; k < COLUMNS; k++)
        variances[k] = sample_variance(values[k], units);
    uint64_t mask = (UINT64_C(1) << units / 2) - 1;
    while (mask < UINT64_C(1) << units) {
        sum += score_directly(variances, units, (uint32_t)mask);
        uint64_t low = mask & -mask, ripple = mask + low;
        mask = ripple | ((mask ^ ripple) / low >> 2);
    }
    sink = sum;
    return bench_cpu_seconds() - start;
}

static void
run(const char *name, size_t units, uint64_t count, int rounds)
{
    struct arena *arena = arena_new();
    const struct constrained_problem *problem = make_problem(arena, units);
    double best = 1e9, best_loop = 1e9;
    for (int i = 0; i < rounds; i++) {
        double seconds = solve(problem, count), loop_seconds = loop(units);
        best = seconds < best ? seconds : best;
        best_loop = loop_seconds < best_loop ? loop_seconds : best_loop;
    }
    bench_report(name, best * 1e3, "ms", best_loop * 1e3, "plain C loop that only scores");
    arena_free(arena);
}

int
main(int argc, char **argv)
{
    bits_start();
    fill_values();
    if (bench_wanted(argc, argv, "constrained.16c8"))
        run("constrained.16c8", 16, 12870, 50);
    if (bench_wanted(argc, argv, "constrained.24c12"))
        run("constrained.24c12", 24, 2704156, 3);
    return 0;
}
