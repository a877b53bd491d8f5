/*
 * lane.h: how fast each endpoint is sent to: so many messages in a second, and after trouble a
 * pause that doubles from 1 s to 60 s, behind which a single message tries whether the receiver is
 * back. Belongs to the dispatcher's thread. Times are clock_monotonic().
 */
#ifndef RCTD_WORK_LANE_H
#define RCTD_WORK_LANE_H

#include "base/arena.h"
#include "base/bits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane {
    struct uuid endpoint_id;
    int64_t paused_until;
    unsigned trouble; /* times in a row; 0: all is well */
    unsigned under_way;
    double tokens; /* messages that may leave now */
    int64_t filled_at;
};

struct lanes {
    struct arena *arena;
    struct lane **items;
    size_t count;
    size_t capacity;
    unsigned rate; /* messages in a second, for each endpoint */
};

void lanes_init(struct lanes *lanes, struct arena *arena, unsigned rate);

/* The endpoint's lane; made where it is new. Stays where it is. */
struct lane *lane_of(struct lanes *lanes, struct uuid endpoint_id, int64_t now);

/* May a message leave now? Then it is counted as under way. */
bool lane_enter(struct lanes *lanes, struct lane *lane, int64_t now);

/* A message has ended; with trouble the lane pauses, at least for the seconds that were asked for.
 */
void lane_leave(struct lane *lane, int64_t now, bool trouble, int64_t retry_after);

/* Nothing for so many seconds. */
void lane_pause(struct lane *lane, int64_t now, int64_t seconds);

/* The endpoints that nothing may go to now: a JSON object with their ids as keys, in the arena;
 * `*count` says how many. */
const char *lanes_closed(struct lanes *lanes, struct arena *arena, int64_t now, size_t *count);

#endif
