/*
 * test_constrained.c: constrained randomisation against the Python re-implementation: two and more
 * arms, strata, limits, both metrics, categorical and ordinal covariates, samples.
 */
#include "trial/constrained/constrained.h"

#include "../check_main.h"
#include "scheme.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define GOLDEN "tests/golden/constrained/cases.json"
#define CASES 18

static size_t
read_ratio(json_t *list, unsigned ratio[PROTOCOL_ARMS_MAX])
{
    size_t index;
    json_t *share;
    json_array_foreach(list, index, share) ratio[index] = (unsigned)json_integer_value(share);
    return json_array_size(list);
}

static size_t
index_of(json_t *levels, const char *text)
{
    size_t index;
    json_t *level;
    json_array_foreach(levels, index, level)
    {
        if (strcmp(json_string_value(level), text) == 0)
            return index;
    }
    ck_abort_msg("%s is no level", text);
}

static double
number_or(const json_t *object, const char *key, double otherwise)
{
    json_t *value = json_object_get(object, key);
    return value == NULL ? otherwise : json_number_value(value);
}

static void
add_covariate(struct constrained_problem *problem, json_t *units, const size_t *order, json_t *from)
{
    const char *name = json_string_value(json_object_get(from, "name"));
    const char *kind = json_string_value(json_object_get(from, "kind"));
    json_t *levels = json_object_get(from, "levels");
    const struct constrained_covariate covariate = {.name = name,
        .weight = number_or(from, "weight", 1),
        .mean_limit = number_or(from, "mean", 0),
        .total_limit = number_or(from, "total", 0)};
    double numbers[CONSTRAINED_UNITS_MAX];
    size_t level[CONSTRAINED_UNITS_MAX];
    const char *texts[8];
    for (size_t i = 0; i < json_array_size(levels); i++)
        texts[i] = json_string_value(json_array_get(levels, i));
    for (size_t i = 0; i < problem->units; i++) {
        json_t *value = json_object_get(json_array_get(units, order[i]), name);
        if (levels != NULL)
            level[i] = index_of(levels, json_string_value(value));
        numbers[i] = levels != NULL ? (double)level[i] + 1 : json_number_value(value);
    }
    if (strcmp(kind, "categorical") == 0)
        constrained_add_levels(problem, &covariate, texts, json_array_size(levels), level);
    else
        constrained_add_numbers(problem, &covariate, numbers);
}

static struct constrained_problem *
read_problem(struct arena *arena, json_t *from)
{
    json_t *units = json_object_get(from, "units"), *covariate;
    const char *ids[CONSTRAINED_UNITS_MAX], *keys[CONSTRAINED_UNITS_MAX];
    size_t order[CONSTRAINED_UNITS_MAX], count = json_array_size(units), index;
    unsigned ratio[PROTOCOL_ARMS_MAX];
    for (size_t i = 0; i < count; i++)
        ids[i] = json_string_value(json_object_get(json_array_get(units, i), "id"));
    struct constrained_problem *problem = constrained_problem_new(arena, ids, count, order);
    for (size_t i = 0; i < count; i++) {
        json_t *key = json_object_get(json_array_get(units, order[i]), "stratum");
        keys[i] = key == NULL ? "" : json_string_value(key);
    }
    json_array_foreach(json_object_get(from, "covariates"), index, covariate)
        add_covariate(problem, units, order, covariate);
    constrained_stratify(problem, keys);
    size_t arms = read_ratio(json_object_get(from, "ratio"), ratio);
    constrained_even_sizes(problem, ratio, arms);
    for (size_t arm = 0; arm < arms; arm++)
        problem->arm_indexes[arm] = arm;
    bool l1 = strcmp(json_string_value(json_object_get(from, "metric")), "l1") == 0;
    problem->metric = l1 ? SCORE_L1 : SCORE_L2;
    problem->accept = json_number_value(json_object_get(from, "accept"));
    problem->enumerate = (uint64_t)json_integer_value(json_object_get(from, "enumerate"));
    problem->sample = (uint64_t)json_integer_value(json_object_get(from, "sample"));
    return problem;
}

static void
check_number(const json_t *expected, const char *key, double found)
{
    double wanted = json_number_value(json_object_get(expected, key));
    ck_assert_msg(fabs(wanted - found) <= 1e-9 * (1 + fabs(wanted)), "%s is %.17g, not %.17g", key,
        found, wanted);
}

static void
check_summary(const struct constrained_summary *summary, const json_t *expected)
{
    check_number(expected, "assignments", (double)summary->assignments);
    check_number(expected, "within", (double)summary->within);
    check_number(expected, "accepted", (double)summary->accepted);
    ck_assert_int_eq(summary->enumerated, json_is_true(json_object_get(expected, "enumerated")));
    check_number(expected, "cutoff_score", summary->cutoff_score);
    check_number(expected, "min", summary->min);
    check_number(expected, "mean", summary->mean);
    check_number(expected, "sd", summary->sd);
    check_number(expected, "max", summary->max);
    json_t *quantiles = json_object_get(expected, "quantiles");
    for (size_t i = 0; i < CONSTRAINED_QUANTILES; i++)
        ck_assert_double_eq_tol(
            summary->quantiles[i], json_number_value(json_array_get(quantiles, i)), 1e-9);
}

static void
check_choice(const struct constrained_problem *problem, const struct constrained_choice *choice,
    const json_t *expected)
{
    json_t *arms = json_object_get(expected, "arms");
    check_summary(&choice->summary, expected);
    check_number(expected, "chosen", (double)choice->chosen);
    check_number(expected, "score", choice->score);
    for (size_t unit = 0; unit < problem->units; unit++)
        ck_assert_uint_eq(
            choice->arms[unit], (size_t)json_integer_value(json_array_get(arms, unit)));
}

static void
check_pairs(const struct constrained_problem *problem, const struct constrained_set *set,
    const json_t *expected)
{
    json_t *together = json_object_get(expected, "together");
    size_t at = 0;
    for (size_t i = 0; i < problem->units; i++)
        for (size_t j = i + 1; j < problem->units; j++)
            ck_assert_uint_eq(constrained_together(set, j, i),
                (uint64_t)json_integer_value(json_array_get(together, at++)));
    ck_assert_uint_eq(at, json_array_size(together));
}

START_TEST(a_second_implementation_makes_the_same_choice)
{
    struct arena *arena = arena_new();
    struct error error = ERROR_CLEAR;
    json_error_t where;
    json_t *cases = json_load_file(GOLDEN, 0, &where);
    ck_assert_msg(
        cases != NULL, "%s: %s; run the test in the root of the tree", GOLDEN, where.text);
    ck_assert_uint_eq(json_array_size(cases), CASES);
    json_t *from = json_array_get(cases, (size_t)_i), *expected = json_object_get(from, "expected");
    struct constrained_problem *problem = read_problem(arena, from);
    int64_t batch = json_integer_value(json_object_get(from, "batch"));
    struct constrained_choice choice;
    ck_assert_msg(constrained_allocate(arena, problem, seed_counting(), "golden/at-once", batch,
                      NULL, &choice, &error),
        "%s", error.detail);
    check_choice(problem, &choice, expected);

    struct stream_key key;
    struct stream stream;
    stream_key_open(&key, seed_counting(), "golden/at-once", "");
    stream_open(&stream, &key, (uint64_t)batch);
    struct constrained_set *set = constrained_solve(problem, &stream, NULL, &error);
    ck_assert(set != NULL);
    check_pairs(problem, set, expected);
    if (choice.summary.enumerated)
        ck_assert_uint_eq(
            constrained_draw(set, seed_counting(), "golden/at-once", batch), choice.chosen);
    constrained_free(set);
    json_decref(cases);
    arena_free(arena);
}
END_TEST

static Suite *
constrained_suite(void)
{
    Suite *suite = suite_create("constrained");
    TCase *golden = tcase_create("golden");
    tcase_set_timeout(golden, 120);
    tcase_add_loop_test(golden, a_second_implementation_makes_the_same_choice, 0, CASES);
    suite_add_tcase(suite, golden);
    return suite;
}

TEST_MAIN(constrained_suite)
