/*
 * bounds.h: how narrow a role is, in words: for which county and site, and what for.
 */
#ifndef RCTD_CLI_OFFICE_BOUNDS_H
#define RCTD_CLI_OFFICE_BOUNDS_H

#include "base/arena.h"

#include <jansson.h>

/* "county se-t, site a, for contact" of a role that rctd answered; "" where it has no bounds. In
 * the arena. */
const char *bounds_of(struct arena *arena, const json_t *role);

#endif
