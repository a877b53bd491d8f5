/*
 * test_simple.c: each arm comes in its ratio, whatever came before.
 */
#include "../check_main.h"
#include "design_case.h"
#include "trial/allocate.h"

START_TEST(each_arm_comes_in_its_ratio)
{
    struct test_scheme test;
    struct source_fast source;
    struct stream stream;
    unsigned shares[6] = {0};
    uint8_t arms[DESIGN_BLOCK_MAX];
    unsigned draws = source_draws(6000000);
    const struct protocol_scheme *scheme = scheme_design(&test, "simple", "1:0:2:3", "");
    source_open_fast(&stream, &source, 1);
    for (unsigned i = 0; i < draws; i++) {
        simple_design.block(scheme, &stream, arms);
        shares[arms[0] < 4 ? arms[0] : 1]++;
    }
    ck_assert_uint_eq(shares[1], 0);
    ck_assert_double_eq_tol(shares[0], draws / 6., 5 * sqrt(draws * 5 / 36.));
    ck_assert_double_eq_tol(shares[2], draws / 3., 5 * sqrt(draws * 2 / 9.));
    ck_assert_double_eq_tol(shares[3], draws / 2., 5 * sqrt(draws / 4.));
}
END_TEST

START_TEST(probabilities_are_the_ratio_whatever_came_before)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "simple", "1:0:2:3", "");
    const double p[] = {1 / 6., 0, 2 / 6., 3 / 6.};
    case_probabilities(scheme, "0 0 0 0", p);
    case_probabilities(scheme, "90 0 1 2", p);
}
END_TEST

START_TEST(a_thousand_to_one_is_a_ratio_too)
{
    struct test_scheme test;
    struct source_fast source;
    struct stream stream;
    uint8_t arms[DESIGN_BLOCK_MAX];
    unsigned draws = source_draws(4000000);
    unsigned rare = 0;
    const struct protocol_scheme *scheme = scheme_design(&test, "simple", "1000:1", "");
    source_open_fast(&stream, &source, 2);
    for (unsigned i = 0; i < draws; i++) {
        simple_design.block(scheme, &stream, arms);
        rare += arms[0];
    }
    ck_assert_double_eq_tol(rare, draws / 1001., 5 * sqrt(draws / 1001.));
}
END_TEST

START_TEST(the_ledger_keeps_the_counts_that_stood_before)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "simple", "2:1:1", "");
    struct allocate_bookmark bookmark = {0};
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    for (int64_t k = 1; k <= 200; k++) {
        ck_assert(allocate_arm(scheme, seed_counting(), "t/s", "", k, &bookmark, &result, &error));
        ck_assert_mem_eq(result.counts, counts, sizeof counts);
        counts[result.arm]++;
    }
}
END_TEST

static Suite *
simple_suite(void)
{
    Suite *suite = suite_create("simple");
    TCase *arms = tcase_create("arms");
    tcase_set_timeout(arms, 60);
    tcase_add_test(arms, each_arm_comes_in_its_ratio);
    tcase_add_test(arms, probabilities_are_the_ratio_whatever_came_before);
    tcase_add_test(arms, a_thousand_to_one_is_a_ratio_too);
    tcase_add_test(arms, the_ledger_keeps_the_counts_that_stood_before);
    suite_add_tcase(suite, arms);
    return suite;
}

TEST_MAIN(simple_suite)
