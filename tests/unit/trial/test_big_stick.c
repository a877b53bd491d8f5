/*
 * test_big_stick.c: a fair coin up to the limit, and certainty there.
 */
#include "../check_main.h"
#include "design_case.h"

START_TEST(the_coin_is_fair_until_the_limit)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "big-stick", "1:1", "limit=3");
    case_probabilities(scheme, "0 0", (double[]){0.5, 0.5});
    case_probabilities(scheme, "12 10", (double[]){0.5, 0.5});
    case_probabilities(scheme, "13 10", (double[]){0, 1});
    case_probabilities(scheme, "10 13", (double[]){1, 0});
    case_probabilities(scheme, "10 12", (double[]){0.5, 0.5});
}
END_TEST

START_TEST(no_arm_is_ever_ahead_by_more_than_the_limit)
{
    struct test_scheme test;
    case_largest_lead(scheme_design(&test, "big-stick", "1:1", "limit=1"), 1, 1000);
    case_largest_lead(scheme_design(&test, "big-stick", "1:1", "limit=4"), 4, 10000);
}
END_TEST

START_TEST(a_limit_that_is_never_reached_leaves_a_fair_coin)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "big-stick", "1:1", "limit=100000");
    case_accepted(scheme);
    case_probabilities(scheme, "1000 0", (double[]){0.5, 0.5});
}
END_TEST

START_TEST(what_it_is_not_made_for_is_refused)
{
    struct test_scheme test;
    case_refused(scheme_design(&test, "big-stick", "1:1", "limit=0"), "1 or more");
    case_refused(scheme_design(&test, "big-stick", "2:1", "limit=3"), "two arms in equal numbers");
}
END_TEST

static Suite *
big_stick_suite(void)
{
    Suite *suite = suite_create("big stick");
    TCase *stick = tcase_create("stick");
    tcase_add_test(stick, the_coin_is_fair_until_the_limit);
    tcase_add_test(stick, no_arm_is_ever_ahead_by_more_than_the_limit);
    tcase_add_test(stick, a_limit_that_is_never_reached_leaves_a_fair_coin);
    tcase_add_test(stick, what_it_is_not_made_for_is_refused);
    suite_add_tcase(suite, stick);
    return suite;
}

TEST_MAIN(big_stick_suite)
