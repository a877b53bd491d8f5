/*
 * test_protocol_advise.c: a protocol that probably does not mean what it says gets advice.
 */
#include "../check_main.h"
#include "protocol_case.h"

static const char *
advice(const struct protocol *protocol)
{
    faults_init(&faults, arena);
    protocol_advise(protocol, &faults);
    return fault_lines();
}

#define FEASIBILITY_ADVICE                                                                         \
    "69:5: phases.feasibility.scheme: all blocks have one size (6): whoever sees a block's arms "  \
    "can tell its last one; list two sizes or more where more than one block is expected\n"

START_TEST(strata_that_swallow_the_target_are_advised_against)
{
    /* 4 strata x 6 = 24 for 72 workplaces is well; with three regions it is 72 for 72. */
    ck_assert_str_eq(advice(work_together()), FEASIBILITY_ADVICE);
    const char *text = replaced(file_text(WORK_TOGETHER),
        "levels: [se-ab, se-c, se-d, se-e, se-s, se-t, se-u]", "levels: [se-ab, se-c, se-d]");
    const struct protocol *protocol =
        parse_text(replaced(text, "strata: [sector, size]", "strata: [sector, size, county]"));
    ck_assert_ptr_nonnull(protocol);
    ck_assert_str_eq(advice(protocol),
        FEASIBILITY_ADVICE "77:5: phases.rct.scheme: 12 strata with blocks of up to 6 are 72 "
                           "places for a target of 72: many blocks will stay unfinished, and the "
                           "arms may become uneven; use fewer strata or smaller blocks\n");
}
END_TEST

START_TEST(numbers_between_two_bands_of_a_factor_are_advised_against)
{
    ck_assert_str_eq(advice(amended("\"50-249\": [50, 249]", "\"50-249\": [60, 249]")),
        FEASIBILITY_ADVICE
        "77:5: phases.rct.scheme: no band of `size` holds 50 to 59: who lies there "
        "is in no stratum; let one of the bands beside them reach over them\n");
    const char *text =
        replaced(file_text(WORK_TOGETHER), "\"50-249\": [50, 249]", "\"50-249\": [60, 249]");
    ck_assert_str_eq(
        advice(parse_text(replaced(text, "strata: [sector, size]", "strata: [sector]"))),
        FEASIBILITY_ADVICE);
}
END_TEST

START_TEST(a_single_block_size_is_advised_against)
{
    const struct protocol *protocol = amended("blocks: [3, 6]", "blocks: [6, 6]");
    ck_assert_ptr_nonnull(
        strstr(advice(protocol), "77:5: phases.rct.scheme: all blocks have one size (6)"));
    protocol = amended("blocks: [6]", "blocks: [3, 6]");
    ck_assert_str_eq(advice(protocol), "");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/protocol_advise");
    TCase *test_case = tcase_create("advice");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_test(test_case, strata_that_swallow_the_target_are_advised_against);
    tcase_add_test(test_case, numbers_between_two_bands_of_a_factor_are_advised_against);
    tcase_add_test(test_case, a_single_block_size_is_advised_against);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
