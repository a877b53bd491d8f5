/*
 * test_biased_coin.c: Efron's coin favours the arm that is behind, and nothing else.
 */
#include "../check_main.h"
#include "design_case.h"

START_TEST(the_arm_that_is_behind_has_p)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "biased-coin", "1:1", "p=0.75");
    case_probabilities(scheme, "0 0", (double[]){0.5, 0.5});
    case_probabilities(scheme, "1 0", (double[]){0.25, 0.75});
    case_probabilities(scheme, "0 1", (double[]){0.75, 0.25});
    case_probabilities(scheme, "1000000 3", (double[]){0.25, 0.75});
    case_probabilities(scheme, "17 17", (double[]){0.5, 0.5});
}
END_TEST

START_TEST(arms_may_stand_anywhere_in_the_protocol)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "biased-coin", "0:2:0:2", "p=0.75");
    case_accepted(scheme);
    case_probabilities(scheme, "0 4 0 3", (double[]){0, 0.25, 0, 0.75});
}
END_TEST

START_TEST(the_ends_of_p_are_a_fair_coin_and_certainty)
{
    struct test_scheme test;
    const struct protocol_scheme *fair = scheme_design(&test, "biased-coin", "1:1", "p=0.5");
    case_probabilities(fair, "9 0", (double[]){0.5, 0.5});
    const struct protocol_scheme *certain = scheme_design(&test, "biased-coin", "1:1", "p=1");
    case_probabilities(certain, "1 0", (double[]){0, 1});
    case_probabilities(certain, "0 0", (double[]){0.5, 0.5});
}
END_TEST

START_TEST(what_it_is_not_made_for_is_refused)
{
    struct test_scheme test;
    case_refused(scheme_design(&test, "biased-coin", "2:1", "p=0.75"), "two arms in equal numbers");
    case_refused(scheme_design(&test, "biased-coin", "1:1:1", "p=0.75"), "two arms");
    case_refused(scheme_design(&test, "biased-coin", "1:2:1", "p=0.75"), "two arms");
    case_refused(scheme_design(&test, "biased-coin", "0:3", "p=0.75"), "two arms");
    case_refused(scheme_design(&test, "biased-coin", "1:1", "p=0.4"), "0.5 to 1");
    case_refused(scheme_design(&test, "biased-coin", "1:1", "p=1.01"), "0.5 to 1");
    case_refused(scheme_design(&test, "biased-coin", "1:1", "p=nan"), "0.5 to 1");
}
END_TEST

static Suite *
biased_coin_suite(void)
{
    Suite *suite = suite_create("biased coin");
    TCase *coin = tcase_create("coin");
    tcase_add_test(coin, the_arm_that_is_behind_has_p);
    tcase_add_test(coin, arms_may_stand_anywhere_in_the_protocol);
    tcase_add_test(coin, the_ends_of_p_are_a_fair_coin_and_certainty);
    tcase_add_test(coin, what_it_is_not_made_for_is_refused);
    suite_add_tcase(suite, coin);
    return suite;
}

TEST_MAIN(biased_coin_suite)
