/*
 * lane.c: rate and breaker of endpoints.
 */
#include "work/lane.h"

#include "base/text.h"

#define SECOND INT64_C(1000000)
#define PAUSE_MOST 60 /* seconds */

void
lanes_init(struct lanes *lanes, struct arena *arena, unsigned rate)
{
    *lanes = (struct lanes){.arena = arena, .rate = rate};
}

struct lane *
lane_of(struct lanes *lanes, struct uuid endpoint_id, int64_t now)
{
    for (size_t i = 0; i < lanes->count; i++)
        if (uuid_equal(lanes->items[i]->endpoint_id, endpoint_id))
            return lanes->items[i];
    struct lane *lane = arena_alloc(lanes->arena, sizeof *lane);
    *lane = (struct lane){.endpoint_id = endpoint_id, .tokens = lanes->rate, .filled_at = now};
    lanes->items = arena_grow(
        lanes->arena, lanes->items, lanes->count, &lanes->capacity, sizeof(struct lane *));
    lanes->items[lanes->count++] = lane;
    return lane;
}

static void
fill(const struct lanes *lanes, struct lane *lane, int64_t now)
{
    lane->tokens += (double)(now - lane->filled_at) / SECOND * lanes->rate;
    if (lane->tokens > lanes->rate)
        lane->tokens = lanes->rate;
    lane->filled_at = now;
}

static bool
is_open(const struct lanes *lanes, struct lane *lane, int64_t now)
{
    fill(lanes, lane, now);
    return now >= lane->paused_until && lane->tokens >= 1 &&
           (lane->trouble == 0 || lane->under_way == 0);
}

bool
lane_enter(struct lanes *lanes, struct lane *lane, int64_t now)
{
    if (!is_open(lanes, lane, now))
        return false;
    lane->tokens -= 1;
    lane->under_way++;
    return true;
}

void
lane_pause(struct lane *lane, int64_t now, int64_t seconds)
{
    int64_t until = now + seconds * SECOND;
    if (until > lane->paused_until)
        lane->paused_until = until;
}

void
lane_leave(struct lane *lane, int64_t now, bool trouble, int64_t retry_after)
{
    lane->under_way -= lane->under_way > 0;
    if (!trouble) {
        lane->trouble = 0;
        return;
    }
    /* Those that were under way together are one trouble. */
    if (now < lane->paused_until && retry_after == 0)
        return;
    int64_t seconds = lane->trouble < 6 ? INT64_C(1) << lane->trouble : PAUSE_MOST;
    lane->trouble++;
    lane_pause(lane, now, retry_after > seconds ? retry_after : seconds);
}

const char *
lanes_closed(struct lanes *lanes, struct arena *arena, int64_t now, size_t *count)
{
    struct text json;
    char id[UUID_TEXT_SIZE];
    text_init(&json, arena);
    text_append(&json, "{");
    *count = 0;
    for (size_t i = 0; i < lanes->count; i++)
        if (!is_open(lanes, lanes->items[i], now))
            text_printf(&json, "%s\"%s\":0", (*count)++ == 0 ? "" : ",",
                uuid_text(lanes->items[i]->endpoint_id, id));
    text_append(&json, "}");
    return json.bytes;
}
