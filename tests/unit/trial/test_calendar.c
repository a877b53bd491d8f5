/*
 * test_calendar.c: who is refused an appointment is told the right hours, and no holiday is lost on
 * its way from the file into rctd.
 */
#include "trial/calendar.h"

#include "tests/unit/check_main.h"

#include <stdio.h>
#include <string.h>

static void
expect(uint8_t days, int start, int end, const char *expected)
{
    struct arena *arena = arena_new();
    const struct protocol_calendar calendar = {
        .working_days = days, .start_minute = (uint16_t)start, .end_minute = (uint16_t)end};
    ck_assert_str_eq(calendar_hours(arena, &calendar), expected);
    arena_free(arena);
}

START_TEST(test_hours_are_told_as_protocols_write_them)
{
    expect(0x1f, 9 * 60, 18 * 60, "Mon-Fri 09:00-18:00");
    expect(0x57, 8 * 60 + 5, 17 * 60 + 30, "Mon-Wed,Fri,Sun 08:05-17:30");
    expect(0x7f, 0, 24 * 60, "Mon-Sun 00:00-24:00");
    expect(0x02, 0, 60, "Tue 00:00-01:00");
}
END_TEST

static size_t
count_of(const char *list, const char *day)
{
    size_t count = 0;
    for (size_t i = 0; i < calendar_holiday_count; i++)
        if (strcmp(calendar_holidays[i].list, list) == 0 &&
            (day == NULL || strcmp(calendar_holidays[i].day, day) == 0))
            count++;
    return count;
}

START_TEST(test_no_holiday_of_the_file_is_lost)
{
    char line[200];
    size_t days = 0;
    FILE *file = fopen("etc/holidays/SE.yaml", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strstr(line, "date: ") != NULL) {
            char *day = strstr(line, "date: ") + 6;
            day[10] = '\0';
            ck_assert_uint_eq(count_of("SE", day), 1);
            days++;
        }
    fclose(file);
    ck_assert_uint_gt(days, 100);
    ck_assert_uint_eq(count_of("SE", NULL), days);
}
END_TEST

static Suite *
calendar_suite(void)
{
    Suite *suite = suite_create("calendar");
    TCase *group = tcase_create("calendar");
    tcase_add_test(group, test_hours_are_told_as_protocols_write_them);
    tcase_add_test(group, test_no_holiday_of_the_file_is_lost);
    suite_add_tcase(suite, group);
    return suite;
}

TEST_MAIN(calendar_suite)
