/*
 * test_allocate.c: positions of strata, against the published vector and the Python
 * re-implementation.
 */
#include "trial/allocate.h"

#include "../check_main.h"
#include "../golden.h"
#include "base/text.h"
#include "scheme.h"

#include <string.h>

static const char *const arm_names[] = {"updated", "existing", "control"};

START_TEST(the_published_test_vector_holds)
{
    static const char *const vector[] = {"existing", "updated", "control", "control", "existing",
        "updated", "existing", "control", "updated", "control", "existing", "updated", "existing",
        "existing", "updated", "control", "updated", "control"};
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "1:1:1", "3 6");
    for (size_t i = 0; i < COUNT_OF(vector); i++) {
        struct allocate_result result;
        struct error error;
        ck_assert(allocate_arm(scheme, seed_counting(), "work-together/rct",
            "sector=public|size=10-49", (int64_t)i + 1, NULL, &result, &error));
        ck_assert_str_eq(arm_names[result.arm], vector[i]);
    }
}
END_TEST

START_TEST(a_thousand_allocations_are_those_of_the_second_implementation)
{
    struct arena *arena = arena_new();
    struct csv csv = golden_read(arena, "tests/golden/allocation/permuted-211-8strata.csv");
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "2:1:1", "4 8");
    ck_assert_uint_eq(csv.count, 1000);
    for (size_t i = 0; i < csv.count; i++) {
        const struct csv_cell *cells = csv.rows[i].cells;
        struct allocate_result result;
        struct error error;
        ck_assert(allocate_arm(scheme, seed_counting(), "golden/rct", cells[0].text,
            strtoll(cells[1].text, NULL, 10), NULL, &result, &error));
        ck_assert_str_eq(arm_names[result.arm], cells[2].text);
    }
    arena_free(arena);
}
END_TEST

/* Row: ratio, block sizes, stratum, arms as indexes. */
static void
check_shape(const struct csv_cell *cells)
{
    uint8_t seed[SEED_SIZE];
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, cells[0].text, cells[1].text);
    struct error error = ERROR_CLEAR;
    for (size_t i = 0; i < SEED_SIZE; i++)
        seed[i] = (uint8_t)(SEED_SIZE - 1 - i);
    struct allocate_sequence *sequence =
        allocate_open(scheme, seed, "golden/shapes.one", cells[2].text, &error);
    ck_assert_msg(sequence != NULL, "%s %s: %s", cells[0].text, cells[1].text, error.detail);
    char *end;
    for (const char *at = cells[3].text; *at != '\0'; at = *end == ' ' ? end + 1 : end)
        ck_assert_uint_eq(allocate_next(sequence), strtoull(at, &end, 10));
    allocate_close(sequence);
}

START_TEST(any_number_of_arms_ratio_and_block_size_is_that_of_the_second_implementation)
{
    struct arena *arena = arena_new();
    struct csv csv = golden_read(arena, "tests/golden/allocation/permuted-shapes.csv");
    for (size_t i = 0; i < csv.count; i++)
        check_shape(csv.rows[i].cells);
    arena_free(arena);
}
END_TEST

START_TEST(a_bookmark_changes_no_allocation)
{
    static const char *const designs[][3] = {
        {"permuted-block", "2:1:1", "blocks=4,8,8,12"},
        {"simple", "2:1:1", ""},
        {"block-urn", "2:1:1", "size=8"},
        {"maximal", "1:1", "limit=2 length=9"},
    };
    struct test_scheme test;
    const struct protocol_scheme *scheme =
        scheme_design(&test, designs[_i][0], designs[_i][1], designs[_i][2]);
    struct allocate_bookmark bookmark = {0};
    struct allocate_bookmark jumping = {0};
    struct allocate_result with;
    struct allocate_result without;
    struct error error = ERROR_CLEAR;
    struct allocate_sequence *sequence = allocate_open(scheme, seed_counting(), "t/s", "x", &error);
    for (int64_t k = 1; k <= 500; k++) {
        ck_assert(allocate_arm(scheme, seed_counting(), "t/s", "x", k, &bookmark, &with, &error));
        ck_assert(allocate_arm(scheme, seed_counting(), "t/s", "x", k, NULL, &without, &error));
        ck_assert_uint_eq(with.arm, without.arm);
        ck_assert_str_eq(with.decision, without.decision);
        ck_assert_uint_eq(with.arm, allocate_next(sequence));

        int64_t far = (k * 7919) % 1000 + 1;
        ck_assert(allocate_arm(scheme, seed_counting(), "t/s", "x", far, &jumping, &with, &error));
        ck_assert(allocate_arm(scheme, seed_counting(), "t/s", "x", far, NULL, &without, &error));
        ck_assert_uint_eq(with.arm, without.arm);
        ck_assert_str_eq(with.decision, without.decision);
    }
    allocate_close(sequence);
}
END_TEST

START_TEST(the_ledger_keeps_the_counts_that_stood_before)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "3:0:2:1:0", "6 12");
    int64_t counts[PROTOCOL_ARMS_MAX] = {0};
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    for (int64_t k = 1; k <= 300; k++) {
        char decision[ALLOCATE_DECISION_SIZE];
        snprintf(decision, sizeof decision, "{\"counts\":[%lld,0,%lld,%lld]}", (long long)counts[0],
            (long long)counts[2], (long long)counts[3]);
        ck_assert(allocate_arm(scheme, seed_counting(), "t/s", "", k, NULL, &result, &error));
        ck_assert_mem_eq(result.counts, counts, sizeof counts);
        ck_assert_str_eq(result.decision, decision);
        ck_assert_uint_gt(scheme->ratio[result.arm], 0);
        counts[result.arm]++;
    }
}
END_TEST

START_TEST(the_decision_fits_for_the_most_arms_and_the_longest_counts)
{
    struct test_scheme test;
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    struct allocate_bookmark far = {.block = 1000, .position = 7000000000000000000 / 26 * 26};
    const struct protocol_scheme *scheme =
        scheme_make(&test, "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", "52");
    ck_assert(
        allocate_arm(scheme, seed_counting(), "t/s", "", far.position + 52, &far, &result, &error));
    size_t length = strlen(result.decision);
    ck_assert_uint_lt(length, sizeof result.decision - 1);
    ck_assert_str_eq(result.decision + length - 2, "]}");
}
END_TEST

START_TEST(positions_count_from_one)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "1:1", "4");
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    ck_assert(!allocate_arm(scheme, seed_counting(), "t/s", "", 0, NULL, &result, &error));
    ck_assert_int_eq(error.code, ERROR_INTERNAL);
    ck_assert(!allocate_arm(scheme, seed_counting(), "t/s", "", -1, NULL, &result, &error));
}
END_TEST

START_TEST(a_scheme_that_cannot_be_run_allocates_nobody)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "1:1", "5");
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    ck_assert(!allocate_arm(scheme, seed_counting(), "t/s", "", 1, NULL, &result, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
    ck_assert_ptr_null(allocate_open(scheme, seed_counting(), "t/s", "", &error));
    allocate_close(NULL);
}
END_TEST

START_TEST(a_label_is_trial_and_scheme)
{
    struct arena *arena = arena_new();
    ck_assert_str_eq(
        allocate_label(arena, "work-together", "rct.people"), "work-together/rct.people");
    arena_free(arena);
}
END_TEST

static Suite *
allocate_suite(void)
{
    Suite *suite = suite_create("allocate");
    TCase *positions = tcase_create("positions");
    tcase_set_timeout(positions, 120);
    tcase_add_test(positions, the_published_test_vector_holds);
    tcase_add_test(positions, a_thousand_allocations_are_those_of_the_second_implementation);
    tcase_add_test(
        positions, any_number_of_arms_ratio_and_block_size_is_that_of_the_second_implementation);
    tcase_add_loop_test(positions, a_bookmark_changes_no_allocation, 0, 4);
    tcase_add_test(positions, the_ledger_keeps_the_counts_that_stood_before);
    tcase_add_test(positions, the_decision_fits_for_the_most_arms_and_the_longest_counts);
    tcase_add_test(positions, positions_count_from_one);
    tcase_add_test(positions, a_scheme_that_cannot_be_run_allocates_nobody);
    tcase_add_test(positions, a_label_is_trial_and_scheme);
    suite_add_tcase(suite, positions);
    return suite;
}

TEST_MAIN(allocate_suite)
