/*
 * when.h: points in time as people type them, and as they are shown to people: by the clocks of the
 * trial that rctd last answered about, in UTC before.
 */
#ifndef RCTD_CLI_WHEN_H
#define RCTD_CLI_WHEN_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stdbool.h>

/* For the help of options that take a time. */
#define WHEN_HELP "a date, or a time with its zone such as 2026-11-20T14:30:00Z"

/*
 * RFC 3339 as rctd takes it: a time with its zone as it is, a date as its first moment in UTC
 * ("2026-11-20T00:00:00Z"). False when it is neither.
 */
bool when_read(struct arena *arena, const char *typed, const char **time) MUST_CHECK;

/* For the help of options that take what somebody wrote down of when it was. */
#define WHEN_MOMENT_HELP                                                                           \
    "a day, or a time such as 2026-11-20T14:30, by the clocks where the trial is"

/* A day, or a time without a zone, as it was typed: rctd knows where the trial is. A time with its
 * zone as when_read() gives it. */
bool when_read_moment(struct arena *arena, const char *typed, const char **moment) MUST_CHECK;

/* Shows what follows by the clocks of a zone of the tz database, "Europe/Stockholm"; in UTC where
 * this machine does not know the zone. Before any other thread is started. */
void when_set_zone(const char *zone);

/*
 * Of RFC 3339; in the arena. A text that is no time stays as it is.
 * when_text: "2026-11-22 09:30 CET".
 * when_day: "2026-11-22" of a moment with which a day begins, else as when_text.
 * when_last_day: likewise the day before, of the first moment behind a window of days.
 * when_long: "Sun 22 Nov 2026 at 09:30 (Europe/Stockholm)".
 */
const char *when_text(struct arena *arena, const char *time);
const char *when_day(struct arena *arena, const char *time);
const char *when_last_day(struct arena *arena, const char *time);
const char *when_long(struct arena *arena, const char *time);

#endif
