/*
 * test_uptake.c: a difference in consent between arms is told when it is large and rests on people,
 * and not otherwise.
 */
#include "report/uptake.h"

#include "tests/unit/check_main.h"

static struct arena *arena;

static void
open_arena(void)
{
    arena = arena_new();
}

static void
close_arena(void)
{
    arena_free(arena);
}

static const struct uptake_scheme *
compare(struct sql_uptake_arms_row *rows, size_t row_count, size_t *count)
{
    struct sql_uptake_arms_rows arms = {.count = row_count, .rows = rows};
    return uptake_compare(arena, &arms, count);
}

START_TEST(test_the_largest_difference_between_arms_is_found_in_each_scheme)
{
    struct sql_uptake_arms_row rows[] = {
        {.scheme = "main", .arm = "a", .people = 100, .consented = 50},
        {.scheme = "main", .arm = "b", .people = 50, .consented = 10},
        {.scheme = "main", .arm = "c", .people = 200, .consented = 140},
        {.scheme = "pilot", .arm = "a", .people = 40, .consented = 20},
        {.scheme = "pilot", .arm = "b", .people = 40, .consented = 20},
    };
    size_t count;
    const struct uptake_scheme *schemes = compare(rows, 5, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(schemes[0].scheme, "main");
    ck_assert_str_eq(schemes[0].lowest, "b");
    ck_assert_str_eq(schemes[0].highest, "c");
    ck_assert_int_eq(schemes[0].people, 50);
    ck_assert_double_eq_tol(schemes[0].difference, 0.5, 1e-12);
    ck_assert(schemes[0].alert);
    ck_assert_double_eq(schemes[1].difference, 0);
    ck_assert(!schemes[1].alert);
}
END_TEST

/* People of two arms, who consented of 100 in the first, and whether that is told. */
static const struct {
    int64_t people;
    int64_t consented;
    bool alert;
} edges[] = {
    {20, 12, true},  /* 0.50 against 0.60: over 0.10 by nothing but the first arm's 49 */
    {19, 19, false}, /* too few people, whatever they say */
    {20, 11, false}, /* 0.49 against 0.55 */
};

START_TEST(test_a_small_difference_and_one_among_few_people_are_not_told)
{
    struct sql_uptake_arms_row rows[] = {
        {.scheme = "main", .arm = "a", .people = 100, .consented = 49},
        {.scheme = "main",
            .arm = "b",
            .people = edges[_i].people,
            .consented = edges[_i].consented},
    };
    size_t count;
    const struct uptake_scheme *schemes = compare(rows, 2, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(schemes[0].alert, edges[_i].alert);
}
END_TEST

START_TEST(test_an_arm_without_people_is_compared_with_nothing)
{
    struct sql_uptake_arms_row rows[] = {
        {.scheme = "main", .arm = "a", .people = 100, .consented = 50},
        {.scheme = "main", .arm = "b", .people = 0, .consented = 0},
        {.scheme = "pilot", .arm = "a", .people = 0, .consented = 0},
    };
    size_t count;
    compare(rows, 3, &count);
    ck_assert_uint_eq(count, 0);
    ck_assert_double_eq(uptake_rate(0, 0), 0);
}
END_TEST

static Suite *
uptake_suite(void)
{
    Suite *suite = suite_create("uptake");
    TCase *tcase = tcase_create("uptake");
    tcase_add_checked_fixture(tcase, open_arena, close_arena);
    tcase_add_test(tcase, test_the_largest_difference_between_arms_is_found_in_each_scheme);
    tcase_add_loop_test(tcase, test_a_small_difference_and_one_among_few_people_are_not_told, 0,
        (int)(sizeof edges / sizeof edges[0]));
    tcase_add_test(tcase, test_an_arm_without_people_is_compared_with_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}

TEST_MAIN(uptake_suite)
