/*
 * test_consequence.c: what a design leads to is told before it is locked, for whole trials of
 * strata that are not all of one size.
 */
#include "trial/consequence.h"

#include "../check_main.h"
#include "protocol_case.h"

#include <math.h>

static struct consequence
consequence(unsigned target, const char *text)
{
    const struct protocol *protocol = parse_text(one_scheme(target, text));
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    return consequence_of(protocol, &protocol->schemes[0]);
}

#define TWO "ratio: {a: 1, b: 1}"

START_TEST(whole_blocks_are_as_published)
{
    /* Blackwell and Hodges: n + 4^n / (2 C(2n, n)) - 1/2 right guesses in a block of 2n. */
    struct consequence of = consequence(40, "method: permuted-block, " TWO ", blocks: [4]");
    ck_assert_ptr_null(of.unknown);
    ck_assert(of.exact);
    ck_assert_double_eq_tol(of.correct_guess, (2 + 16.0 / 12 - 0.5) / 4, 1e-12);
    ck_assert_double_eq_tol(of.deterministic, (1 + 1.0 / 3) / 4, 1e-12);
    ck_assert_double_eq_tol(of.final_sd, 0, 1e-12);
    ck_assert_double_eq_tol(of.stratum_abs, 0, 1e-12);
}
END_TEST

START_TEST(strata_of_several_sizes_are_put_together)
{
    /* Tossed coins: the difference of n has variance n, however they are divided into strata. */
    struct consequence of = consequence(43, "method: simple, " TWO ", strata: [sector, county]");
    ck_assert(of.exact);
    ck_assert_uint_eq(of.strata, 16);
    ck_assert_double_eq_tol(of.correct_guess, 0.5, 1e-12);
    ck_assert_double_eq_tol(of.final_sd, sqrt(43), 1e-9);
    /* 11 strata of 3 and 5 of 2: mean absolute differences 1.5 and 1. */
    ck_assert_double_eq_tol(of.stratum_abs, (11 * 1.5 + 5) / 16, 1e-12);
}
END_TEST

START_TEST(more_strata_than_units_are_strata_of_one)
{
    struct consequence of =
        consequence(5, "method: permuted-block, " TWO ", strata: [county], blocks: [2]");
    ck_assert(of.exact);
    ck_assert_double_eq_tol(of.correct_guess, 0.5, 1e-12);
    ck_assert_double_eq_tol(of.final_sd, sqrt(5), 1e-9);
    ck_assert_double_eq_tol(of.stratum_abs, 5.0 / 8, 1e-12);
}
END_TEST

START_TEST(what_has_no_exact_way_is_simulated_with_its_error)
{
    struct consequence of =
        consequence(60, "method: minimisation, " TWO ", factors: {sector: 1, size: 1}, p: 0.8");
    ck_assert_ptr_null(of.unknown);
    ck_assert(!of.exact);
    ck_assert(of.correct_guess > 0.55 && of.correct_guess < 0.8);
    ck_assert(of.standard_error[OPERATING_CORRECT_GUESS] > 0);
    ck_assert(of.standard_error[OPERATING_CORRECT_GUESS] < 0.01);
    ck_assert(of.final_sd > 0 && of.stratum_abs > 0);
}
END_TEST

START_TEST(a_constrained_randomisation_says_what_it_chooses_from)
{
    static const char factors[] = "method: constrained, " TWO ", factors: {sector: 1}";
    struct consequence of = consequence(16, factors);
    ck_assert_uint_eq(of.assignments, 12870);
    ck_assert_uint_eq(of.scored, 12870);
    ck_assert_uint_eq(of.accepted, 1287);
    of = consequence(24, factors);
    ck_assert_uint_eq(of.assignments, 2704156);
    ck_assert_uint_eq(of.scored, 20000);
    of = consequence(17, arena_printf(arena, "%s, strata: [sector]", factors));
    ck_assert_uint_eq(of.assignments, 126 * 70);
    ck_assert_uint_eq(consequence(500, factors).assignments, UINT64_MAX);
    ck_assert_uint_eq(consequence(5000, factors).assignments, 0);
}
END_TEST

START_TEST(a_scheme_without_figures_says_why)
{
    static const struct {
        unsigned target;
        const char *scheme;
        const char *why;
    } rows[] = {
        {40, "method: nonrandom-comparison, arms: [a, b]", "nothing is drawn"},
        {40, "method: constrained, " TWO ", factors: {sector: 1}", "all are drawn at once"},
        {1000000, "method: minimisation, " TWO ", factors: {sector: 1}, p: 0.8",
            "too much to work out here: rctctl simulate"},
        {100, "method: maximal, " TWO ", limit: 500, length: 1000",
            "too much to work out here: rctctl simulate"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        ck_assert_str_eq(consequence(rows[i].target, rows[i].scheme).unknown, rows[i].why);
    const struct protocol *protocol =
        parse_text(file_text("tests/golden/protocol/every-method.yaml"));
    ck_assert_str_eq(
        consequence_of(protocol, &protocol->schemes[0]).unknown, "its phase has no target");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/consequence");
    TCase *test_case = tcase_create("consequences");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_test(test_case, whole_blocks_are_as_published);
    tcase_add_test(test_case, strata_of_several_sizes_are_put_together);
    tcase_add_test(test_case, more_strata_than_units_are_strata_of_one);
    tcase_add_test(test_case, what_has_no_exact_way_is_simulated_with_its_error);
    tcase_add_test(test_case, a_constrained_randomisation_says_what_it_chooses_from);
    tcase_add_test(test_case, a_scheme_without_figures_says_why);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
