/*
 * when.c: dates and times as people type them.
 */
#include "cli/when.h"

#include "base/clock.h"

bool
when_read(struct arena *arena, const char *typed, const char **time)
{
    int64_t point;
    char text[CLOCK_TEXT_SIZE];
    if (clock_is_date(typed)) {
        *time = arena_printf(arena, "%sT00:00:00Z", typed);
        return true;
    }
    if (!clock_parse(typed, &point))
        return false;
    *time = arena_strdup(arena, clock_format(point, text));
    return true;
}

bool
when_read_moment(struct arena *arena, const char *typed, const char **moment)
{
    if (!clock_is_date(typed) && !clock_is_civil(typed))
        return when_read(arena, typed, moment);
    *moment = typed;
    return true;
}
