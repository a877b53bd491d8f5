/*
 * Tests of cli/when.c: a date that was typed reaches the consent ledger as the day that was meant.
 */
#include "cli/when.h"

#include "../check_main.h"

static struct arena *arena;

static void
set_up(void)
{
    arena = arena_new();
}

static void
tear_down(void)
{
    arena_free(arena);
}

static const char *
read_when(const char *typed)
{
    const char *time = NULL;
    return when_read(arena, typed, &time) ? time : "refused";
}

START_TEST(a_date_is_its_first_moment_in_utc)
{
    ck_assert_str_eq(read_when("2026-11-20"), "2026-11-20T00:00:00Z");
    ck_assert_str_eq(read_when("2024-02-29"), "2024-02-29T00:00:00Z");
}
END_TEST

START_TEST(a_time_keeps_its_moment)
{
    ck_assert_str_eq(read_when("2026-11-20T00:30:00+01:00"), "2026-11-19T23:30:00.000000Z");
    ck_assert_str_eq(read_when("2026-11-20T14:30:00Z"), "2026-11-20T14:30:00.000000Z");
}
END_TEST

START_TEST(a_day_that_does_not_exist_is_refused)
{
    ck_assert_str_eq(read_when("2026-02-29"), "refused");
    ck_assert_str_eq(read_when("2026-11-31T10:00:00Z"), "refused");
    ck_assert_str_eq(read_when("2026-11-20T14:30:00"), "refused"); /* which zone? */
    ck_assert_str_eq(read_when("20 November"), "refused");
    ck_assert_str_eq(read_when(""), "refused");
}
END_TEST

static const char *
read_moment(const char *typed)
{
    const char *moment = NULL;
    return when_read_moment(arena, typed, &moment) ? moment : "refused";
}

START_TEST(what_somebody_wrote_down_reaches_the_trial_as_it_was_written)
{
    ck_assert_str_eq(read_moment("2026-11-20"), "2026-11-20");
    ck_assert_str_eq(read_moment("2026-11-20T14:30"), "2026-11-20T14:30");
    ck_assert_str_eq(read_moment("2026-11-20 14:30"), "2026-11-20 14:30");
    ck_assert_str_eq(read_moment("2026-11-20T14:30:00+01:00"), "2026-11-20T13:30:00.000000Z");
    ck_assert_str_eq(read_moment("2026-02-29"), "refused");
    ck_assert_str_eq(read_moment("2026-11-20T24:30"), "refused");
    ck_assert_str_eq(read_moment("20 November"), "refused");
}
END_TEST

static Suite *
when_suite(void)
{
    Suite *suite = suite_create("cli/when");
    TCase *tests = tcase_create("when");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_date_is_its_first_moment_in_utc);
    tcase_add_test(tests, a_time_keeps_its_moment);
    tcase_add_test(tests, a_day_that_does_not_exist_is_refused);
    tcase_add_test(tests, what_somebody_wrote_down_reaches_the_trial_as_it_was_written);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(when_suite)
