/*
 * when.h: points in time as people type them.
 */
#ifndef RCTD_CLI_WHEN_H
#define RCTD_CLI_WHEN_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stdbool.h>

/* For the help of options that take a time. */
#define WHEN_HELP "a date, or a time such as 2026-11-20T14:30:00+01:00"

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

#endif
