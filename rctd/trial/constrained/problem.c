/*
 * problem.c: puts a problem together: units in their order, columns, strata, and how many units of
 * each stratum every arm gets.
 */
#include "trial/constrained/problem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct named {
    const char *id;
    size_t index;
};

static int
compare_named(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

struct constrained_problem *
constrained_problem_new(struct arena *arena, const char *const *ids, size_t units, size_t *order)
{
    struct constrained_problem *problem = arena_alloc(arena, sizeof *problem);
    struct named *sorted = arena_array(arena, units, sizeof *sorted);
    for (size_t i = 0; i < units; i++)
        sorted[i] = (struct named){ids[i], i};
    if (units > 0)
        qsort(sorted, units, sizeof *sorted, compare_named);
    *problem = (struct constrained_problem){.arena = arena,
        .units = units,
        .ids = arena_array(arena, units, sizeof *problem->ids),
        .values = arena_array(arena, units, sizeof *problem->values),
        .strata = arena_array(arena, units, sizeof *problem->strata),
        .stratum_count = 1};
    for (size_t i = 0; i < units; i++) {
        problem->ids[i] = sorted[i].id;
        if (order != NULL)
            order[i] = sorted[i].index;
    }
    return problem;
}

static struct constrained_column *
add_column(struct constrained_problem *problem, const struct constrained_covariate *covariate)
{
    problem->columns = arena_grow(problem->arena, problem->columns, problem->column_count,
        &problem->column_capacity, sizeof *problem->columns);
    struct constrained_column *column = &problem->columns[problem->column_count++];
    *column = (struct constrained_column){.covariate = covariate->name,
        .values = arena_array(problem->arena, problem->units, sizeof *column->values),
        .weight = covariate->weight,
        .mean_limit = covariate->mean_limit,
        .total_limit = covariate->total_limit};
    return column;
}

void
constrained_add_numbers(struct constrained_problem *problem,
    const struct constrained_covariate *covariate, const double *values)
{
    struct constrained_column *column = add_column(problem, covariate);
    memcpy(column->values, values, problem->units * sizeof *values);
}

size_t
constrained_add_levels(struct constrained_problem *problem,
    const struct constrained_covariate *covariate, const char *const *levels, size_t level_count,
    const size_t *level)
{
    size_t added = 0;
    for (size_t i = 1; i < level_count; i++) {
        size_t have = 0;
        for (size_t unit = 0; unit < problem->units; unit++)
            have += level[unit] == i;
        if (have == 0 || have == problem->units)
            continue;
        struct constrained_column *column = add_column(problem, covariate);
        column->level = levels[i];
        for (size_t unit = 0; unit < problem->units; unit++)
            column->values[unit] = level[unit] == i;
        added++;
    }
    return added;
}

void
constrained_stratify(struct constrained_problem *problem, const char *const *keys)
{
    struct named *sorted = arena_array(problem->arena, problem->units, sizeof *sorted);
    for (size_t i = 0; i < problem->units; i++)
        sorted[i] = (struct named){keys[i], i};
    if (problem->units > 0)
        qsort(sorted, problem->units, sizeof *sorted, compare_named);
    size_t stratum = 0;
    for (size_t i = 0; i < problem->units; i++) {
        if (i > 0 && strcmp(sorted[i].id, sorted[i - 1].id) != 0)
            stratum++;
        problem->strata[sorted[i].index] = stratum;
    }
    problem->stratum_count = stratum + 1;
}

/* How far an arm is behind its share, in units times the ratio's sum. */
struct behind {
    long long by;
    size_t arm;
};

static int
compare_behind(const void *a, const void *b)
{
    const struct behind *x = a, *y = b;
    if (x->by != y->by)
        return x->by > y->by ? -1 : 1;
    return x->arm < y->arm ? -1 : x->arm > y->arm;
}

void
constrained_even_sizes(struct constrained_problem *problem, const unsigned *ratio, size_t arms)
{
    long long sum = 0, given[PROTOCOL_ARMS_MAX] = {0}, so_far = 0;
    assert(arms <= PROTOCOL_ARMS_MAX);
    for (size_t arm = 0; arm < arms; arm++)
        sum += ratio[arm];
    assert(sum > 0);
    problem->arms = arms;
    problem->sizes =
        arena_array(problem->arena, problem->stratum_count * arms, sizeof *problem->sizes);
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++) {
        size_t *sizes = problem->sizes + stratum * arms;
        struct behind behind[PROTOCOL_ARMS_MAX];
        long long units = 0, left;
        for (size_t unit = 0; unit < problem->units; unit++)
            units += problem->strata[unit] == stratum;
        so_far += units;
        left = units;
        for (size_t arm = 0; arm < arms; arm++) {
            sizes[arm] = (size_t)(units * ratio[arm] / sum);
            left -= (long long)sizes[arm];
            given[arm] += (long long)sizes[arm];
            behind[arm] = (struct behind){so_far * ratio[arm] - given[arm] * sum, arm};
        }
        qsort(behind, arms, sizeof *behind, compare_behind);
        for (long long i = 0; i < left; i++) {
            sizes[behind[i].arm]++;
            given[behind[i].arm]++;
        }
    }
}

uint64_t
problem_combinations(uint64_t n, uint64_t k)
{
    unsigned __int128 ways = 1;
    k = k > n - k ? n - k : k;
    for (uint64_t i = 1; i <= k; i++) {
        ways = ways * (n - k + i) / i;
        if (ways > UINT64_MAX)
            return UINT64_MAX;
    }
    return (uint64_t)ways;
}

uint64_t
constrained_count(const struct constrained_problem *problem)
{
    uint64_t count = 1;
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++) {
        uint64_t left = 0;
        for (size_t arm = 0; arm < problem->arms; arm++)
            left += problem->sizes[stratum * problem->arms + arm];
        for (size_t arm = 0; arm < problem->arms; arm++) {
            size_t size = problem->sizes[stratum * problem->arms + arm];
            if (__builtin_mul_overflow(count, problem_combinations(left, size), &count))
                return UINT64_MAX;
            left -= size;
        }
    }
    return count;
}

bool
problem_alike(const struct constrained_problem *problem, size_t a, size_t b)
{
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++) {
        const size_t *sizes = problem->sizes + stratum * problem->arms;
        if (sizes[a] != sizes[b])
            return false;
    }
    return true;
}

static bool
check_sizes(const struct constrained_problem *problem, struct error *error)
{
    size_t wanted = 0;
    for (size_t arm = 0; arm < problem->arms; arm++) {
        size_t size = 0;
        for (size_t stratum = 0; stratum < problem->stratum_count; stratum++)
            size += problem->sizes[stratum * problem->arms + arm];
        if (size == 0)
            return error_set(error, ERROR_REFUSED, "constrained sizes",
                "%zu units are too few for %zu arms: each needs one", problem->units,
                problem->arms);
        wanted += size;
    }
    if (wanted != problem->units)
        return error_set(error, ERROR_REFUSED, "constrained sizes",
            "the arms add up to %zu units, but there are %zu", wanted, problem->units);
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++) {
        size_t units = 0;
        for (size_t unit = 0; unit < problem->units; unit++)
            units += problem->strata[unit] == stratum;
        for (size_t arm = 0; arm < problem->arms; arm++)
            units -= problem->sizes[stratum * problem->arms + arm];
        if (units != 0)
            return error_set(error, ERROR_REFUSED, "constrained sizes",
                "the arms' sizes in a stratum do not add up to its units");
    }
    return true;
}

bool
problem_check(const struct constrained_problem *problem, struct error *error)
{
    if (problem->arms < 2 || problem->arms > PROTOCOL_ARMS_MAX)
        return error_set(error, ERROR_REFUSED, "constrained arms",
            "constrained randomisation needs two arms or more, at most %d", PROTOCOL_ARMS_MAX);
    if (problem->units < 2 || problem->units > CONSTRAINED_UNITS_MAX)
        return error_set(error, ERROR_REFUSED, "constrained units",
            "constrained randomisation takes 2 to %d units at once, not %zu", CONSTRAINED_UNITS_MAX,
            problem->units);
    return check_sizes(problem, error);
}
