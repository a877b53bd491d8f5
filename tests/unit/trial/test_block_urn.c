/*
 * test_block_urn.c: the urn of Zhao and Weng, with their own example.
 */
#include "../check_main.h"
#include "design_case.h"

/* The published example: an urn of 6 for two arms. */
START_TEST(the_published_example_gives_the_published_arms)
{
    static const double fractions[] = {.4026, .5654, .0927, .3080, .7758, .9219, .6115, .8604,
        .4848, .7746, .2345, .8507, .0661, .2630};
    static const char arms[] = "ABAABBBBABABAA";
    struct test_scheme test;
    uint64_t words[COUNT_OF(fractions)];
    struct source_given source = {.words = words, .count = COUNT_OF(words)};
    struct stream stream;
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    const struct protocol_scheme *scheme = scheme_design(&test, "block-urn", "1:1", "size=6");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        words[i] = source_word_of(fractions[i]);
    stream_open_source(&stream, source_refill_given, &source);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        ck_assert_int_eq('A' + (int)case_draw(scheme, counts, &stream), arms[i]);
    ck_assert_uint_eq(source_taken(&stream), COUNT_OF(words));
}
END_TEST

START_TEST(balls_go_back_as_soon_as_a_whole_ratio_is_drawn)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "block-urn", "2:1", "size=6");
    case_accepted(scheme);
    case_probabilities(scheme, "0 0", (double[]){4 / 6., 2 / 6.});
    case_probabilities(scheme, "3 0", (double[]){1 / 3., 2 / 3.});
    case_probabilities(scheme, "4 0", (double[]){0, 1});
    case_probabilities(scheme, "2 1", (double[]){4 / 6., 2 / 6.});
    case_probabilities(scheme, "4 1", (double[]){2 / 4., 2 / 4.});
    case_probabilities(scheme, "1 2", (double[]){1, 0});
    case_probabilities(scheme, "2000 1001", (double[]){4 / 5., 1 / 5.});
}
END_TEST

START_TEST(an_urn_of_one_ratio_is_a_permuted_block)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "block-urn", "1:1:1", "size=3");
    case_probabilities(scheme, "7 8 8", (double[]){1, 0, 0});
    case_probabilities(scheme, "7 7 8", (double[]){0.5, 0.5, 0});
    case_probabilities(scheme, "8 8 8", (double[]){1 / 3., 1 / 3., 1 / 3.});
}
END_TEST

START_TEST(arms_keep_their_ratio)
{
    struct test_scheme test;
    struct source_fast source;
    struct stream stream;
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    const struct protocol_scheme *scheme = scheme_design(&test, "block-urn", "1:0:2:3", "size=12");
    source_open_fast(&stream, &source, 3);
    double furthest = 0;
    for (int64_t n = 1; n <= 60000; n++) {
        case_draw(scheme, counts, &stream);
        for (size_t arm = 0; arm < 4; arm++)
            furthest =
                fmax(furthest, fabs((double)counts[arm] - (double)n * scheme->ratio[arm] / 6));
    }
    ck_assert_int_eq(counts[1], 0);
    ck_assert_double_lt(furthest, 12);
}
END_TEST

START_TEST(an_urn_that_cannot_hold_the_ratio_is_refused)
{
    struct test_scheme test;
    case_refused(scheme_design(&test, "block-urn", "2:1", "size=4"), "multiple of 3");
    case_refused(scheme_design(&test, "block-urn", "2:1", "size=0"), "multiple of 3");
    case_accepted(scheme_design(&test, "block-urn", "1000:1", "size=1001"));
    case_accepted(scheme_design(&test, "block-urn", "1:1", "size=100000"));
}
END_TEST

static Suite *
block_urn_suite(void)
{
    Suite *suite = suite_create("block urn");
    TCase *urn = tcase_create("urn");
    tcase_add_test(urn, the_published_example_gives_the_published_arms);
    tcase_add_test(urn, balls_go_back_as_soon_as_a_whole_ratio_is_drawn);
    tcase_add_test(urn, an_urn_of_one_ratio_is_a_permuted_block);
    tcase_add_test(urn, arms_keep_their_ratio);
    tcase_add_test(urn, an_urn_that_cannot_hold_the_ratio_is_refused);
    suite_add_tcase(suite, urn);
    return suite;
}

TEST_MAIN(block_urn_suite)
