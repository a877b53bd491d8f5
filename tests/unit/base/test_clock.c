/*
 * test_clock.c: times are read and written without any time zone of the machine, and dates exist.
 */
#include "base/clock.h"

#include "../check_main.h"

#include <string.h>
#include <time.h>

START_TEST(a_time_reads_back_as_it_was_written)
{
    static const struct {
        int64_t time;
        const char *text;
    } times[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {INT64_C(1795336200000250), "2026-11-22T08:30:00.000250Z"},
        {INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z"},
        {INT64_C(1709251199999999), "2024-02-29T23:59:59.999999Z"},
        {INT64_C(4107542400000000), "2100-03-01T00:00:00.000000Z"},
        {INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
        {INT64_C(-62167219200000000), "0000-01-01T00:00:00.000000Z"},
    };
    char out[CLOCK_TEXT_SIZE];
    int64_t time;
    ck_assert_str_eq(clock_format(times[_i].time, out), times[_i].text);
    ck_assert(clock_parse(times[_i].text, &time));
    ck_assert_int_eq(time, times[_i].time);
}
END_TEST

START_TEST(each_way_of_writing_the_same_moment_is_read)
{
    static const char *const texts[] = {"2026-11-22T08:30:00Z", "2026-11-22T08:30:00.0Z",
        "2026-11-22t08:30:00z", "2026-11-22T09:30:00+01:00", "2026-11-22T09:30:00.000000+01",
        "2026-11-22T03:00:00-05:30", "2026-11-22T03:00:00-0530", "2026-11-22 08:30:00+00",
        "2026-11-23 00:30:00.000+16:00"};
    int64_t time = 0;
    bool read = clock_parse(texts[_i], &time);
    ck_assert_int_eq(read, _i < 8);
    ck_assert_int_eq(time, _i < 8 ? INT64_C(1795336200000000) : 0);
}
END_TEST

START_TEST(what_is_no_moment_is_refused)
{
    static const char *const texts[] = {"", "2026", "2026-11-22", "2026-11-22T08:30Z",
        "2026-11-22T08:30:00", "2026-02-29T08:30:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T08:60:00Z", "2026-11-22T08:30:60Z",
        "2026-11-22T08:30:00.Z", "2026-11-22T08:30:00.1234567Z", "2026-11-22T08:30:00ZZ",
        "2026-11-22T08:30:00Z ", " 2026-11-22T08:30:00Z", "2026-11-22T08:30:00+1",
        "2026-11-22T08:30:00+01:60", "2026-11-22T08:30:00+01:", "2026-11-22T08:30:00+",
        "26-11-22T08:30:00Z", "2026-1-22T08:30:00Z", "2026/11/22T08:30:00Z", "infinity",
        "-infinity", "12026-11-22T08:30:00Z", "2026-11-22T08:30:00 Z", "2026-11-22T-8:30:00Z"};
    int64_t time = 7;
    ck_assert_msg(!clock_parse(texts[_i], &time), "%s", texts[_i]);
    ck_assert_int_eq(time, 7);
}
END_TEST

START_TEST(a_time_without_a_zone_is_told_from_one_that_does_not_exist)
{
    static const char *const civil[] = {
        "2026-11-22T08:30", "2026-11-22 08:30", "2026-11-22t08:30:59", "2024-02-29T00:00"};
    static const char *const other[] = {"", "2026-11-22", "2026-11-22T08",
        "2026-11-22T08:30:", "2026-11-22T08:30Z", "2026-11-22T08:30:00Z", "2026-11-22T08:30:00.5",
        "2026-02-29T08:30", "2026-11-22T24:00", "2026-11-22T08:60", "2026-11-22T08:30 ", "22:30"};
    for (size_t i = 0; i < sizeof civil / sizeof civil[0]; i++)
        ck_assert_msg(clock_is_civil(civil[i]), "%s", civil[i]);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        ck_assert_msg(!clock_is_civil(other[i]), "%s", other[i]);
}
END_TEST

/* A second program's calendar: libc's, over leap years, centuries and negative times. */
START_TEST(every_day_has_the_date_that_the_calendar_gives_it)
{
    for (int64_t day = -150000; day < 150000; day++) {
        char out[CLOCK_TEXT_SIZE];
        char expected[CLOCK_TEXT_SIZE];
        time_t seconds = (time_t)(day * 86400);
        struct tm civil;
        gmtime_r(&seconds, &civil);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000000Z", &civil);
        clock_format(day * INT64_C(86400000000), out);
        if (strcmp(out, expected) != 0)
            ck_abort_msg("%s is not %s", out, expected);
        int64_t parsed;
        if (!clock_parse(out, &parsed) || parsed != day * INT64_C(86400000000))
            ck_abort_msg("%s is not read back", out);
    }
}
END_TEST

START_TEST(extreme_times_do_not_overrun_their_text)
{
    char out[CLOCK_TEXT_SIZE];
    ck_assert_uint_lt(strlen(clock_format(INT64_MAX, out)), CLOCK_TEXT_SIZE - 1);
    ck_assert_uint_lt(strlen(clock_format(INT64_MIN, out)), CLOCK_TEXT_SIZE - 1);
}
END_TEST

START_TEST(a_date_is_a_day_that_exists)
{
    ck_assert(clock_is_date("2024-02-29") && clock_is_date("2000-02-29"));
    ck_assert(!clock_is_date("2026-02-29") && !clock_is_date("1900-02-29"));
    ck_assert(!clock_is_date("2026-11-22 ") && !clock_is_date("2026-11-2"));
    ck_assert(!clock_is_date("") && !clock_is_date("2026-11-22T00:00:00Z"));
}
END_TEST

START_TEST(the_clocks_agree_with_the_machine_and_do_not_go_back)
{
    int64_t before = clock_monotonic();
    int64_t second = time(NULL);
    int64_t now = clock_now() / 1000000;
    ck_assert_int_ge(now, second);
    ck_assert_int_le(now, time(NULL) + 1);
    ck_assert_int_ge(clock_monotonic(), before);
}
END_TEST

static Suite *
clock_suite(void)
{
    Suite *suite = suite_create("clock");
    TCase *times = tcase_create("times");
    tcase_set_timeout(times, 60);
    tcase_add_loop_test(times, a_time_reads_back_as_it_was_written, 0, 8);
    tcase_add_loop_test(times, each_way_of_writing_the_same_moment_is_read, 0, 9);
    tcase_add_loop_test(times, what_is_no_moment_is_refused, 0, 30);
    tcase_add_test(times, every_day_has_the_date_that_the_calendar_gives_it);
    tcase_add_test(times, a_time_without_a_zone_is_told_from_one_that_does_not_exist);
    tcase_add_test(times, extreme_times_do_not_overrun_their_text);
    tcase_add_test(times, a_time_without_a_zone_is_told_from_one_that_does_not_exist);
    tcase_add_test(times, a_date_is_a_day_that_exists);
    tcase_add_test(times, the_clocks_agree_with_the_machine_and_do_not_go_back);
    suite_add_tcase(suite, times);
    return suite;
}

TEST_MAIN(clock_suite)
