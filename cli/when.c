/*
 * when.c: dates and times as people type and read them. The C library has the rules of time zones;
 * the zone is the process's, in TZ.
 */
#include "cli/when.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo/"
#define SECOND INT64_C(1000000)
#define WHEN_SIZE 64

static char zone[64];

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

/* Of an unknown zone the C library shows UTC under a name that is not. */
static bool
is_known(const char *name)
{
    char path[sizeof ZONES + sizeof zone];
    if (strlen(name) >= sizeof zone || name[0] == '/' || strstr(name, "..") != NULL)
        return false;
    snprintf(path, sizeof path, ZONES "%s", name);
    return access(path, R_OK) == 0;
}

void
when_set_zone(const char *name)
{
    snprintf(zone, sizeof zone, "%s", is_known(name) ? name : "UTC");
    setenv("TZ", text_equal(zone, "UTC") ? "UTC0" : zone, 1);
    tzset();
}

static const char *
show(struct arena *arena, int64_t time, const char *format)
{
    struct tm civil;
    char text[WHEN_SIZE];
    time_t seconds = (time_t)(time / SECOND);
    strftime(text, sizeof text, format, localtime_r(&seconds, &civil));
    return arena_strdup(arena, text);
}

static bool
begins_day(int64_t time)
{
    struct tm civil;
    time_t seconds = (time_t)(time / SECOND);
    localtime_r(&seconds, &civil);
    return time % SECOND == 0 && civil.tm_hour == 0 && civil.tm_min == 0 && civil.tm_sec == 0;
}

const char *
when_text(struct arena *arena, const char *time)
{
    int64_t point;
    return clock_parse(time, &point) ? show(arena, point, "%Y-%m-%d %H:%M %Z") : time;
}

const char *
when_day(struct arena *arena, const char *time)
{
    int64_t point;
    return clock_parse(time, &point) && begins_day(point) ? show(arena, point, "%Y-%m-%d")
                                                          : when_text(arena, time);
}

const char *
when_last_day(struct arena *arena, const char *time)
{
    int64_t point;
    return clock_parse(time, &point) && begins_day(point) ? show(arena, point - SECOND, "%Y-%m-%d")
                                                          : when_text(arena, time);
}

const char *
when_long(struct arena *arena, const char *time)
{
    int64_t point;
    return clock_parse(time, &point)
               ? arena_printf(arena, "%s (%s)", show(arena, point, "%a %-d %b %Y at %H:%M"), zone)
               : time;
}
