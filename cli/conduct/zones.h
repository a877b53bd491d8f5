/*
 * zones.h: the time zones that this machine knows, for a protocol that is checked without rctd.
 */
#ifndef RCTD_CLI_CONDUCT_ZONES_H
#define RCTD_CLI_CONDUCT_ZONES_H

#include "base/arena.h"
#include "trial/protocol.h"

/* The names are in the arena; none where the machine has no data of time zones. */
struct protocol_zones zones_here(struct arena *arena);

#endif
