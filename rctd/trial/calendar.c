/*
 * calendar.c: holidays and working hours. The table of holidays is made from etc/holidays when rctd
 * is built, so that no daemon runs without it.
 */
#include "trial/calendar.h"

#include "base/compiler.h"
#include "base/named.h"
#include "base/text.h"

#include <stdlib.h>

const struct holiday calendar_holidays[] = {
#define X(list, day, name) {list, day, name},
#include "trial/holiday_table.h"
#undef X
};
const size_t calendar_holiday_count = COUNT_OF(calendar_holidays);

const char *const *
calendar_lists(struct arena *arena, size_t *count)
{
    const char **lists = arena_array(arena, calendar_holiday_count + 1, sizeof *lists);
    *count = 0;
    for (size_t i = 0; i < calendar_holiday_count; i++)
        if (!named_has(NAMED(lists, *count), calendar_holidays[i].list))
            lists[(*count)++] = calendar_holidays[i].list;
    lists[(*count)++] = "none";
    return lists;
}

size_t
calendar_days_in(const char *list, long long year)
{
    size_t days = 0;
    for (size_t i = 0; list != NULL && i < calendar_holiday_count; i++)
        if (text_equal(calendar_holidays[i].list, list) && atoi(calendar_holidays[i].day) == year)
            days++;
    return days;
}

/* "Mon-Fri", "Mon,Wed" */
static void
write_days(struct text *text, uint8_t days)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const char *between = "";
    for (unsigned first = 0; first < COUNT_OF(names); first++) {
        unsigned last = first;
        if ((days >> first & 1) == 0)
            continue;
        while (last + 1 < COUNT_OF(names) && (days >> (last + 1) & 1) == 1)
            last++;
        text_printf(text, "%s%s", between, names[first]);
        if (last > first)
            text_printf(text, "-%s", names[last]);
        between = ",";
        first = last;
    }
}

const char *
calendar_hours(struct arena *arena, const struct protocol_calendar *calendar)
{
    struct text text;
    text_init(&text, arena);
    write_days(&text, calendar->working_days);
    text_printf(&text, " %02d:%02d-%02d:%02d", calendar->start_minute / 60,
        calendar->start_minute % 60, calendar->end_minute / 60, calendar->end_minute % 60);
    return text.bytes;
}
