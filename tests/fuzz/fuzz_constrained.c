/*
 * fuzz_constrained.c: whatever numbers stand in a table, solving ends with an accepted set or a
 * sentence; the set is sorted, keeps sizes, is closed under exchanging two arms that are alike, and
 * its pairs add up.
 */
#include "require.h"

#include "trial/constrained/constrained.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define UNITS_MAX 9
#define COLUMNS_MAX 3
#define ARMS_MAX 4

struct input {
    const uint8_t *at;
    const uint8_t *end;
};

/* The next byte, up to `most`; 0 behind the end. */
static unsigned
take(struct input *input, unsigned most)
{
    return input->at == input->end ? 0 : *input->at++ % (most + 1);
}

/* A number of few digits, or any double that a table may have. */
static double
take_number(struct input *input)
{
    double number;
    if (input->end - input->at < (ptrdiff_t)sizeof number || take(input, 3) != 0)
        return (double)take(input, 255) / 4;
    if (input->end - input->at < (ptrdiff_t)sizeof number)
        return 0;
    memcpy(&number, input->at, sizeof number);
    input->at += sizeof number;
    return isfinite(number) && fabs(number) <= 1e15 ? number : 1;
}

static struct constrained_problem *
make_problem(struct arena *arena, struct input *input)
{
    const char *ids[UNITS_MAX], *keys[UNITS_MAX];
    unsigned ratio[ARMS_MAX];
    size_t units = take(input, UNITS_MAX - 1) + 1, columns = take(input, COLUMNS_MAX);
    size_t arms = take(input, ARMS_MAX - 2) + 2;
    for (size_t i = 0; i < units; i++) {
        ids[i] = arena_printf(arena, "U%zu", i);
        keys[i] = take(input, 3) == 0 ? "a" : "b";
    }
    for (size_t arm = 0; arm < arms; arm++)
        ratio[arm] = take(input, 2) + 1;
    struct constrained_problem *problem = constrained_problem_new(arena, ids, units, NULL);
    for (size_t k = 0; k < columns; k++) {
        double values[UNITS_MAX];
        const struct constrained_covariate covariate = {.name = "x",
            .weight = 1 + take(input, 3),
            .mean_limit = take(input, 9) == 0 ? fabs(take_number(input)) : 0,
            .total_limit = take(input, 9) == 0 ? fabs(take_number(input)) : 0};
        for (size_t i = 0; i < units; i++)
            values[i] = take_number(input);
        constrained_add_numbers(problem, &covariate, values);
    }
    constrained_stratify(problem, keys);
    constrained_even_sizes(problem, ratio, arms);
    problem->metric = take(input, 1) == 0 ? SCORE_L2 : SCORE_L1;
    problem->accept = (1 + take(input, 255)) / 256.0;
    problem->enumerate = take(input, 3) == 0 ? 20 : 100000;
    problem->sample = 1 + take(input, 40);
    return problem;
}

static void
check_sizes(const struct constrained_problem *problem, const uint8_t *arms)
{
    size_t counts[UNITS_MAX * ARMS_MAX] = {0};
    for (size_t unit = 0; unit < problem->units; unit++)
        counts[problem->strata[unit] * problem->arms + arms[unit]]++;
    require(memcmp(counts, problem->sizes,
                problem->stratum_count * problem->arms * sizeof *counts) == 0);
}

static bool
alike(const struct constrained_problem *problem)
{
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++)
        if (problem->sizes[stratum * problem->arms] != problem->sizes[stratum * problem->arms + 1])
            return false;
    return true;
}

static bool
has(const struct constrained_set *set, const uint8_t *arms, size_t units)
{
    uint8_t found[UNITS_MAX];
    for (uint64_t i = 0; i < constrained_summary(set)->accepted; i++) {
        constrained_arms(set, i, found);
        if (memcmp(found, arms, units) == 0)
            return true;
    }
    return false;
}

static void
check_set(const struct constrained_problem *problem, const struct constrained_set *set)
{
    const struct constrained_summary *summary = constrained_summary(set);
    uint64_t together[UNITS_MAX][UNITS_MAX] = {{0}};
    require(summary->accepted > 0 && summary->accepted <= summary->within);
    require(summary->within <= summary->assignments);
    require(summary->min <= summary->cutoff_score && summary->cutoff_score <= summary->max);
    for (uint64_t i = 0; i < summary->accepted; i++) {
        uint8_t arms[UNITS_MAX];
        constrained_arms(set, i, arms);
        check_sizes(problem, arms);
        double score = constrained_score(set, i);
        require(score >= summary->min && score <= summary->max);
        for (size_t a = 0; a < problem->units; a++)
            for (size_t b = 0; b < problem->units; b++)
                together[a][b] += arms[a] == arms[b];
        for (size_t unit = 0; unit < problem->units; unit++)
            arms[unit] = arms[unit] < 2 ? 1 - arms[unit] : arms[unit];
        if (i < 50 && alike(problem))
            require(has(set, arms, problem->units));
    }
    for (size_t a = 0; a < problem->units; a++)
        for (size_t b = 0; b < problem->units; b++)
            require(constrained_together(set, a, b) == together[a][b]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct input input = {bytes, bytes + size};
    const uint8_t seed[SEED_SIZE] = {0};
    struct stream_key key;
    struct stream stream;
    struct error error = ERROR_CLEAR;
    const struct constrained_problem *problem = make_problem(arena, &input);
    stream_key_open(&key, seed, "t/s", "");
    stream_open(&stream, &key, 1);
    struct constrained_set *set = constrained_solve(problem, &stream, NULL, &error);
    if (set == NULL)
        require(error.code == ERROR_REFUSED && error.detail[0] != '\0');
    else
        check_set(problem, set);
    constrained_free(set);
    arena_free(arena);
    return 0;
}
