/*
 * test_maximal.c: every sequence that is allowed is as likely as another, and no other comes.
 */
#include "../check_main.h"
#include "design_case.h"

#define PLACES_MAX 10

/* Is the block, its arms as bits, within the limit from a lead of `start`? Gives the lead after it.
 */
static bool
allowed(const struct protocol_design *design, unsigned block, int start, int *end)
{
    int lead = start;
    for (unsigned place = 0; place < design->length; place++) {
        lead += block >> place & 1 ? -1 : 1;
        if ((unsigned)abs(lead) > design->limit)
            return false;
    }
    *end = lead;
    return !design->balanced_end || lead == 0;
}

/* Draws blocks one after another, each from the lead that those before it have left, and counts
 * them by that lead. */
static void
check_blocks(const struct protocol_scheme *scheme, unsigned draws)
{
    static unsigned found[2 * PLACES_MAX + 1][1 << PLACES_MAX];
    struct source_fast source;
    struct stream stream;
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    const struct protocol_design *design = &scheme->design;
    memset(found, 0, sizeof found);
    source_open_fast(&stream, &source, 5);
    for (unsigned i = 0; i < draws; i++) {
        unsigned block = 0;
        int64_t start = counts[0] - counts[1];
        for (unsigned place = 0; place < design->length; place++)
            block |= (unsigned)case_draw(scheme, counts, &stream) << place;
        found[PLACES_MAX + start][block]++;
    }
    for (int start = -PLACES_MAX; start <= PLACES_MAX; start++) {
        unsigned cells[1 << PLACES_MAX];
        size_t count = 0;
        double total = 0;
        int end;
        for (unsigned block = 0; block < 1U << design->length; block++) {
            unsigned times = found[PLACES_MAX + start][block];
            if (allowed(design, block, start, &end))
                cells[count++] = times;
            else if (times > 0)
                ck_abort_msg("block %x from %d is not allowed", block, start);
            total += times;
        }
        if (count > 1 && total / (double)count > 20)
            source_check_uniform(cells, count, total);
    }
}

START_TEST(every_allowed_sequence_is_as_likely_as_another)
{
    static const char *const shapes[] = {"limit=1 length=4 balanced_end=yes",
        "limit=2 length=8 balanced_end=yes", "limit=3 length=10 balanced_end=yes",
        "limit=9 length=6 balanced_end=yes", "limit=2 length=5", "limit=3 length=8",
        "limit=1 length=3"};
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "maximal", "1:1", shapes[_i]);
    case_accepted(scheme);
    check_blocks(scheme, source_draws(500000));
}
END_TEST

START_TEST(a_block_ends_in_balance_where_that_is_asked_for)
{
    struct test_scheme test;
    struct source_fast source;
    struct stream stream;
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    const struct protocol_scheme *scheme =
        scheme_design(&test, "maximal", "1:1", "limit=6 length=50 balanced_end=yes");
    source_open_fast(&stream, &source, 6);
    for (int n = 1; n <= 5000; n++) {
        case_draw(scheme, counts, &stream);
        ck_assert_int_le(llabs(counts[0] - counts[1]), 6);
        if (n % 50 == 0)
            ck_assert_int_eq(counts[0], counts[1]);
    }
}
END_TEST

START_TEST(an_imbalance_carries_over_into_the_next_block_and_the_limit_with_it)
{
    struct test_scheme test;
    case_largest_lead(scheme_design(&test, "maximal", "1:1", "limit=3 length=7"), 3, 10000);
}
END_TEST

START_TEST(the_longest_block_does_not_overflow)
{
    static const char *const shapes[] = {"limit=100000 length=1000", "limit=1 length=1000",
        "limit=3 length=1000 balanced_end=yes", "limit=100000 length=1000 balanced_end=yes"};
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_design(&test, "maximal", "1:1", shapes[_i]);
    case_accepted(scheme);
    case_probabilities(scheme, "0 0", (double[]){0.5, 0.5});
    case_probabilities(scheme, "499 500", _i == 0 ? (double[]){0.5, 0.5} : (double[]){1, 0});
}
END_TEST

/* From one ahead, C(7,3) = 35 ways go on, and C(6,2) = 15 of them with the same arm. */
START_TEST(without_a_limit_that_acts_a_balanced_block_is_a_permuted_block)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme =
        scheme_design(&test, "maximal", "1:1", "limit=50 length=8 balanced_end=yes");
    case_probabilities(scheme, "0 0", (double[]){0.5, 0.5});
    case_probabilities(scheme, "1 0", (double[]){15 / 35., 1 - 15 / 35.});
    case_probabilities(scheme, "4 0", (double[]){0, 1});
}
END_TEST

START_TEST(a_block_that_cannot_be_is_refused)
{
    struct test_scheme test;
    case_refused(scheme_design(&test, "maximal", "1:1", "limit=2 length=9 balanced_end=yes"),
        "make the length even");
    case_refused(scheme_design(&test, "maximal", "1:1", "limit=0 length=8"), "1 or more");
    case_refused(scheme_design(&test, "maximal", "1:1", "limit=2 length=0"), "1 to 1000");
    case_refused(scheme_design(&test, "maximal", "1:1", "limit=2 length=1001"), "1 to 1000");
    case_refused(scheme_design(&test, "maximal", "2:1", "limit=2 length=8"), "two arms");
    case_accepted(scheme_design(&test, "maximal", "1:1", "limit=2 length=9"));
    case_accepted(scheme_design(&test, "maximal", "1:1", "limit=1 length=1"));
}
END_TEST

static Suite *
maximal_suite(void)
{
    Suite *suite = suite_create("maximal");
    TCase *blocks = tcase_create("blocks");
    tcase_set_timeout(blocks, 60);
    tcase_add_loop_test(blocks, every_allowed_sequence_is_as_likely_as_another, 0, 7);
    tcase_add_test(blocks, a_block_ends_in_balance_where_that_is_asked_for);
    tcase_add_test(blocks, an_imbalance_carries_over_into_the_next_block_and_the_limit_with_it);
    tcase_add_loop_test(blocks, the_longest_block_does_not_overflow, 0, 4);
    tcase_add_test(blocks, without_a_limit_that_acts_a_balanced_block_is_a_permuted_block);
    tcase_add_test(blocks, a_block_that_cannot_be_is_refused);
    suite_add_tcase(suite, blocks);
    return suite;
}

TEST_MAIN(maximal_suite)
