/*
 * test_deviation.c: what an error in an allocation means for the analysis.
 */
#include "trial/deviation.h"

#include "../check_main.h"

START_TEST(everybody_stays_in_the_intention_to_treat_set_but_a_unit_counted_twice)
{
    for (int kind = 0; kind < DEVIATION_KIND_COUNT; kind++)
        for (int known = 0; known < 2; known++)
            for (int separate = 0; separate < 2; separate++) {
                struct deviation_analysis analysis =
                    deviation_analysis_of((enum deviation_kind)kind, known, separate);
                ck_assert_int_eq(
                    analysis.intention_to_treat, kind != DEVIATION_DUPLICATE || separate);
            }
}
END_TEST

START_TEST(the_true_stratum_is_analysed_only_where_the_error_was_found_blind)
{
    ck_assert(deviation_analysis_of(DEVIATION_WRONG_STRATUM, false, false).true_stratum);
    ck_assert(!deviation_analysis_of(DEVIATION_WRONG_STRATUM, true, false).true_stratum);
    ck_assert(!deviation_analysis_of(DEVIATION_INELIGIBLE, false, false).true_stratum);
    ck_assert(!deviation_analysis_of(DEVIATION_NO_ERROR, false, false).true_stratum);
}
END_TEST

START_TEST(a_kind_is_found_by_its_name_and_no_other_is)
{
    for (int kind = 0; kind < DEVIATION_KIND_COUNT; kind++)
        ck_assert_int_eq(
            deviation_kind_by_name(deviation_kind_name((enum deviation_kind)kind)), kind);
    ck_assert_int_eq(deviation_kind_by_name("wrong"), DEVIATION_KIND_COUNT);
}
END_TEST

static Suite *
deviation_suite(void)
{
    Suite *suite = suite_create("deviation");
    TCase *rules = tcase_create("rules");
    tcase_add_test(rules, everybody_stays_in_the_intention_to_treat_set_but_a_unit_counted_twice);
    tcase_add_test(rules, the_true_stratum_is_analysed_only_where_the_error_was_found_blind);
    tcase_add_test(rules, a_kind_is_found_by_its_name_and_no_other_is);
    suite_add_tcase(suite, rules);
    return suite;
}

TEST_MAIN(deviation_suite)
