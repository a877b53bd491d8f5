/*
 * test_minimisation.c: scores and probabilities, by published examples and by the Python
 * re-implementation.
 */
#include "trial/design/minimisation.h"

#include "../check_main.h"
#include "../golden.h"
#include "design_case.h"
#include "minimised.h"
#include "trial/allocate.h"

#include <jansson.h>

static const enum protocol_measure measures[] = {
    MEASURE_RANGE, MEASURE_VARIANCE, MEASURE_SD, MEASURE_MARGINAL};
static const char *const measure_names[] = {"range", "variance", "sd", "marginal"};

static void
check_numbers(const struct protocol_scheme *scheme, const char *expected, const double *numbers)
{
    char *end;
    size_t arm = 0;
    for (const char *at = expected; *at != '\0'; at = *end == ' ' ? end + 1 : end) {
        while (scheme->ratio[arm] == 0)
            ck_assert_double_eq(numbers[arm++], 0);
        ck_assert_double_eq(numbers[arm++], strtod(at, &end));
    }
    ck_assert_uint_eq(arm, design_arms(scheme));
}

/* Cells: scheme, ratio, factors, measure, form; n, levels, arm, scores, probabilities. */
static void
check_units(struct arena *arena, const struct csv *csv, size_t first, size_t last)
{
    struct minimised made;
    const struct csv_cell *design = csv->rows[first].cells;
    size_t kind = 0;
    while (strcmp(measure_names[kind], design[3].text) != 0)
        kind++;
    const struct protocol_scheme *scheme =
        minimised_make(&made, design[1].text, design[2].text, measures[kind]);
    minimised_set_form(&made, design[4].text);
    const char *label = allocate_label(arena, "golden", arena_printf(arena, "m%s", design[0].text));
    struct minimisation *tally = minimisation_new(&made.protocol, scheme);
    for (size_t i = first; i < last; i++) {
        const struct csv_cell *cells = csv->rows[i].cells;
        size_t levels[MINIMISED_FACTORS];
        struct allocate_minimised result;
        struct error error = ERROR_CLEAR;
        int64_t numbers[PROTOCOL_ARMS_MAX];
        size_t factors = case_counts(cells[6].text, numbers);
        for (size_t factor = 0; factor < factors; factor++)
            levels[factor] = (size_t)numbers[factor];
        ck_assert_msg(allocate_minimise(arena, tally, seed_counting(), label,
                          strtoll(cells[5].text, NULL, 10), levels, &result, &error),
            "%s", error.detail);
        check_numbers(scheme, cells[8].text, result.scores);
        check_numbers(scheme, cells[9].text, result.probabilities);
        ck_assert_uint_eq(result.arm, strtoull(cells[7].text, NULL, 10));
        minimisation_add(tally, levels, result.arm);
    }
    minimisation_free(tally);
}

START_TEST(every_measure_and_form_is_that_of_the_second_implementation)
{
    struct arena *arena = arena_new();
    struct csv csv = golden_read(arena, "tests/golden/allocation/minimisation.csv");
    size_t schemes = 0;
    for (size_t first = 0, i = 1; i <= csv.count; i++)
        if (i == csv.count ||
            !text_equal(csv.rows[i].cells[0].text, csv.rows[first].cells[0].text)) {
            check_units(arena, &csv, first, i);
            first = i;
            schemes++;
        }
    ck_assert_uint_eq(schemes, 12);
    arena_free(arena);
}
END_TEST

static void
check_probabilities(
    const struct protocol_scheme *scheme, const double *scores, const double *expected)
{
    double all[PROTOCOL_ARMS_MAX] = {0};
    double p[PROTOCOL_ARMS_MAX];
    size_t arms = design_arms(scheme);
    memcpy(all, scores, arms * sizeof *scores);
    minimisation_probabilities(scheme, all, p);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        ck_assert_double_eq_tol(p[arm], arm < arms ? expected[arm] : 0, 1e-15);
}

/* Pocock and Simon 1975, 3.4. */
START_TEST(the_published_scores_give_the_published_probabilities)
{
    struct minimised made;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:1:1", "2=1", MEASURE_RANGE);
    made.test.scheme.design.p = 2 / 3.;
    check_probabilities(scheme, (double[]){6, 10, 5}, (double[]){1 / 6., 1 / 6., 2 / 3.});
}
END_TEST

/* Han, Enas and McEntegart 2009: with p = 0.7 and the ratio 1:2:3. */
START_TEST(the_biased_coin_form_gives_the_published_probabilities)
{
    struct minimised made;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:2:3", "2=1", MEASURE_RANGE);
    minimised_set_form(&made, "form=biased-coin p=0.7");
    check_probabilities(scheme, (double[]){1, 2, 2}, (double[]){.70, .12, .18});
    check_probabilities(scheme, (double[]){2, 1, 3}, (double[]){.06, .76, .18});
    check_probabilities(scheme, (double[]){2, 3, 1}, (double[]){.06, .12, .82});
    check_probabilities(scheme, (double[]){1, 1, 3}, (double[]){.82 / 3, .82 * 2 / 3, .18});
    check_probabilities(scheme, (double[]){4, 4, 4}, (double[]){1 / 6., 2 / 6., 3 / 6.});
}
END_TEST

START_TEST(preferred_arms_share_p_in_their_ratio_and_others_the_rest)
{
    struct minimised made;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:0:2:3:2", "2=1", MEASURE_RANGE);
    made.test.scheme.design.p = 0.8;
    check_probabilities(
        scheme, (double[]){5, 0, 1, 5, 1}, (double[]){.2 / 4, 0, .4, .2 * 3 / 4, .4});
    check_probabilities(
        scheme, (double[]){1, 0, 5, 5, 5}, (double[]){.8, 0, .2 * 2 / 7, .2 * 3 / 7, .2 * 2 / 7});
    check_probabilities(
        scheme, (double[]){1, 0, 1, 1, 1}, (double[]){1 / 8., 0, 2 / 8., 3 / 8., 2 / 8.});
}
END_TEST

START_TEST(scores_that_differ_by_rounding_alone_are_the_same)
{
    struct minimised made;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:1", "2=1", MEASURE_RANGE);
    made.test.scheme.design.p = 0.8;
    check_probabilities(scheme, (double[]){1, 1 + 9e-10}, (double[]){.5, .5});
    check_probabilities(scheme, (double[]){1, 1 + 2e-9}, (double[]){.8, .2});
}
END_TEST

START_TEST(each_rank_has_its_probability_and_ties_share_theirs)
{
    struct minimised made;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:0:1:1:1", "2=1", MEASURE_RANGE);
    minimised_set_form(&made, "form=ranked ranked=0.5,0.3,0.15,0.05");
    check_probabilities(scheme, (double[]){4, 0, 2, 1, 3}, (double[]){.05, 0, .3, .5, .15});
    check_probabilities(scheme, (double[]){1, 0, 1, 7, 3}, (double[]){.4, 0, .4, .05, .15});
    check_probabilities(
        scheme, (double[]){2, 0, 2, 1, 2}, (double[]){.5 / 3, 0, .5 / 3, .5, .5 / 3});
    check_probabilities(scheme, (double[]){2, 0, 2, 2, 2}, (double[]){.25, 0, .25, .25, .25});
}
END_TEST

/* Counts 3, 1, 0 at the unit's level: as if in the first arm 4, 1, 0, and so on. */
START_TEST(scores_are_the_imbalance_with_the_unit_in_the_arm)
{
    static const double expected[][3] = {{4, 3, 2}, {13 / 3., 7 / 3., 4 / 3.},
        {2.0816659994661326, 1.5275252316519468, 1.1547005383792515}, {.8, .6, .4}};
    struct minimised made;
    double scores[PROTOCOL_ARMS_MAX];
    const size_t levels[] = {1};
    minimised_make(&made, "1:1:1", "2=1", measures[_i]);
    struct minimisation *tally = minimisation_new(&made.protocol, &made.test.scheme);
    minimisation_count(tally, 0, 1, 0, 3);
    minimisation_add(tally, levels, 1);
    minimisation_add(tally, (const size_t[]){0}, 2);
    ck_assert_int_eq(minimisation_counts(tally, 0, 1)[0], 3);
    ck_assert_int_eq(minimisation_counts(tally, 0, 0)[2], 1);
    minimisation_scores(tally, levels, scores);
    for (size_t arm = 0; arm < 3; arm++)
        ck_assert_double_eq_tol(scores[arm], expected[_i][arm], 1e-14);
    minimisation_free(tally);
    minimisation_free(NULL);
}
END_TEST

START_TEST(weights_and_ratios_scale_what_is_balanced)
{
    struct minimised made;
    double scores[PROTOCOL_ARMS_MAX];
    const size_t levels[] = {0, 2};
    minimised_make(&made, "2:1", "2=1 3=2.5", MEASURE_RANGE);
    struct minimisation *tally = minimisation_new(&made.protocol, &made.test.scheme);
    minimisation_count(tally, 0, 0, 0, 3);
    minimisation_count(tally, 1, 2, 1, 1);
    minimisation_scores(tally, levels, scores);
    ck_assert_double_eq(scores[0], 1 * (4 / 2. - 0) + 2.5 * (1 - 1 / 2.));
    ck_assert_double_eq(scores[1], 1 * (3 / 2. - 1) + 2.5 * (2 - 0));
    minimisation_free(tally);
}
END_TEST

/* From the record alone, without the tally: the same scores, probabilities and counts. */
START_TEST(the_ledger_keeps_all_that_the_arm_was_decided_on)
{
    struct arena *arena = arena_new();
    struct minimised made;
    struct allocate_minimised result;
    struct error error = ERROR_CLEAR;
    const size_t levels[] = {1, 0};
    const struct protocol_scheme *scheme =
        minimised_make(&made, "1:0:1:1:0", "2=1 3=0.1", MEASURE_SD);
    made.test.scheme.design.p = 0.7;
    struct minimisation *tally = minimisation_new(&made.protocol, scheme);
    minimisation_add(tally, levels, 2);
    minimisation_add(tally, (const size_t[]){1, 2}, 0);
    ck_assert(allocate_minimise(arena, tally, seed_counting(), "t/s", 3, levels, &result, &error));
    json_t *root = json_loads(result.decision, 0, NULL);
    const char *level0, *level1;
    int f0[4], f1[4];
    double scores[4], p[4];
    ck_assert_int_eq(json_unpack(root,
                         "{s:{s:s,s:s!},s:{s:[i,i,i,i!],s:[i,i,i,i!]!},s:[F,F,F,F!],s:[F,F,F,F!]!}",
                         "levels", "f0", &level0, "f1", &level1, "counts", "f0", f0, f0 + 1, f0 + 2,
                         f0 + 3, "f1", f1, f1 + 1, f1 + 2, f1 + 3, "scores", scores, scores + 1,
                         scores + 2, scores + 3, "probabilities", p, p + 1, p + 2, p + 3),
        0);
    ck_assert_str_eq(level0, "l1");
    ck_assert_str_eq(level1, "l0");
    ck_assert_mem_eq(f0, ((int[]){1, 0, 1, 0}), sizeof f0);
    ck_assert_mem_eq(f1, ((int[]){0, 0, 1, 0}), sizeof f1);
    ck_assert_mem_eq(scores, result.scores, sizeof scores);
    ck_assert_mem_eq(p, result.probabilities, sizeof p);
    json_decref(root);
    minimisation_free(tally);
    arena_free(arena);
}
END_TEST

START_TEST(a_draw_before_the_first_is_refused)
{
    struct arena *arena = arena_new();
    struct minimised made;
    struct allocate_minimised result;
    struct error error = ERROR_CLEAR;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:1", "2=1", MEASURE_RANGE);
    made.test.scheme.design.p = 0.7;
    struct minimisation *tally = minimisation_new(&made.protocol, scheme);
    ck_assert(!allocate_minimise(
        arena, tally, seed_counting(), "t/s", 0, (const size_t[]){0}, &result, &error));
    ck_assert_int_eq(error.code, ERROR_INTERNAL);
    minimisation_free(tally);
    arena_free(arena);
}
END_TEST

/* With p = 1 two arms never differ by more than one in a single factor's level. */
START_TEST(a_factor_stays_in_balance)
{
    struct minimised made;
    struct source_fast source;
    struct stream stream;
    const struct protocol_scheme *scheme = minimised_make(&made, "1:1", "3=1", MEASURE_RANGE);
    made.test.scheme.design.p = 1;
    struct minimisation *tally = minimisation_new(&made.protocol, scheme);
    source_open_fast(&stream, &source, 8);
    int64_t furthest = 0;
    for (int n = 0; n < 10000; n++) {
        double scores[PROTOCOL_ARMS_MAX];
        double p[PROTOCOL_ARMS_MAX];
        const size_t levels[] = {stream_uniform(&stream, 3)};
        minimisation_scores(tally, levels, scores);
        minimisation_probabilities(scheme, scores, p);
        minimisation_add(tally, levels, design_pick(scheme, p, &stream));
        const int64_t *counts = minimisation_counts(tally, 0, levels[0]);
        int64_t apart = llabs(counts[0] - counts[1]);
        furthest = apart > furthest ? apart : furthest;
    }
    ck_assert_int_eq(furthest, 1);
    minimisation_free(tally);
}
END_TEST

START_TEST(a_scheme_that_cannot_be_run_is_refused_in_words)
{
    static const struct {
        const char *ratio;
        const char *factors;
        const char *form;
        const char *says;
    } rows[] = {
        {"1:1", "", "p=0.8", "no factors"},
        {"0:4", "2=1", "p=0.8", "one arm"},
        {"1:1", "2=1", "p=0", "p = 0"},
        {"1:1", "2=1", "p=1.5", "at most 1"},
        {"1:1", "2=1", "form=biased-coin p=0", "p = 0"},
        {"1:1:1", "2=1", "form=ranked ranked=0.6,0.4", "2 ranked probabilities for 3 arms"},
        {"1:3:2", "2=1", "form=ranked ranked=0.6,0.3,0.1", "equal numbers"},
    };
    struct minimised made;
    minimised_make(&made, rows[_i].ratio, rows[_i].factors, MEASURE_RANGE);
    minimised_set_form(&made, rows[_i].form);
    case_refused(&made.test.scheme, rows[_i].says);
}
END_TEST

static Suite *
minimisation_suite(void)
{
    Suite *suite = suite_create("minimisation");
    TCase *arms = tcase_create("arms");
    tcase_add_test(arms, every_measure_and_form_is_that_of_the_second_implementation);
    tcase_add_test(arms, the_published_scores_give_the_published_probabilities);
    tcase_add_test(arms, the_biased_coin_form_gives_the_published_probabilities);
    tcase_add_test(arms, preferred_arms_share_p_in_their_ratio_and_others_the_rest);
    tcase_add_test(arms, scores_that_differ_by_rounding_alone_are_the_same);
    tcase_add_test(arms, each_rank_has_its_probability_and_ties_share_theirs);
    tcase_add_loop_test(arms, scores_are_the_imbalance_with_the_unit_in_the_arm, 0, 4);
    tcase_add_test(arms, weights_and_ratios_scale_what_is_balanced);
    tcase_add_test(arms, the_ledger_keeps_all_that_the_arm_was_decided_on);
    tcase_add_test(arms, a_draw_before_the_first_is_refused);
    tcase_add_test(arms, a_factor_stays_in_balance);
    tcase_add_loop_test(arms, a_scheme_that_cannot_be_run_is_refused_in_words, 0, 7);
    suite_add_tcase(suite, arms);
    return suite;
}

TEST_MAIN(minimisation_suite)
