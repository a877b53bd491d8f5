/*
 * test_biased_coin_limit.c: Efron's coin within the limit, and certainty at it.
 */
#include "../check_main.h"
#include "design_case.h"

START_TEST(the_arm_that_is_behind_has_p_and_at_the_limit_all)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme =
        scheme_design(&test, "biased-coin-limit", "1:1", "limit=3 p=0.75");
    case_accepted(scheme);
    case_probabilities(scheme, "5 5", (double[]){0.5, 0.5});
    case_probabilities(scheme, "6 5", (double[]){0.25, 0.75});
    case_probabilities(scheme, "5 7", (double[]){0.75, 0.25});
    case_probabilities(scheme, "5 8", (double[]){1, 0});
    case_probabilities(scheme, "8 5", (double[]){0, 1});
}
END_TEST

START_TEST(no_arm_is_ever_ahead_by_more_than_the_limit)
{
    struct test_scheme test;
    case_largest_lead(scheme_design(&test, "biased-coin-limit", "1:1", "limit=3 p=0.6"), 3, 10000);
}
END_TEST

START_TEST(a_fair_coin_with_a_limit_is_the_big_stick)
{
    struct test_scheme chen;
    struct test_scheme stick;
    scheme_design(&chen, "biased-coin-limit", "1:1", "limit=4 p=0.5");
    scheme_design(&stick, "big-stick", "1:1", "limit=4");
    for (int64_t lead = -4; lead <= 4; lead++) {
        const int64_t counts[PROTOCOL_ARMS_MAX] = {10 + lead, 10};
        double p[PROTOCOL_ARMS_MAX];
        double expected[PROTOCOL_ARMS_MAX];
        biased_coin_limit_design.probabilities(&chen.scheme, counts, p);
        big_stick_design.probabilities(&stick.scheme, counts, expected);
        ck_assert_mem_eq(p, expected, sizeof p);
    }
}
END_TEST

START_TEST(what_it_is_not_made_for_is_refused)
{
    struct test_scheme test;
    case_refused(scheme_design(&test, "biased-coin-limit", "1:1", "p=0.7"), "1 or more");
    case_refused(scheme_design(&test, "biased-coin-limit", "1:1", "limit=3"), "0.5 to 1");
    case_refused(
        scheme_design(&test, "biased-coin-limit", "2:1", "limit=3 p=0.7"), "two arms in equal");
}
END_TEST

static Suite *
biased_coin_limit_suite(void)
{
    Suite *suite = suite_create("biased coin limit");
    TCase *coin = tcase_create("coin");
    tcase_add_test(coin, the_arm_that_is_behind_has_p_and_at_the_limit_all);
    tcase_add_test(coin, no_arm_is_ever_ahead_by_more_than_the_limit);
    tcase_add_test(coin, a_fair_coin_with_a_limit_is_the_big_stick);
    tcase_add_test(coin, what_it_is_not_made_for_is_refused);
    suite_add_tcase(suite, coin);
    return suite;
}

TEST_MAIN(biased_coin_limit_suite)
