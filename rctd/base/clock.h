/*
 * clock.h: points in time are microseconds since 1970-01-01 00:00 UTC, leap seconds left out, as
 * PostgreSQL counts them. Civil time (windows, working hours, clock changes) is computed in
 * PostgreSQL.
 */
#ifndef RCTD_BASE_CLOCK_H
#define RCTD_BASE_CLOCK_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 40

int64_t clock_now(void);       /* UTC, microseconds */
int64_t clock_monotonic(void); /* microseconds since some start; never goes back */

/* The year of a time, in UTC. */
int clock_year(int64_t time);

/* "2026-11-22T08:30:00.000000Z" (RFC 3339, always UTC and six decimals); returns `out`. */
const char *clock_format(int64_t time, char out[CLOCK_TEXT_SIZE]);

/*
 * Reads RFC 3339 ("2026-11-22T08:30:00Z", "...+01:00", up to six decimals) and PostgreSQL's ISO
 * form
 * ("2026-11-22 08:30:00.5+00"). The zone is required; days and hours must exist.
 */
bool clock_parse(const char *text, int64_t *time) MUST_CHECK;

/* Is it a time that names no zone, "2026-11-22T08:30" (or with a space, or seconds), on a day that
 * exists? */
bool clock_is_civil(const char *text);

/* Is it "YYYY-MM-DD" and a day that exists? */
bool clock_is_date(const char *text);

#endif
