/*
 * test_constrained_batch.c: the problem that a protocol makes of a batch of workplaces, and that
 * the ledger's decisions alone make the same choice again.
 */
#include "trial/constrained/constrained.h"

#include "../check_main.h"
#include "protocol_case.h"
#include "scheme.h"

#include <jansson.h>
#include <math.h>

#define UNITS 14

static const struct protocol *protocol;
static const struct protocol_scheme *scheme;

static void
start(void)
{
    protocol_case_start();
    protocol = parse_text(file_text("tests/golden/protocol/every-method.yaml"));
    ck_assert(protocol != NULL);
    scheme = protocol_scheme_by_name(protocol, "main.at-once");
    ck_assert(scheme != NULL);
}

/* Fourteen workplaces, six of them public; beds give the bands small and large. */
static void
make_units(struct constrained_unit units[UNITS])
{
    for (size_t i = 0; i < UNITS; i++) {
        struct protocol_value *values = arena_array(arena, 2, sizeof *values);
        values[0] = (struct protocol_value){"sector", i % 7 < 3 ? "public" : "private"};
        values[1] = (struct protocol_value){
            "beds", arena_printf(arena, "%zu", 20 + (i * i * 7 + i * 3) % 60)};
        units[i] = (struct constrained_unit){
            arena_printf(arena, "W%04zu", (i * 5) % UNITS + 1), {values, 2}};
    }
}

static struct constrained_problem *
make_problem(const struct constrained_unit *units, size_t count)
{
    faults_init(&faults, arena);
    return constrained_problem_of(arena, protocol, scheme, units, count, &faults);
}

static double
column_of(const struct constrained_problem *problem, size_t column, const char *id)
{
    for (size_t i = 0; i < problem->units; i++)
        if (strcmp(problem->ids[i], id) == 0)
            return problem->columns[column].values[i];
    ck_abort_msg("%s is not in the problem", id);
}

START_TEST(factors_become_columns_and_strata_get_their_shares)
{
    struct constrained_unit units[UNITS];
    make_units(units);
    const struct constrained_problem *problem = make_problem(units, UNITS);
    ck_assert(problem != NULL);
    ck_assert_uint_eq(problem->column_count, 2);
    ck_assert_str_eq(problem->columns[0].covariate, "size");
    ck_assert_double_eq(problem->columns[0].weight, 2);
    ck_assert_double_eq(problem->columns[1].mean_limit, 10);
    ck_assert_double_eq(problem->columns[1].total_limit, 200);
    for (size_t i = 0; i < UNITS; i++) {
        double beds = strtod(units[i].values.items[1].value, NULL);
        ck_assert_double_eq(column_of(problem, 1, units[i].id), beds);
        ck_assert_double_eq(column_of(problem, 0, units[i].id), beds < 50 ? 1 : 2);
    }
    for (size_t i = 1; i < UNITS; i++)
        ck_assert_int_lt(strcmp(problem->ids[i - 1], problem->ids[i]), 0);
    const size_t sizes[] = {4, 4, 3, 3}; /* private, then public */
    ck_assert_uint_eq(problem->stratum_count, 2);
    ck_assert_mem_eq(problem->sizes, sizes, sizeof sizes);
    ck_assert_uint_eq(problem->sample, 500);
    ck_assert_uint_eq(constrained_count(problem), 70 * 20);
}
END_TEST

/* Units as a ledger has them: what each decision says of its unit. */
static void
units_of_decisions(const struct constrained_problem *problem,
    const struct constrained_choice *choice, struct constrained_unit units[UNITS])
{
    for (size_t i = 0; i < UNITS; i++) {
        json_t *decision = json_loads(choice->decisions[i], 0, NULL), *value;
        ck_assert_msg(decision != NULL, "%s", choice->decisions[i]);
        ck_assert_int_eq(json_integer_value(json_object_get(decision, "batch")), 2);
        ck_assert_int_eq(json_integer_value(json_object_get(decision, "units")), UNITS);
        ck_assert_int_eq(json_integer_value(json_object_get(decision, "assignments")), 1400);
        ck_assert(json_is_true(json_object_get(decision, "enumerated")));
        ck_assert_uint_eq((uint64_t)json_integer_value(json_object_get(decision, "accepted")),
            choice->summary.accepted);
        ck_assert_uint_eq(
            (uint64_t)json_integer_value(json_object_get(decision, "chosen")), choice->chosen);
        ck_assert_double_eq_tol(
            json_number_value(json_object_get(decision, "score")), choice->score, 1e-11);
        const char *name;
        size_t count = 0;
        struct protocol_value *values = arena_array(arena, 3, sizeof *values);
        json_object_foreach(json_object_get(decision, "values"), name, value)
        {
            ck_assert_uint_lt(count, 3);
            values[count++] = (struct protocol_value){
                arena_strdup(arena, name), arena_strdup(arena, json_string_value(value))};
        }
        ck_assert_uint_eq(count, 3);
        size_t at = UNITS - 1 - i;
        units[at] = (struct constrained_unit){problem->ids[i], {values, count}};
        json_decref(decision);
    }
}

START_TEST(the_decisions_alone_make_the_same_choice_again)
{
    struct constrained_unit units[UNITS], again[UNITS];
    struct constrained_choice choice, repeated;
    struct error error = ERROR_CLEAR;
    make_units(units);
    const struct constrained_problem *problem = make_problem(units, UNITS);
    ck_assert_msg(constrained_allocate(arena, problem, seed_counting(), "every-method/main.at-once",
                      2, NULL, &choice, &error),
        "%s", error.detail);
    units_of_decisions(problem, &choice, again);
    const struct constrained_problem *replayed = make_problem(again, UNITS);
    ck_assert_msg(replayed != NULL, "%s", faults.count > 0 ? faults.items[0].message : "");
    ck_assert(constrained_allocate(
        arena, replayed, seed_counting(), "every-method/main.at-once", 2, NULL, &repeated, &error));
    for (size_t i = 0; i < UNITS; i++) {
        ck_assert_uint_eq(choice.arms[i], repeated.arms[i]);
        ck_assert_str_eq(choice.decisions[i], repeated.decisions[i]);
    }
}
END_TEST

START_TEST(a_decision_names_no_arm)
{
    struct constrained_unit units[UNITS];
    struct constrained_choice choice;
    struct error error = ERROR_CLEAR;
    make_units(units);
    ck_assert(constrained_allocate(
        arena, make_problem(units, UNITS), seed_counting(), "t/s", 1, NULL, &choice, &error));
    for (size_t i = 0; i < UNITS; i++) {
        ck_assert(strstr(choice.decisions[i], "arm") == NULL);
        ck_assert(strstr(choice.decisions[i], "\"values\":{\"sector\":\"p") != NULL);
    }
}
END_TEST

START_TEST(a_value_with_quotes_stays_json)
{
    struct arena *own = arena_new();
    const char *ids[] = {"a", "b"};
    const double numbers[] = {1, 2};
    const unsigned ratio[] = {1, 1};
    const struct protocol_value value = {"n\"\\", "x\ty\"\\\n\001z"};
    const struct constrained_covariate covariate = {.name = "n", .weight = 1};
    struct constrained_choice choice;
    struct error error = ERROR_CLEAR;
    struct constrained_problem *problem = constrained_problem_new(own, ids, 2, NULL);
    problem->values[1] = (struct protocol_values){&value, 1};
    problem->accept = 1;
    problem->enumerate = 2;
    constrained_add_numbers(problem, &covariate, numbers);
    constrained_even_sizes(problem, ratio, 2);
    ck_assert(constrained_allocate(own, problem, seed_counting(), "t/s", 1, NULL, &choice, &error));
    json_t *decision = json_loads(choice.decisions[1], 0, NULL);
    ck_assert_msg(decision != NULL, "%s", choice.decisions[1]);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_object_get(decision, "values"), "n\"\\")),
        "x\ty\"\\\n\001z");
    json_decref(decision);
    arena_free(own);
}
END_TEST

static void
expect_fault(const struct constrained_unit *units, size_t count, const char *says)
{
    ck_assert(make_problem(units, count) == NULL);
    ck_assert_uint_gt(faults.count, 0);
    ck_assert_msg(strstr(faults.items[0].message, says) != NULL, "%s", faults.items[0].message);
}

START_TEST(what_is_missing_is_told_by_its_attribute)
{
    struct constrained_unit units[UNITS];
    make_units(units);
    expect_fault(units, 1, "1 units are too few");
    units[3].values.count = 1;
    expect_fault(units, UNITS, "beds of W0002 is not known yet");
    ck_assert_str_eq(faults.items[0].pointer, "beds");
    make_units(units);
    units[4].id = units[5].id;
    expect_fault(units, UNITS, "is in the batch twice");
    make_units(units);
    const struct protocol_value few[] = {{"sector", "public"}, {"beds", "0"}};
    units[0].values.items = few;
    expect_fault(units, UNITS, "beds of W0001 is 0, which lies outside of every band of size");
    const struct protocol_value strange[] = {{"sector", "public"}, {"size", "vast"}, {"beds", "7"}};
    units[0].values = (struct protocol_values){strange, 3};
    expect_fault(units, UNITS, "size of W0001 is vast, which is none of its levels");
    const struct protocol_value many[] = {
        {"sector", "public"}, {"size", "small"}, {"beds", "many"}};
    units[0].values.items = many;
    expect_fault(units, UNITS, "no whole number");
}
END_TEST

START_TEST(a_factor_in_which_all_are_the_same_stops_nobody)
{
    struct constrained_unit units[UNITS];
    struct constrained_choice choice;
    struct error error = ERROR_CLEAR;
    make_units(units);
    for (size_t i = 0; i < UNITS; i++) {
        struct protocol_value *values = arena_array(arena, 2, sizeof *values);
        values[0] = (struct protocol_value){"sector", "public"};
        values[1] = (struct protocol_value){"beds", "60"};
        units[i].values.items = values;
    }
    const struct constrained_problem *problem = make_problem(units, UNITS);
    ck_assert(problem != NULL);
    ck_assert_uint_eq(problem->column_count, 0);
    ck_assert(
        constrained_allocate(arena, problem, seed_counting(), "t/s", 1, NULL, &choice, &error));
    ck_assert_uint_eq(choice.summary.accepted, 3432); /* 14 over 7: all are as good */
}
END_TEST

static Suite *
constrained_batch_suite(void)
{
    Suite *suite = suite_create("constrained batch");
    TCase *batch = tcase_create("batch");
    tcase_add_checked_fixture(batch, start, protocol_case_end);
    tcase_add_test(batch, factors_become_columns_and_strata_get_their_shares);
    tcase_add_test(batch, the_decisions_alone_make_the_same_choice_again);
    tcase_add_test(batch, a_decision_names_no_arm);
    tcase_add_test(batch, a_value_with_quotes_stays_json);
    tcase_add_test(batch, what_is_missing_is_told_by_its_attribute);
    tcase_add_test(batch, a_factor_in_which_all_are_the_same_stops_nobody);
    suite_add_tcase(suite, batch);
    return suite;
}

TEST_MAIN(constrained_batch_suite)
