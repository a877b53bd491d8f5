/*
 * clock.c: reads the clocks and converts between microseconds and RFC 3339, by day arithmetic on
 * the proleptic Gregorian calendar, so that no process-wide time zone is ever looked at.
 */
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY (INT64_C(86400) * SECOND)

static int64_t
read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t
clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Days from 1970-01-01 to a civil date; years are counted from March, so that leap days come last.
 */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void
civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static bool
date_exists(int64_t year, int month, int day)
{
    if (month < 1 || month > 12 || day < 1)
        return false;
    int64_t y;
    int m;
    int d;
    civil_from_days(days_from_civil(year, month, day), &y, &m, &d);
    return y == year && m == month && d == day;
}

int
clock_year(int64_t time)
{
    char text[CLOCK_TEXT_SIZE];
    return atoi(clock_format(time, text));
}

const char *
clock_format(int64_t time, char out[CLOCK_TEXT_SIZE])
{
    int64_t days = time / DAY;
    int64_t rest = time % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    int64_t year;
    int month;
    int day;
    civil_from_days(days, &year, &month, &day);
    int seconds = (int)(rest / SECOND);
    snprintf(out, CLOCK_TEXT_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02d.%06dZ", (long long)year, month,
        day, seconds / 3600, seconds / 60 % 60, seconds % 60, (int)(rest % SECOND));
    return out;
}

/* Exactly `count` digits; moves on. */
static bool
take_digits(const char **at, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool
take(const char **at, const char *allowed)
{
    if (**at == '\0' || strchr(allowed, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool
take_date(const char **at, int64_t *days)
{
    int year;
    int month;
    int day;
    if (!take_digits(at, 4, &year) || !take(at, "-") || !take_digits(at, 2, &month) ||
        !take(at, "-") || !take_digits(at, 2, &day) || !date_exists(year, month, day))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

static bool
take_fraction(const char **at, int64_t *microseconds)
{
    int64_t unit = SECOND / 10;
    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10) {
        if (unit == 0)
            return false;
        *microseconds += (**at - '0') * unit;
    }
    return true;
}

/* "Z", "+01", "+01:00" or "-0530"; the offset in microseconds. */
static bool
take_zone(const char **at, int64_t *offset)
{
    *offset = 0;
    if (take(at, "Zz"))
        return true;
    bool west = **at == '-';
    int hours;
    int minutes = 0;
    if (!take(at, "+-") || !take_digits(at, 2, &hours) || hours > 15)
        return false;
    bool colon = take(at, ":");
    if ((colon || **at != '\0') && (!take_digits(at, 2, &minutes) || minutes > 59))
        return false;
    *offset = (hours * 3600 + minutes * 60) * SECOND * (west ? -1 : 1);
    return true;
}

/* "2026-11-22T08:30:00"; the seconds may be left out where `short_form` says so. */
static bool
take_civil(const char **at, bool short_form, int64_t *time)
{
    int64_t days;
    int hour;
    int minute;
    int second = 0;
    if (!take_date(at, &days) || !take(at, "Tt ") || !take_digits(at, 2, &hour) || !take(at, ":") ||
        !take_digits(at, 2, &minute))
        return false;
    if (!(short_form && **at == '\0') && (!take(at, ":") || !take_digits(at, 2, &second)))
        return false;
    *time = days * DAY + (hour * 3600 + minute * 60 + second) * SECOND;
    return hour <= 23 && minute <= 59 && second <= 59;
}

bool
clock_parse(const char *text, int64_t *time)
{
    const char *at = text;
    int64_t civil;
    int64_t fraction = 0;
    int64_t offset;
    if (!take_civil(&at, false, &civil))
        return false;
    if (take(&at, ".") && !take_fraction(&at, &fraction))
        return false;
    if (!take_zone(&at, &offset) || *at != '\0')
        return false;
    *time = civil + fraction - offset;
    return true;
}

bool
clock_is_civil(const char *text)
{
    const char *at = text;
    int64_t civil;
    return take_civil(&at, true, &civil) && *at == '\0';
}

bool
clock_is_date(const char *text)
{
    int64_t days;
    const char *at = text;
    return take_date(&at, &days) && *at == '\0';
}
