/*
 * payload.c: writes the body of a reminder's webhook.
 */
#include "work/payload.h"

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
payload_of_reminder(struct arena *arena, const char *trial,
    const struct sql_reminder_check_row *row, const char *contact)
{
    char due[CLOCK_TEXT_SIZE];
    char opens[CLOCK_TEXT_SIZE];
    char closes[CLOCK_TEXT_SIZE];
    char id[UUID_TEXT_SIZE];
    json_t *json = json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:s}}",
        "type", "reminder.due", "timestamp", clock_format(row->due_at, due), "data", "reminder",
        uuid_text(row->reminder_id, id), "trial", trial, "unit", row->code, "task", row->kind,
        "window", "opens_at", clock_format(row->opens_at, opens), "closes_at",
        clock_format(row->closes_at, closes), "channel", row->channel, "language", row->language,
        "template", row->template);
    if (row->contact_details)
        json_object_set_new(json_object_get(json, "data"), "contact",
            json_pack("{s:s?}", text_equal(row->channel, "email") ? "email" : "phone", contact));
    char *dumped = json_dumps(json, JSON_COMPACT);
    const char *body = arena_strdup(arena, dumped);
    explicit_bzero(dumped, strlen(dumped));
    free(dumped);
    json_decref(json);
    return body;
}

const char *
payload_id(struct uuid reminder_id, char out[PAYLOAD_ID_SIZE])
{
    char id[UUID_TEXT_SIZE];
    snprintf(out, PAYLOAD_ID_SIZE, "msg_%s", uuid_text(reminder_id, id));
    return out;
}
