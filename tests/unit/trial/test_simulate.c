/*
 * test_simulate.c: simulated figures agree with the exact ones, a seed gives them again on any
 * number of threads, and imbalance within strata and factors is told.
 */
#include "trial/operating/operating.h"

#include "../check_main.h"
#include "operating_case.h"

#define PERMUTED METHOD_PERMUTED_BLOCK
#define TRIALS 20000

static struct operating_setting
setting_of(const struct protocol_scheme *scheme, size_t n)
{
    return (struct operating_setting){
        .scheme = scheme, .n = n, .trials = TRIALS, .seed = 20261122, .threads = 2, .strata = 1};
}

static const struct {
    enum protocol_method method;
    const char *ratio;
    struct protocol_design design;
    const char *sizes;
    size_t n;
} cases[] = {
    {METHOD_SIMPLE, "1:1", {0}, NULL, 40},
    {METHOD_SIMPLE, "3:1", {0}, NULL, 40},
    {METHOD_SIMPLE, "1:2:1", {0}, NULL, 40},
    {PERMUTED, "1:1", {0}, "4 6", 41},
    {PERMUTED, "1:1", {0}, "10", 27},
    {PERMUTED, "2:1", {0}, "3 6 9", 40},
    {PERMUTED, "1:1:2", {0}, "4 8", 41},
    {METHOD_BIASED_COIN, "1:1", {.p = 0.7}, NULL, 60},
    {METHOD_BIG_STICK, "1:1", {.limit = 3}, NULL, 60},
    {METHOD_BIASED_COIN_LIMIT, "1:1", {.limit = 3, .p = 0.6}, NULL, 60},
    {METHOD_BLOCK_URN, "2:1", {.size = 6}, NULL, 40},
    {METHOD_BLOCK_URN, "1:2:1", {.size = 8}, NULL, 40},
    {METHOD_URN, "1:1:1", {.alpha = 1, .beta = 3}, NULL, 40},
    {METHOD_MAXIMAL, "1:1", {.limit = 3, .length = 24}, NULL, 40},
};

/* Five standard errors, of twenty thousand trials with a fixed seed. */
static void
check_close(const char *what, double simulated, double exact, double standard_error)
{
    ck_assert_msg(fabs(simulated - exact) <= 5 * standard_error + 1e-9,
        "%s: %.6f simulated (se %.6f), %.6f exact", what, simulated, standard_error, exact);
    ck_assert_double_lt(standard_error, 0.05 + 0.02 * exact);
}

START_TEST(simulated_figures_are_the_exact_ones)
{
    struct operating_case made;
    struct operating exact;
    struct operating_result result = {0};
    struct error error;
    struct protocol_scheme *scheme =
        case_make(&made, cases[_i].method, cases[_i].ratio, cases[_i].design, cases[_i].sizes);
    double curve[64];
    double exact_curve[64];
    struct operating_setting setting = setting_of(scheme, cases[_i].n);
    result.curve = curve;
    ck_assert(operating_exact_curve(scheme, cases[_i].n, &exact, exact_curve));
    ck_assert(operating_simulate(&setting, &result, &error));
    const struct operating *found = &result.trial;
    const double *se = found->standard_error;
    ck_assert(!found->exact);
    check_close(
        "correct_guess", found->correct_guess, exact.correct_guess, se[OPERATING_CORRECT_GUESS]);
    check_close(
        "deterministic", found->deterministic, exact.deterministic, se[OPERATING_DETERMINISTIC]);
    check_close("final_sd", found->final_sd, exact.final_sd, se[OPERATING_FINAL_SD]);
    check_close("final_abs", found->final_abs, exact.final_abs, se[OPERATING_FINAL_ABS]);
    check_close("max_abs", found->max_abs, exact.max_abs, se[OPERATING_MAX_ABS]);
    for (size_t k = 0; k <= cases[_i].n; k++)
        ck_assert_double_eq_tol(curve[k], exact_curve[k], 0.15);
    ck_assert_double_eq_tol(curve[cases[_i].n], found->final_abs, 1e-3);
}
END_TEST

START_TEST(a_seed_gives_the_same_figures_on_any_number_of_threads)
{
    struct operating_case made;
    struct operating_result one = {0};
    struct operating_result five = {0};
    struct operating_result other = {0};
    struct error error;
    double curves[2][51];
    struct protocol_scheme *scheme =
        case_make(&made, METHOD_URN, "1:1:1", DESIGN(.alpha = 1, .beta = 1), NULL);
    struct operating_setting setting = setting_of(scheme, 50);
    setting.strata = 3;
    setting.pattern = OPERATING_RANDOM;
    setting.threads = 1;
    one.curve = curves[0];
    five.curve = curves[1];
    ck_assert(operating_simulate(&setting, &one, &error));
    setting.threads = 5;
    ck_assert(operating_simulate(&setting, &five, &error));
    ck_assert_mem_eq(&one.trial, &five.trial, sizeof one.trial);
    ck_assert_mem_eq(&one.strata, &five.strata, sizeof one.strata);
    ck_assert_mem_eq(curves[0], curves[1], sizeof curves[0]);
    setting.seed++;
    ck_assert(operating_simulate(&setting, &other, &error));
    ck_assert(fabs(one.trial.final_abs - other.trial.final_abs) > 0);
}
END_TEST

static void
mark_progress(void *context, int64_t done, int64_t total)
{
    int64_t *last = context;
    ck_assert(done > *last && done <= total);
    *last = done == total ? -1 : done;
}

START_TEST(progress_rises_to_the_end)
{
    struct operating_case made;
    struct operating_result result = {0};
    struct error error;
    int64_t last = 0;
    struct protocol_scheme *scheme = case_make(&made, METHOD_SIMPLE, "1:1", DESIGN(0), NULL);
    struct operating_setting setting = setting_of(scheme, 100);
    setting.progress = mark_progress;
    setting.context = &last;
    ck_assert(operating_simulate(&setting, &result, &error));
    ck_assert_int_eq(last, -1);
}
END_TEST

/* Forty units in turn over eight strata of five: blocks of four leave one of each stratum. */
START_TEST(each_stratum_has_its_own_blocks)
{
    struct operating_case made;
    struct operating_result result = {0};
    struct error error;
    struct protocol_scheme *scheme = case_make(&made, PERMUTED, "1:1", DESIGN(0), "4");
    struct operating_setting setting = setting_of(scheme, 40);
    setting.strata = 8;
    ck_assert(operating_simulate(&setting, &result, &error));
    ck_assert_double_eq_tol(result.strata.final_abs, 1, 1e-12);
    ck_assert_double_eq_tol(result.strata.final_sd, 1, 0.001);
    ck_assert(result.strata.max_abs <= 2);
    /* Eight differences of one, each way with one half, make up the trial's. */
    check_close("final_sd", result.trial.final_sd, sqrt(8),
        result.trial.standard_error[OPERATING_FINAL_SD]);
    /* Within each stratum the guesser does as over five places alone. */
    struct operating five;
    ck_assert(operating_exact(scheme, 5, &five));
    check_close("correct_guess", result.trial.correct_guess, five.correct_guess,
        result.trial.standard_error[OPERATING_CORRECT_GUESS]);
}
END_TEST

START_TEST(shares_of_strata_are_kept_to)
{
    struct operating_case made;
    struct operating_result result = {0};
    struct error error;
    const double shares[] = {98, 1, 1};
    struct protocol_scheme *scheme = case_make(&made, METHOD_SIMPLE, "1:1", DESIGN(0), NULL);
    struct operating_setting setting = setting_of(scheme, 300);
    setting.strata = 3;
    setting.pattern = OPERATING_SHARES;
    setting.shares = shares;
    ck_assert(operating_simulate(&setting, &result, &error));
    /* The variance of a stratum of simple randomisation is its size: a mean of 100. */
    check_close(
        "strata", result.strata.final_sd, 10, result.strata.standard_error[OPERATING_FINAL_SD]);
    /* The mean absolute difference is that of one large stratum of 294 and two of 3. */
    ck_assert_double_lt(result.strata.final_abs, 6.5);
}
END_TEST

static const char *level_names[] = {"a", "b", "c"};

/* Two factors of two and three levels. */
struct minimised {
    struct protocol protocol;
    struct protocol_attribute attributes[2];
    struct protocol_balanced balanced[2];
    struct operating_case made;
};

static struct operating_setting
minimised_setting(
    struct minimised *test, const char *ratio, enum protocol_preference form, double p)
{
    memset(test, 0, sizeof *test);
    test->attributes[0] =
        (struct protocol_attribute){.name = "one", .levels = level_names, .level_count = 2};
    test->attributes[1] =
        (struct protocol_attribute){.name = "two", .levels = level_names, .level_count = 3};
    test->protocol.subjects[PROTOCOL_WORKPLACE].attributes = test->attributes;
    test->protocol.subjects[PROTOCOL_WORKPLACE].attribute_count = 2;
    test->balanced[0] = (struct protocol_balanced){.attribute = 0, .weight = 1};
    test->balanced[1] = (struct protocol_balanced){.attribute = 1, .weight = 1};
    struct protocol_design design = {
        .p = p, .form = form, .balanced = test->balanced, .balanced_count = 2};
    struct operating_setting setting =
        setting_of(case_make(&test->made, METHOD_MINIMISATION, ratio, design, NULL), 60);
    setting.protocol = &test->protocol;
    setting.trials = 4000;
    return setting;
}

START_TEST(minimisation_balances_its_factors_and_a_p_of_a_half_balances_nothing)
{
    struct minimised test;
    struct operating_part factors[2];
    struct operating_part none[2];
    struct operating_result result = {.factors = factors};
    struct operating_result without = {.factors = none};
    struct error error;
    struct operating_setting setting = minimised_setting(&test, "1:1", FORM_PLAIN, 0.9);
    ck_assert(operating_simulate(&setting, &result, &error));
    ck_assert_double_lt(factors[0].final_abs, 2);
    ck_assert_double_lt(factors[1].final_abs, 2);
    ck_assert_double_gt(result.trial.correct_guess, 0.6);
    ck_assert(result.trial.deterministic <= 0);
    setting = minimised_setting(&test, "1:1", FORM_PLAIN, 0.5);
    ck_assert(operating_simulate(&setting, &without, &error));
    check_close(
        "sd", without.trial.final_sd, sqrt(60), without.trial.standard_error[OPERATING_FINAL_SD]);
    /* A level has a half or a third of the units, and with p of a half their number as variance. */
    check_close(
        "two levels", none[0].final_sd, sqrt(30), none[0].standard_error[OPERATING_FINAL_SD]);
    check_close(
        "three levels", none[1].final_sd, sqrt(20), none[1].standard_error[OPERATING_FINAL_SD]);
}
END_TEST

/* With a p of a half nothing is balanced: a level that has nearly all units is as uneven as the
 * trial, and the mean over the levels is that divided by their number. */
START_TEST(levels_have_the_shares_that_they_are_given)
{
    struct minimised test;
    struct operating_part factors[2];
    struct operating_result result = {.factors = factors};
    struct error error;
    const double most[] = {99999, 1};
    const double *const shares[] = {most, NULL};
    struct operating_setting setting = minimised_setting(&test, "1:1", FORM_PLAIN, 0.5);
    setting.level_shares = shares;
    ck_assert(operating_simulate(&setting, &result, &error));
    ck_assert_double_eq_tol(factors[0].final_abs, result.trial.final_abs / 2, 0.01);
    ck_assert_double_gt(factors[1].final_abs, result.trial.final_abs / 2);
}
END_TEST

START_TEST(minimisation_without_chance_is_certain_but_at_ties)
{
    struct minimised test;
    struct operating_result result = {0};
    struct error error;
    struct operating_setting setting = minimised_setting(&test, "1:1:1", FORM_PLAIN, 1);
    ck_assert(operating_simulate(&setting, &result, &error));
    ck_assert_double_gt(result.trial.deterministic, 0.4);
    ck_assert_double_lt(result.trial.deterministic, 1);
}
END_TEST

START_TEST(a_method_without_an_order_of_units_is_refused)
{
    struct minimised test;
    struct operating_result result = {0};
    struct error error = ERROR_CLEAR;
    struct operating_setting setting = minimised_setting(&test, "1:1", FORM_PLAIN, 0.9);
    test.made.scheme.method = METHOD_CONSTRAINED;
    ck_assert(!operating_simulate(&setting, &result, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.detail, "constrained cannot be simulated"));
}
END_TEST

static Suite *
simulate_suite(void)
{
    Suite *suite = suite_create("simulate");
    TCase *group = tcase_create("figures");
    tcase_set_timeout(group, 600);
    tcase_add_loop_test(group, simulated_figures_are_the_exact_ones, 0, (int)COUNT_OF(cases));
    tcase_add_test(group, a_seed_gives_the_same_figures_on_any_number_of_threads);
    tcase_add_test(group, progress_rises_to_the_end);
    tcase_add_test(group, each_stratum_has_its_own_blocks);
    tcase_add_test(group, shares_of_strata_are_kept_to);
    tcase_add_test(group, minimisation_balances_its_factors_and_a_p_of_a_half_balances_nothing);
    tcase_add_test(group, levels_have_the_shares_that_they_are_given);
    tcase_add_test(group, minimisation_without_chance_is_certain_but_at_ties);
    tcase_add_test(group, a_method_without_an_order_of_units_is_refused);
    suite_add_tcase(suite, group);
    return suite;
}

TEST_MAIN(simulate_suite)
