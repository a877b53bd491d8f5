/*
 * constrain_people.c: the scores with their histogram, the pairs that the design ties together,
 * what was drawn, and what should give pause.
 */
#include "cli/design/constrain_people.h"

#include "cli/design/constrain_pairs.h"
#include "cli/grid.h"
#include "trial/constrained/problem.h"

#include <stdio.h>
#include <string.h>

#define BINS 20
#define BAR 50
#define PAIRS_SHOWN 30 /* programs get all of them */

/* 12870 as "12,870". */
static const char *
grouped(struct arena *arena, uint64_t number)
{
    if (number < 1000)
        return arena_printf(arena, "%u", (unsigned)number);
    return arena_printf(arena, "%s,%03u", grouped(arena, number / 1000), (unsigned)(number % 1000));
}

static void
print_heading(struct arena *arena, const struct constrain_result *result)
{
    const struct constrained_problem *problem = result->input->problem;
    const struct constrained_summary *summary = constrained_summary(result->set);
    printf("%zu units", problem->units);
    if (problem->stratum_count > 1)
        printf(" in %zu strata", problem->stratum_count);
    for (size_t arm = 0; arm < problem->arms; arm++) {
        size_t size = 0;
        for (size_t stratum = 0; stratum < problem->stratum_count; stratum++)
            size += problem->sizes[stratum * problem->arms + arm];
        printf("%s %s %zu", arm == 0 ? ":" : ",", result->input->arms[arm], size);
    }
    printf("; %zu column%s, %s\n", problem->column_count, problem->column_count == 1 ? "" : "s",
        problem->metric == SCORE_L1 ? "l1" : "l2");
    printf("%s assignments, %s\n", grouped(arena, summary->assignments),
        summary->enumerated ? "all that there are"
                            : "a sample: there are too many to score them all");
    if (summary->within < summary->assignments)
        printf("%s of them meet the limits\n", grouped(arena, summary->within));
    printf("%s accepted, with a score up to %.6g (quantile %g)\n\n",
        grouped(arena, summary->accepted), summary->cutoff_score, problem->accept);
}

static void
print_scores(struct arena *arena, const struct constrained_summary *summary)
{
    static const struct grid_column columns[] = {{.title = "min", .right = true},
        {.title = "5 %", .right = true}, {.title = "10 %", .right = true},
        {.title = "20 %", .right = true}, {.title = "25 %", .right = true},
        {.title = "30 %", .right = true}, {.title = "50 %", .right = true},
        {.title = "75 %", .right = true}, {.title = "95 %", .right = true},
        {.title = "max", .right = true}, {.title = "mean", .right = true},
        {.title = "sd", .right = true}};
    const char *cells[COUNT_OF(columns)];
    size_t used = 0;
    cells[used++] = arena_printf(arena, "%.4g", summary->min);
    for (size_t i = 0; i < CONSTRAINED_QUANTILES; i++)
        cells[used++] = arena_printf(arena, "%.4g", summary->quantiles[i]);
    cells[used++] = arena_printf(arena, "%.4g", summary->max);
    cells[used++] = arena_printf(arena, "%.4g", summary->mean);
    cells[used++] = arena_printf(arena, "%.4g", summary->sd);
    grid_print(&(struct grid){.arena = arena,
        .columns = columns,
        .column_count = COUNT_OF(columns),
        .cells = cells,
        .row_count = 1,
        .headings = true});
}

/* A line per bin; the cut-off stands under the bin that it lies in. */
static void
print_histogram(struct arena *arena, const struct constrained_set *set)
{
    const struct constrained_summary *summary = constrained_summary(set);
    double width = (summary->max - summary->min) / BINS;
    uint64_t bins[BINS], most = 1;
    constrained_histogram(set, bins, BINS);
    for (size_t i = 0; i < BINS; i++)
        most = bins[i] > most ? bins[i] : most;
    if (!(width > 0))
        return;
    printf("\nScores from\n");
    for (size_t i = 0; i < BINS; i++) {
        double low = summary->min + (double)i * width;
        char bar[BAR + 1];
        size_t length = (size_t)((bins[i] * BAR + most - 1) / most);
        memset(bar, '#', length);
        bar[length] = '\0';
        printf("%10.4g  %-*s %s\n", low, BAR, bar, grouped(arena, bins[i]));
        if (summary->cutoff_score >= low && summary->cutoff_score < low + width)
            printf("%10.4g  ------ cut-off ------\n", summary->cutoff_score);
    }
}

static void
print_pairs(struct arena *arena, const struct constrain_result *result)
{
    static const char *const titles[PAIR_KINDS] = {
        [PAIRS_ALWAYS] = "Always in one arm",
        [PAIRS_NEVER] = "Never in one arm",
        [PAIRS_OFTEN] = "In one arm in 75 % of the accepted assignments or more",
        [PAIRS_SELDOM] = "In one arm in 25 % of the accepted assignments or less",
    };
    for (enum pair_kind kind = 0; kind < PAIR_KINDS; kind++) {
        struct constrain_pairs pairs = constrain_pairs(arena, result, kind);
        if (pairs.count == 0)
            continue;
        printf("\n%s\n", titles[kind]);
        for (size_t i = 0; i < pairs.count && i < PAIRS_SHOWN; i++)
            printf("  %s and %s (%.1f %%)\n", pairs.items[i].first, pairs.items[i].second,
                100 * pairs.items[i].share);
        if (pairs.count > PAIRS_SHOWN)
            printf("  and %zu more pairs; --json lists them all\n", pairs.count - PAIRS_SHOWN);
    }
}

static double
mean_in(const struct constrain_result *result, size_t column, size_t arm)
{
    const struct constrained_problem *problem = result->input->problem;
    double sum = 0, count = 0;
    for (size_t unit = 0; unit < problem->units; unit++)
        if (result->arms[unit] == arm) {
            sum += problem->columns[column].values[unit];
            count++;
        }
    return sum / count;
}

/* The means of each column in each arm. */
static void
print_balance(struct arena *arena, const struct constrain_result *result)
{
    const struct constrained_problem *problem = result->input->problem;
    size_t width = problem->arms + 1, used = 0;
    struct grid_column *columns = arena_array(arena, width, sizeof *columns);
    const char **cells = arena_array(arena, problem->column_count * width, sizeof *cells);
    columns[0] = (struct grid_column){.title = "mean of"};
    for (size_t arm = 0; arm < problem->arms; arm++)
        columns[arm + 1] = (struct grid_column){.title = result->input->arms[arm], .right = true};
    for (size_t k = 0; k < problem->column_count; k++) {
        const struct constrained_column *column = &problem->columns[k];
        cells[used++] = column->level == NULL
                            ? column->covariate
                            : arena_printf(arena, "%s=%s", column->covariate, column->level);
        for (size_t arm = 0; arm < problem->arms; arm++)
            cells[used++] = arena_printf(arena, "%.6g", mean_in(result, k, arm));
    }
    printf("\n");
    grid_print(&(struct grid){.arena = arena,
        .columns = columns,
        .column_count = width,
        .cells = cells,
        .row_count = problem->column_count,
        .headings = true});
}

static void
print_choice(struct arena *arena, const struct constrain_result *result)
{
    static const struct grid_column columns[] = {{.title = "id"}, {.title = "arm"}};
    size_t units = result->input->problem->units;
    const char **cells = arena_array(arena, 2 * units, sizeof *cells);
    printf("\nDrawn: number %s of the accepted assignments, from 0; score %.6g; label %s, batch "
           "%lld\n\n",
        grouped(arena, result->chosen), constrained_score(result->set, result->chosen),
        result->label, (long long)result->batch);
    for (size_t row = 0; row < units; row++)
        cells[2 * row + 1] = constrain_arm_of(result, row, &cells[2 * row]);
    grid_print(&(struct grid){.arena = arena,
        .columns = columns,
        .column_count = COUNT_OF(columns),
        .cells = cells,
        .row_count = units,
        .headings = true});
    print_balance(arena, result);
}

static void
print_warnings(struct arena *arena, const struct constrain_result *result)
{
    const struct constrained_problem *problem = result->input->problem;
    uint64_t accepted = constrained_summary(result->set)->accepted;
    size_t tied = constrain_pairs(arena, result, PAIRS_ALWAYS).count +
                  constrain_pairs(arena, result, PAIRS_NEVER).count;
    double least = problem_alike(problem, 0, 1) && problem->arms == 2 ? 2 : 1;
    if (accepted < CONSTRAINED_FEW)
        printf("\nWarning: only %llu assignments are accepted, fewer than %d: the allocation is "
               "hardly random, and a permutation test finds no p-value under %.2g. Raise --cutoff, "
               "balance fewer covariates or widen limits (Moulton 2004; Li et al. 2016).\n",
            (unsigned long long)accepted, CONSTRAINED_FEW, least / (double)accepted);
    if (tied > 0)
        printf("\nWarning: %zu pair%s of units %s always or never in one arm: the design is not "
               "valid in the sense of Bailey and Rowley 1987, and an analysis that takes units as "
               "independent may be wrong (Moulton 2004).\n",
            tied, tied == 1 ? "" : "s", tied == 1 ? "is" : "are");
}

void
constrain_people(struct arena *arena, const struct constrain_result *result)
{
    print_heading(arena, result);
    print_scores(arena, constrained_summary(result->set));
    print_histogram(arena, result->set);
    print_pairs(arena, result);
    if (result->drawn)
        print_choice(arena, result);
    print_warnings(arena, result);
}
