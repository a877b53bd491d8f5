/*
 * task.c: what is planned for workplaces and participants. Tasks that only some arms have are kept
 * from blinded roles by the database's row security.
 */
#include "api/handlers.h"
#include "api/people/unit.h"

#include <string.h>

static const char *const task_states[] = {"planned", "done", "missed", "cancelled", NULL};

const struct field task_query[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .max = 16,
        .meaning = "Only those of the workplace with this code"},
    {.name = "participant",
        .type = FIELD_STRING,
        .max = 16,
        .meaning = "Only those of the participant with this code"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = task_states,
        .meaning = "Only those in this state"},
    {0},
};

const struct field task_answer[] = {
    {.name = "task_id", .type = FIELD_UUID, .meaning = "Its number"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's code; null where it is a participant's"},
    {.name = "participant",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The participant's code; null where it is a workplace's"},
    {.name = "task", .type = FIELD_STRING, .meaning = "The task's name in the protocol"},
    {.name = "occurrence", .type = FIELD_INTEGER, .min = 1, .meaning = "Which repetition, from 1"},
    {.name = "kind",
        .type = FIELD_STRING,
        .meaning = "What is to be done: questionnaire, session, message, interview ..."},
    {.name = "target_on",
        .type = FIELD_DATE,
        .meaning = "The day that the protocol aims at, in the trial's time zone"},
    {.name = "opens_at", .type = FIELD_TIME, .meaning = "The window's first moment"},
    {.name = "closes_at", .type = FIELD_TIME, .meaning = "The first moment behind the window"},
    {.name = "state", .type = FIELD_STRING, .choices = task_states, .meaning = "Where it stands"},
    {.name = "protocol_version",
        .type = FIELD_INTEGER,
        .min = 1,
        .meaning = "The protocol version that it was planned by"},
    {.name = "claimed_by",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The account that has claimed it; null: nobody"},
    {.name = "appointment_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "The appointment; null: none is booked"},
    {0},
};

static json_t *
encode(const struct sql_task_list_row *row)
{
    bool workplace = text_equal(row->unit, "workplace");
    return json_pack("{s:o, s:o, s:o, s:s, s:i, s:s, s:s, s:o, s:o, s:s, s:i, s:o, s:o}", "task_id",
        json_id(row->task_id), "workplace", json_text(workplace ? row->code : NULL), "participant",
        json_text(workplace ? NULL : row->code), "task", row->task, "occurrence",
        (int)row->occurrence, "kind", row->kind, "target_on", row->target_on, "opens_at",
        json_time(row->opens_at), "closes_at", json_time(row->closes_at), "state", row->state,
        "protocol_version", (int)row->protocol_version, "claimed_by", json_text(row->claimed_by),
        "appointment_at", json_opt_time(row->appointment_at));
}

const char *
task_cursor(struct call *call, int64_t opens_at, struct uuid task_id)
{
    char id[UUID_TEXT_SIZE];
    return arena_printf(call->arena, "%lld/%s", (long long)opens_at, uuid_text(task_id, id));
}

bool
task_cursor_read(struct call *call, int64_t *opens_at, struct uuid *task_id, struct error *error)
{
    *opens_at = INT64_C(-62135596800000000); /* year 1 */
    const char *cursor = call->list.after;
    if (cursor[0] == '\0')
        return true;
    long long opens;
    const char *slash = strchr(cursor, '/');
    const char *time =
        slash == NULL ? cursor : arena_strndup(call->arena, cursor, (size_t)(slash - cursor));
    if (slash == NULL || !text_to_int64(time, &opens) || !uuid_parse(slash + 1, task_id))
        return list_no_cursor(call, error);
    *opens_at = opens;
    return true;
}

bool
task_list(struct call *call, struct error *error)
{
    struct sql_task_list_rows rows;
    struct sql_task_list in = {
        .trial_id = call->trial_id,
        .scope = call->scope,
        .state = http_query(call->request, "state"),
    };
    if (!unit_query(call, &in.unit, error) ||
        !task_cursor_read(call, &in.after_opens, &in.after, error))
        return false;
    in.most = call->list.most;
    if (!sql_task_list(call->tx, &in, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, task_cursor(call, rows.rows[i].opens_at, rows.rows[i].task_id),
            encode(&rows.rows[i]));
    return list_answer(call);
}
