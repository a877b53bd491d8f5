/*
 * test_design.c: every method has its row, an arm is picked by its probability, and every method
 * gives the arms of the Python re-implementation.
 */
#include "trial/design/design.h"

#include "../check_main.h"
#include "../golden.h"
#include "design_case.h"
#include "trial/allocate.h"

/* Row: design, method, ratio, parameters, stratum, arms as indexes. */
static void
check_design(const struct csv_cell *cells)
{
    struct test_scheme test;
    struct arena *arena = arena_new();
    struct allocate_bookmark bookmark = {0};
    struct error error = ERROR_CLEAR;
    const struct protocol_scheme *scheme =
        scheme_design(&test, cells[1].text, cells[2].text, cells[3].text);
    const char *label = allocate_label(arena, "golden", arena_printf(arena, "d%s", cells[0].text));
    struct allocate_sequence *sequence =
        allocate_open(scheme, seed_counting(), label, cells[4].text, &error);
    ck_assert_msg(sequence != NULL, "%s: %s", cells[1].text, error.detail);
    char *end;
    int64_t position = 0;
    for (const char *at = cells[5].text; *at != '\0'; at = *end == ' ' ? end + 1 : end) {
        struct allocate_result result;
        size_t arm = strtoull(at, &end, 10);
        ck_assert_uint_eq(allocate_next(sequence), arm);
        ck_assert(allocate_arm(
            scheme, seed_counting(), label, cells[4].text, ++position, &bookmark, &result, &error));
        ck_assert_uint_eq(result.arm, arm);
    }
    ck_assert_int_eq(position, 60);
    allocate_close(sequence);
    arena_free(arena);
}

START_TEST(every_method_is_that_of_the_second_implementation)
{
    struct arena *arena = arena_new();
    struct csv csv = golden_read(arena, "tests/golden/allocation/designs.csv");
    bool seen[METHOD_COUNT] = {false};
    for (size_t i = 0; i < csv.count; i++) {
        struct test_scheme test;
        check_design(csv.rows[i].cells);
        seen[scheme_design(&test, csv.rows[i].cells[1].text, "1:1", "")->method] = true;
    }
    for (enum protocol_method method = 0; method < METHOD_COUNT; method++)
        ck_assert(seen[method] == (design_of(method)->no_sequence == NULL));
    arena_free(arena);
}
END_TEST

START_TEST(every_method_has_its_row)
{
    for (enum protocol_method method = 0; method < METHOD_COUNT; method++) {
        const struct design *design = design_of(method);
        ck_assert_int_eq(design->method, method);
        bool draws = design->block != NULL || design->probabilities != NULL;
        ck_assert(draws == (design->no_sequence == NULL));
        ck_assert((design->block != NULL) == (design->block_size != NULL));
    }
}
END_TEST

START_TEST(a_scheme_without_a_sequence_says_why)
{
    static const struct {
        const char *method;
        const char *says;
    } rows[] = {{"minimisation", "allocated before"}, {"constrained", "at once"},
        {"nonrandom-comparison", "not random"}};
    struct test_scheme test;
    struct error error = ERROR_CLEAR;
    struct allocate_result result;
    struct protocol_balanced balanced = {.weight = 1};
    scheme_design(&test, rows[_i].method, "1:1", "p=0.8");
    test.scheme.design.balanced = &balanced;
    test.scheme.design.balanced_count = 1;
    case_accepted(&test.scheme);
    ck_assert_ptr_null(allocate_open(&test.scheme, seed_counting(), "t/s", "", &error));
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_msg(strstr(error.detail, rows[_i].says) != NULL, "%s", error.detail);
    ck_assert(!allocate_arm(&test.scheme, seed_counting(), "t/s", "", 1, NULL, &result, &error));
}
END_TEST

#define TWENTY_SIX "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1"

START_TEST(as_many_arms_as_there_are_letters_are_drawn_alike)
{
    static const char *const designs[][2] = {{"simple", ""}, {"permuted-block", "blocks=52"},
        {"block-urn", "size=78"}, {"urn", "alpha=0 beta=1"}};
    struct test_scheme test;
    unsigned counts[PROTOCOL_ARMS_MAX] = {0};
    struct error error = ERROR_CLEAR;
    const struct protocol_scheme *scheme =
        scheme_design(&test, designs[_i][0], TWENTY_SIX, designs[_i][1]);
    struct allocate_sequence *sequence = allocate_open(scheme, seed_counting(), "t/s", "", &error);
    ck_assert_msg(sequence != NULL, "%s", error.detail);
    for (int i = 0; i < 2600; i++)
        counts[allocate_next(sequence)]++;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        ck_assert_uint_gt(counts[arm], 50);
        ck_assert_uint_lt(counts[arm], 150);
    }
    allocate_close(sequence);
}
END_TEST

/* The arm for a fraction, and how many words that took. */
static size_t
pick(const char *ratio, const double *p, double fraction, size_t words)
{
    struct test_scheme test;
    const uint64_t word = source_word_of(fraction);
    struct source_given source = {.words = &word, .count = 1};
    struct stream stream;
    double all[PROTOCOL_ARMS_MAX] = {0};
    const struct protocol_scheme *scheme = scheme_make(&test, ratio, "");
    memcpy(all, p, design_arms(scheme) * sizeof *p);
    stream_open_source(&stream, source_refill_given, &source);
    size_t arm = design_pick(scheme, all, &stream);
    ck_assert_uint_eq(source_taken(&stream), words);
    return arm;
}

START_TEST(an_arm_is_taken_below_its_cumulated_probability)
{
    const double p[] = {0.25, 0.5, 0.25};
    ck_assert_uint_eq(pick("1:2:1", p, 0, 1), 0);
    ck_assert_uint_eq(pick("1:2:1", p, 0.25 - 0x1p-53, 1), 0);
    ck_assert_uint_eq(pick("1:2:1", p, 0.25, 1), 1);
    ck_assert_uint_eq(pick("1:2:1", p, 0.75 - 0x1p-53, 1), 1);
    ck_assert_uint_eq(pick("1:2:1", p, 0.75, 1), 2);
    ck_assert_uint_eq(pick("1:2:1", p, 1 - 0x1p-53, 1), 2);
}
END_TEST

START_TEST(an_arm_without_probability_is_never_taken)
{
    const double first[] = {0, 0.5, 0.5};
    const double last[] = {0.5, 0.5, 0};
    const double absent[] = {0, 0, 0.5, 0, 0.5};
    ck_assert_uint_eq(pick("1:1:1", first, 0, 1), 1);
    ck_assert_uint_eq(pick("1:1:1", last, 1 - 0x1p-53, 1), 1);
    ck_assert_uint_eq(pick("0:0:1:0:1", absent, 0, 1), 2);
    ck_assert_uint_eq(pick("0:0:1:0:1", absent, 0.5, 1), 4);
}
END_TEST

/* Seven sevenths add up to less than 1, and here even more is missing. */
START_TEST(what_rounding_leaves_goes_to_the_last_arm_that_can_be_next)
{
    const double sevenths[] = {1 / 7., 1 / 7., 1 / 7., 1 / 7., 1 / 7., 1 / 7., 1 / 7.};
    const double short_of_one[] = {0.25, 0.25, 0.25, 0};
    ck_assert_uint_eq(pick("1:1:1:1:1:1:1", sevenths, 1 - 0x1p-53, 1), 6);
    ck_assert_uint_eq(pick("1:1:1:1", short_of_one, 0.9, 1), 2);
}
END_TEST

START_TEST(a_certain_arm_takes_no_word)
{
    const double p[] = {0, 1, 0};
    ck_assert_uint_eq(pick("1:1:1", p, 0, 0), 1);
}
END_TEST

START_TEST(the_last_arm_of_a_scheme_is_found)
{
    struct test_scheme test;
    ck_assert_uint_eq(design_arms(scheme_make(&test, "1:0:2:0:0", "")), 3);
    ck_assert_uint_eq(design_arms(scheme_make(&test, TWENTY_SIX, "")), 26);
}
END_TEST

static Suite *
design_suite(void)
{
    Suite *suite = suite_create("design");
    TCase *methods = tcase_create("methods");
    tcase_add_test(methods, every_method_is_that_of_the_second_implementation);
    tcase_add_test(methods, every_method_has_its_row);
    tcase_add_loop_test(methods, a_scheme_without_a_sequence_says_why, 0, 3);
    tcase_add_loop_test(methods, as_many_arms_as_there_are_letters_are_drawn_alike, 0, 4);
    tcase_add_test(methods, an_arm_is_taken_below_its_cumulated_probability);
    tcase_add_test(methods, an_arm_without_probability_is_never_taken);
    tcase_add_test(methods, what_rounding_leaves_goes_to_the_last_arm_that_can_be_next);
    tcase_add_test(methods, a_certain_arm_takes_no_word);
    tcase_add_test(methods, the_last_arm_of_a_scheme_is_found);
    suite_add_tcase(suite, methods);
    return suite;
}

TEST_MAIN(design_suite)
