/*
 * test_urn.c: Wei's urn by its balls.
 */
#include "../check_main.h"
#include "design_case.h"

/* The urn itself: balls are put in one allocation after another. */
START_TEST(probabilities_are_the_balls_in_the_urn)
{
    struct test_scheme test;
    struct source_fast source;
    struct stream stream;
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    int64_t balls[3] = {2, 2, 2};
    const struct protocol_scheme *scheme = scheme_design(&test, "urn", "1:1:1", "alpha=2 beta=5");
    case_accepted(scheme);
    source_open_fast(&stream, &source, 4);
    for (int n = 0; n < 1000; n++) {
        double p[PROTOCOL_ARMS_MAX];
        urn_design.probabilities(scheme, counts, p);
        for (size_t arm = 0; arm < 3; arm++)
            ck_assert_double_eq(
                p[arm], (double)balls[arm] / (double)(balls[0] + balls[1] + balls[2]));
        size_t drawn = case_draw(scheme, counts, &stream);
        for (size_t arm = 0; arm < 3; arm++)
            balls[arm] += arm == drawn ? 0 : 5;
    }
}
END_TEST

START_TEST(an_empty_urn_begins_with_a_fair_choice)
{
    struct test_scheme test;
    const struct protocol_scheme *two = scheme_design(&test, "urn", "1:1", "alpha=0 beta=1");
    case_accepted(two);
    case_probabilities(two, "0 0", (double[]){0.5, 0.5});
    case_probabilities(two, "1 0", (double[]){0, 1});
    case_probabilities(two, "1 1", (double[]){0.5, 0.5});
    case_probabilities(two, "3 1", (double[]){0.25, 0.75});
    const struct protocol_scheme *three = scheme_design(&test, "urn", "2:0:2:2", "alpha=0 beta=3");
    case_probabilities(three, "0 0 0 0", (double[]){1 / 3., 0, 1 / 3., 1 / 3.});
    case_probabilities(three, "1 0 0 0", (double[]){0, 0, 0.5, 0.5});
}
END_TEST

START_TEST(many_balls_and_many_units_do_not_overflow)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme =
        scheme_design(&test, "urn", "1:1", "alpha=100000 beta=100000");
    case_probabilities(scheme, "1000000000 1000000000", (double[]){0.5, 0.5});
}
END_TEST

START_TEST(unequal_ratios_are_refused)
{
    struct test_scheme test;
    case_refused(scheme_design(&test, "urn", "2:1", "alpha=1 beta=1"), "equal numbers");
    case_refused(scheme_design(&test, "urn", "1:0:3:2", "alpha=1 beta=1"), "equal numbers");
}
END_TEST

static Suite *
urn_suite(void)
{
    Suite *suite = suite_create("urn");
    TCase *balls = tcase_create("balls");
    tcase_add_test(balls, probabilities_are_the_balls_in_the_urn);
    tcase_add_test(balls, an_empty_urn_begins_with_a_fair_choice);
    tcase_add_test(balls, many_balls_and_many_units_do_not_overflow);
    tcase_add_test(balls, unequal_ratios_are_refused);
    suite_add_tcase(suite, balls);
    return suite;
}

TEST_MAIN(urn_suite)
