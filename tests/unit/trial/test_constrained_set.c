/*
 * test_constrained_set.c: what must hold of every accepted set: nothing is missed, nothing is
 * scored wrongly, arms that are alike can exchange their names, and what cannot be solved is
 * refused in words.
 */
#include "trial/constrained/enumerate.h"
#include "trial/constrained/quantile.h"
#include "trial/constrained/score.h"

#include "../check_main.h"
#include "constrained_case.h"
#include "scheme.h"

#include <math.h>
#include <string.h>

#define UNITS_MAX 24

struct shape {
    size_t units;
    size_t arms;
    unsigned ratio[4];
    size_t strata;
    uint64_t count;
};

static const struct shape shapes[] = {
    {16, 2, {1, 1}, 1, 12870},
    {10, 2, {7, 3}, 1, 120},
    {7, 2, {1, 6}, 1, 7},
    {2, 2, {1, 1}, 1, 2},
    {9, 3, {1, 1, 1}, 1, 1680},
    {10, 3, {5, 3, 2}, 1, 2520},
    {8, 4, {1, 1, 1, 1}, 1, 2520},
    {4, 4, {1, 1, 1, 1}, 1, 24},
    {12, 2, {1, 1}, 2, 400},
    {12, 3, {1, 1, 1}, 2, 8100},
    {9, 2, {2, 1}, 3, 27},
};

static struct constrained_problem *
shape_problem(struct arena *arena, const struct shape *shape, size_t columns)
{
    double *values = arena_array(arena, shape->units * columns, sizeof *values);
    const char *keys[UNITS_MAX];
    case_fill(values, shape->units * columns, 7, 100);
    struct constrained_problem *problem =
        case_make(arena, shape->units, values, columns, shape->ratio, shape->arms);
    for (size_t i = 0; i < shape->units; i++)
        keys[i] = arena_printf(arena, "county=%zu", i % shape->strata);
    constrained_stratify(problem, keys);
    constrained_even_sizes(problem, shape->ratio, shape->arms);
    return problem;
}

/* Every assignment that there is, by counting up in base `arms`. */
static bool
next_number(uint8_t *arms, size_t units, size_t base)
{
    for (size_t i = units; i-- > 0;) {
        if (++arms[i] < base)
            return true;
        arms[i] = 0;
    }
    return false;
}

static bool
has_sizes(const struct constrained_problem *problem, const uint8_t *arms)
{
    size_t counts[UNITS_MAX * 4] = {0};
    for (size_t unit = 0; unit < problem->units; unit++)
        counts[problem->strata[unit] * problem->arms + arms[unit]]++;
    return memcmp(counts, problem->sizes,
               problem->stratum_count * problem->arms * sizeof *counts) == 0;
}

static uint64_t
code_of(const uint8_t *arms, size_t units)
{
    uint64_t code = 0;
    for (size_t i = 0; i < units; i++)
        code = code * 4 + arms[i];
    return code;
}

static int
compare_codes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

START_TEST(every_assignment_comes_once_and_no_other)
{
    const struct shape *shape = &shapes[_i];
    struct arena *arena = arena_new();
    const struct constrained_problem *problem = shape_problem(arena, shape, 1);
    uint8_t arms[UNITS_MAX];
    uint64_t *codes = arena_array(arena, shape->count, sizeof *codes), seen = 0;
    size_t a, b;
    struct enumeration *enumeration = enumeration_new(problem, false, arms);
    ck_assert_uint_eq(constrained_count(problem), shape->count);
    do {
        ck_assert(has_sizes(problem, arms));
        ck_assert_uint_lt(seen, shape->count);
        codes[seen++] = code_of(arms, shape->units);
        if (!enumeration_next(enumeration, &a, &b))
            break;
        ck_assert_uint_ne(arms[a], arms[b]);
        uint8_t arm = arms[a];
        arms[a] = arms[b];
        arms[b] = arm;
    } while (true);
    ck_assert_uint_eq(seen, shape->count);
    qsort(codes, seen, sizeof *codes, compare_codes);
    for (uint64_t i = 1; i < seen; i++)
        ck_assert_uint_ne(codes[i - 1], codes[i]);
    enumeration_free(enumeration);
    arena_free(arena);
}
END_TEST

/* The definition, word for word. */
static double
direct_score(const struct constrained_problem *problem, const uint8_t *arms)
{
    double score = 0;
    for (size_t k = 0; k < problem->column_count; k++) {
        const struct constrained_column *column = &problem->columns[k];
        double sums[4] = {0}, counts[4] = {0}, mean = 0, squares = 0;
        for (size_t i = 0; i < problem->units; i++) {
            sums[arms[i]] += column->values[i];
            counts[arms[i]]++;
            mean += column->values[i] / (double)problem->units;
        }
        for (size_t i = 0; i < problem->units; i++)
            squares += (column->values[i] - mean) * (column->values[i] - mean);
        double s = sqrt(squares / (double)(problem->units - 1));
        for (size_t a = 0; a < problem->arms; a++)
            for (size_t b = a + 1; b < problem->arms; b++) {
                double d = fabs(sums[a] / counts[a] - sums[b] / counts[b]) / s;
                score += column->weight * (problem->metric == SCORE_L1 ? d : d * d);
            }
    }
    return score;
}

static uint64_t
count_up_to(const struct constrained_problem *problem, double limit)
{
    uint8_t arms[UNITS_MAX] = {0};
    uint64_t found = 0;
    do
        found += has_sizes(problem, arms) && direct_score(problem, arms) <= limit;
    while (next_number(arms, problem->units, problem->arms));
    return found;
}

START_TEST(the_accepted_are_all_up_to_the_cut_off_with_their_true_scores)
{
    const struct shape *shape = &shapes[_i / 2];
    struct arena *arena = arena_new();
    struct constrained_problem *problem = shape_problem(arena, shape, 3);
    problem->metric = _i % 2 == 0 ? SCORE_L2 : SCORE_L1;
    problem->columns[1].weight = 3;
    struct constrained_set *set = case_solve(problem);
    const struct constrained_summary *summary = constrained_summary(set);
    uint8_t arms[UNITS_MAX], before[UNITS_MAX];
    ck_assert_uint_eq(summary->assignments, shape->count);
    ck_assert_uint_eq(
        summary->accepted, count_up_to(problem, summary->cutoff_score * (1 + 1e-9) + 1e-12));
    for (uint64_t i = 0; i < summary->accepted; i++) {
        constrained_arms(set, i, arms);
        ck_assert(has_sizes(problem, arms));
        ck_assert_double_eq_tol(constrained_score(set, i), direct_score(problem, arms), 1e-9);
        if (i > 0) {
            double score = constrained_score(set, i), last = constrained_score(set, i - 1);
            bool same = fabs(score - last) <= score_tolerance(score);
            ck_assert(same ? memcmp(before, arms, problem->units) < 0 : score > last);
        }
        memcpy(before, arms, problem->units);
    }
    constrained_free(set);
    arena_free(arena);
}
END_TEST

static int64_t
find(const struct constrained_set *set, const uint8_t *arms, size_t units)
{
    uint8_t found[UNITS_MAX];
    for (uint64_t i = 0; i < constrained_summary(set)->accepted; i++) {
        constrained_arms(set, i, found);
        if (memcmp(found, arms, units) == 0)
            return (int64_t)i;
    }
    return -1;
}

START_TEST(arms_of_one_size_are_treated_alike)
{
    static const struct shape alike[] = {{10, 2, {1, 1}, 1, 252}, {9, 3, {1, 1, 1}, 1, 1680},
        {12, 3, {1, 1, 1}, 2, 8100}, {9, 3, {1, 1, 1}, 1, 1680}, {12, 3, {2, 2, 2}, 2, 8100}};
    const struct shape *shape = &alike[_i];
    struct arena *arena = arena_new();
    struct constrained_problem *problem = shape_problem(arena, shape, 2);
    struct stream_key key;
    struct stream stream;
    struct error error = ERROR_CLEAR;
    problem->metric = _i == 1 ? SCORE_L1 : SCORE_L2;
    problem->columns[0].mean_limit = 12;
    problem->accept = 0.3;
    problem->enumerate = _i >= 3 ? 100 : 10000;
    problem->sample = 300;
    stream_key_open(&key, seed_counting(), "t/s", "");
    stream_open(&stream, &key, 1);
    struct constrained_set *set = constrained_solve(problem, &stream, NULL, &error);
    ck_assert_msg(set != NULL, "%s", error.detail);
    const struct constrained_summary *summary = constrained_summary(set);
    ck_assert_uint_gt(summary->accepted, 5);
    ck_assert_uint_lt(summary->within, summary->assignments);
    for (uint64_t i = 0; i < summary->accepted; i++) {
        uint8_t arms[UNITS_MAX];
        constrained_arms(set, i, arms);
        for (size_t unit = 0; unit < shape->units; unit++)
            arms[unit] = arms[unit] < 2 ? 1 - arms[unit] : arms[unit];
        ck_assert_int_ge(find(set, arms, shape->units), 0);
    }
    constrained_free(set);
    arena_free(arena);
}
END_TEST

/* By randomisation alone a difference of means has the variance s2 (1/m + 1/n), so that l2 is on
 * average the sum of weights times the sum of 1/m + 1/n over the pairs of arms. */
START_TEST(the_mean_of_all_scores_is_what_theory_says)
{
    const struct shape *shape = &shapes[_i];
    struct arena *arena = arena_new();
    struct constrained_problem *problem = shape_problem(arena, shape, 4);
    problem->columns[2].weight = 2.5;
    struct constrained_set *set = case_solve(problem);
    double expected = 0;
    for (size_t a = 0; a < shape->arms; a++)
        for (size_t b = a + 1; b < shape->arms; b++)
            expected += 5.5 * (1 / (double)problem->sizes[a] + 1 / (double)problem->sizes[b]);
    ck_assert_double_eq_tol(constrained_summary(set)->mean, expected, 1e-9);
    constrained_free(set);
    arena_free(arena);
}
END_TEST

START_TEST(two_million_seven_hundred_thousand_assignments_are_scored_without_drift)
{
    struct arena *arena = arena_new();
    const struct shape shape = {24, 2, {1, 1}, 1, 2704156};
    struct constrained_problem *problem = shape_problem(arena, &shape, 6);
    problem->enumerate = 3000000;
    struct constrained_set *set = case_solve(problem);
    const struct constrained_summary *summary = constrained_summary(set);
    uint8_t arms[UNITS_MAX];
    uint64_t bins[20], sum = 0;
    ck_assert_uint_eq(summary->assignments, 2704156);
    ck_assert_double_eq_tol(summary->mean, 1, 1e-9); /* 6 (1/12 + 1/12) */
    for (uint64_t i = 0; i < summary->accepted; i += 997) {
        constrained_arms(set, i, arms);
        ck_assert_double_eq_tol(constrained_score(set, i), direct_score(problem, arms), 1e-12);
    }
    constrained_histogram(set, bins, COUNT_OF(bins));
    for (size_t i = 0; i < COUNT_OF(bins); i++)
        sum += bins[i];
    ck_assert_uint_eq(sum, 2704156);
    ck_assert_uint_gt(bins[0], bins[19]);
    constrained_free(set);
    arena_free(arena);
}
END_TEST

START_TEST(sizes_follow_the_ratio_over_all_strata)
{
    static const struct {
        unsigned ratio[3];
        size_t arms;
        size_t units[3];
        size_t sizes[9];
    } rows[] = {
        {{1, 1}, 2, {5, 5, 6}, {3, 2, 2, 3, 3, 3}},
        {{2, 1}, 2, {4, 4, 4}, {3, 1, 2, 2, 3, 1}},
        {{1, 1, 1}, 3, {4, 4, 4}, {2, 1, 1, 1, 2, 1, 1, 1, 2}},
        {{3, 2, 1}, 3, {6, 1, 5}, {3, 2, 1, 1, 0, 0, 2, 2, 1}},
    };
    struct arena *arena = arena_new();
    double values[UNITS_MAX];
    const char *keys[UNITS_MAX];
    size_t units = 0;
    for (size_t stratum = 0; stratum < 3; stratum++)
        for (size_t i = 0; i < rows[_i].units[stratum]; i++)
            keys[units++] = arena_printf(arena, "s=%zu", stratum);
    case_fill(values, units, 1, 1);
    struct constrained_problem *problem =
        case_make(arena, units, values, 1, rows[_i].ratio, rows[_i].arms);
    constrained_stratify(problem, keys);
    constrained_even_sizes(problem, rows[_i].ratio, rows[_i].arms);
    for (size_t i = 0; i < 3 * rows[_i].arms; i++)
        ck_assert_uint_eq(problem->sizes[i], rows[_i].sizes[i]);
    arena_free(arena);
}
END_TEST

START_TEST(quantiles_need_no_sorting_whatever_the_scores_are_like)
{
    static double scores[20000], sorted[20000];
    size_t count = _i == 0 ? 1 : _i == 1 ? 30 : 20000;
    for (size_t i = 0; i < count; i++)
        scores[i] = _i == 3   ? (double)(i % 3)            /* hardly any distinct */
                    : _i == 4 ? (double)i                  /* rising */
                    : _i == 5 ? (double)(count - i)        /* falling */
                    : _i == 6 ? (double)(i * 7919 % 20000) /* mixed */
                    : _i == 7 ? fabs(10000 - (double)i)    /* a valley */
                              : 1;
    memcpy(sorted, scores, sizeof sorted);
    for (size_t i = 1; i < count; i++) {
        double score = sorted[i];
        size_t j = i;
        for (; j > 0 && sorted[j - 1] > score; j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = score;
    }
    size_t ranks[] = {0, count / 20, count / 2, count / 2, count - 1};
    quantile_select(scores, count, ranks, COUNT_OF(ranks));
    for (size_t i = 0; i < COUNT_OF(ranks); i++)
        ck_assert_double_eq(scores[ranks[i]], sorted[ranks[i]]);
}
END_TEST

static void
expect_refusal(const struct constrained_problem *problem, const char *says)
{
    struct error error = ERROR_CLEAR;
    ck_assert(constrained_solve(problem, NULL, NULL, &error) == NULL);
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_msg(strstr(error.detail, says) != NULL, "%s", error.detail);
}

START_TEST(what_cannot_be_solved_is_refused_in_words)
{
    struct arena *arena = arena_new();
    const struct shape shape = {8, 2, {1, 1}, 1, 70};
    struct constrained_problem *problem = shape_problem(arena, &shape, 2);
    problem->columns[1].mean_limit = 1e-6;
    expect_refusal(problem, "meets the limits");
    problem->columns[1].mean_limit = 0;
    problem->enumerate = 69;
    expect_refusal(problem, "sample");
    problem->enumerate = 70;
    problem->sizes[0] = 5;
    expect_refusal(problem, "add up to 9 units, but there are 8");
    problem->sizes[0] = 0;
    expect_refusal(problem, "too few");
    problem->sizes[0] = 4;
    for (size_t i = 0; i < 8; i++)
        problem->columns[1].values[i] = 0.1;
    problem->columns[1].level = "public";
    expect_refusal(problem, "the same x=public");
    problem->arms = 1;
    expect_refusal(problem, "two arms");
    arena_free(arena);
}
END_TEST

START_TEST(a_sample_that_arms_alike_would_blow_up_is_refused)
{
    struct arena *arena = arena_new();
    double values[20];
    unsigned ratio[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct stream_key key;
    struct stream stream;
    struct error error = ERROR_CLEAR;
    case_fill(values, 20, 1, 1);
    struct constrained_problem *problem = case_make(arena, 20, values, 1, ratio, 10);
    stream_key_open(&key, seed_counting(), "t/s", "");
    stream_open(&stream, &key, 1);
    ck_assert(constrained_solve(problem, &stream, NULL, &error) == NULL);
    ck_assert_msg(strstr(error.detail, "ask for a smaller one") != NULL, "%s", error.detail);
    arena_free(arena);
}
END_TEST

START_TEST(many_units_in_many_arms_fit)
{
    struct arena *arena = arena_new();
    static double values[1000];
    unsigned ratio[26];
    for (size_t arm = 0; arm < 26; arm++)
        ratio[arm] = (unsigned)arm + 1;
    case_fill(values, 1000, 3, 1000000);
    struct constrained_problem *problem = case_make(arena, 1000, values, 1, ratio, 26);
    struct constrained_choice choice;
    struct error error = ERROR_CLEAR;
    problem->sample = 200;
    ck_assert_uint_eq(constrained_count(problem), UINT64_MAX);
    ck_assert_msg(
        constrained_allocate(arena, problem, seed_counting(), "t/s", 1, NULL, &choice, &error),
        "%s", error.detail);
    ck_assert_uint_eq(choice.summary.assignments, 200);
    size_t sizes[26] = {0};
    for (size_t unit = 0; unit < 1000; unit++)
        sizes[choice.arms[unit]]++;
    ck_assert_mem_eq(sizes, problem->sizes, sizeof sizes);
    arena_free(arena);
}
END_TEST

static Suite *
constrained_set_suite(void)
{
    Suite *suite = suite_create("constrained set");
    TCase *set = tcase_create("set");
    tcase_set_timeout(set, 300);
    tcase_add_loop_test(set, every_assignment_comes_once_and_no_other, 0, (int)COUNT_OF(shapes));
    tcase_add_loop_test(set, the_accepted_are_all_up_to_the_cut_off_with_their_true_scores, 0,
        2 * (int)COUNT_OF(shapes));
    tcase_add_loop_test(set, arms_of_one_size_are_treated_alike, 0, 5);
    tcase_add_loop_test(set, the_mean_of_all_scores_is_what_theory_says, 0, 8);
    tcase_add_test(set, two_million_seven_hundred_thousand_assignments_are_scored_without_drift);
    tcase_add_loop_test(set, sizes_follow_the_ratio_over_all_strata, 0, 4);
    tcase_add_loop_test(set, quantiles_need_no_sorting_whatever_the_scores_are_like, 0, 8);
    tcase_add_test(set, what_cannot_be_solved_is_refused_in_words);
    tcase_add_test(set, a_sample_that_arms_alike_would_blow_up_is_refused);
    tcase_add_test(set, many_units_in_many_arms_fit);
    suite_add_tcase(suite, set);
    return suite;
}

TEST_MAIN(constrained_set_suite)
