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

#endif
