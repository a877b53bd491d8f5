/*
 * calendar.h: what a protocol's calendar says, in words, and the holidays that rctd knows
 * (etc/holidays).
 */
#ifndef RCTD_TRIAL_CALENDAR_H
#define RCTD_TRIAL_CALENDAR_H

#include "base/arena.h"
#include "trial/protocol.h"

#include <stddef.h>

struct holiday {
    const char *list; /* such as "SE": what protocols name */
    const char *day;  /* YYYY-MM-DD */
    const char *name; /* in the language of its country */
};

extern const struct holiday calendar_holidays[];
extern const size_t calendar_holiday_count;

/* The names that a protocol may give its holidays: each list once, and "none". In the arena. */
const char *const *calendar_lists(struct arena *arena, size_t *count);

/* The holidays of a list, NULL for none, that lie in a year. */
size_t calendar_days_in(const char *list, long long year);

/* The working hours as protocols write them, "Mon-Fri 09:00-18:00"; in the arena. */
const char *calendar_hours(struct arena *arena, const struct protocol_calendar *calendar);

#endif
