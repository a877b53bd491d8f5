/*
 * calendar.c: writes a protocol's calendar as a row: the database cannot read a protocol, and those
 * who book appointments may not.
 */
#include "store/contact/calendar.h"

#include "base/text.h"
#include "db/statement.h"
#include "trial/calendar.h"

#include <jansson.h>
#include <stdlib.h>

static const char *
holidays_of(struct arena *arena, const char *list)
{
    json_t *days = json_object();
    for (size_t i = 0; list != NULL && i < calendar_holiday_count; i++)
        if (text_equal(calendar_holidays[i].list, list))
            json_object_set_new(
                days, calendar_holidays[i].day, json_string(calendar_holidays[i].name));
    char *dumped = json_dumps(days, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(days);
    return text;
}

bool
calendar_store(struct tx *tx, struct uuid trial_id, int version, const struct protocol *protocol)
{
    const struct protocol_calendar *calendar = &protocol->calendar;
    return sql_calendar_put(tx,
        &(struct sql_calendar_put){.trial_id = trial_id,
            .version = version,
            .hours = calendar_hours(tx_arena(tx), calendar),
            .working_days = calendar->working_days,
            .start_minute = calendar->start_minute,
            .end_minute = calendar->end_minute,
            .paused_weeks = (int64_t)calendar->paused_weeks,
            .holidays = holidays_of(tx_arena(tx), calendar->holidays)},
        NULL);
}
