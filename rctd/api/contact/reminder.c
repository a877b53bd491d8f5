/*
 * reminder.c: reminders with every attempt to send them, and sending a dead one again.
 */
#include "store/contact/reminder.h"

#include "api/handlers.h"

static const char *const reminder_states[] = {"scheduled", "sent", "dead", "cancelled", NULL};
static const char *const outcomes[] = {"delivered", "retry", "dead", NULL};

const struct field reminder_query[] = {
    {.name = "state",
        .type = FIELD_STRING,
        .choices = reminder_states,
        .meaning = "Only those in this state"},
    {0},
};

static const struct field attempt_fields[] = {
    {.name = "attempt", .type = FIELD_INTEGER, .min = 1, .meaning = "Which attempt, from 1"},
    {.name = "endpoint", .type = FIELD_UUID, .meaning = "Where it was sent to"},
    {.name = "started_at", .type = FIELD_TIME, .meaning = "When it was handed to the network"},
    {.name = "milliseconds",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "How long it took; null while nothing is known of its end"},
    {.name = "status",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "The receiver's HTTP status; null where it gave none"},
    {.name = "outcome",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = outcomes,
        .meaning = "What came of it; null while that is not known"},
    {.name = "problem",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .max = 500,
        .meaning = "What was wrong, in plain words; null where nothing was"},
    {0},
};

const struct field reminder_answer[] = {
    {.name = "reminder", .type = FIELD_UUID, .meaning = "Its number; the webhook-id is made of it"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's code; null where it is a participant's"},
    {.name = "participant",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The participant's code; null where it is a workplace's"},
    {.name = "task",
        .type = FIELD_STRING,
        .meaning = "The task that it reminds of, as the protocol names it"},
    {.name = "occurrence",
        .type = FIELD_INTEGER,
        .min = 1,
        .meaning = "Which repetition of the task, from 1"},
    {.name = "kind", .type = FIELD_STRING, .meaning = "The task's kind"},
    {.name = "channel", .type = FIELD_STRING, .meaning = "email, sms or phone"},
    {.name = "template", .type = FIELD_STRING, .meaning = "The template's name in the protocol"},
    {.name = "language", .type = FIELD_STRING, .meaning = "The language that it is sent in"},
    {.name = "due_at", .type = FIELD_TIME, .meaning = "When it is to be sent"},
    {.name = "next_attempt_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When it is tried next; null where it is not scheduled"},
    {.name = "closes_at",
        .type = FIELD_TIME,
        .meaning = "When the task's window closes; nothing is sent from then on"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = reminder_states,
        .meaning = "Where it stands; dead: ten attempts failed, and nobody has sent it again"},
    {.name = "attempts",
        .type = FIELD_ARRAY,
        .children = attempt_fields,
        .meaning = "Every attempt, in order"},
    {0},
};

static json_t *
encode(const struct sql_reminder_list_row *row)
{
    bool scheduled = row->state[0] == 's' && row->state[1] == 'c';
    bool workplace = text_equal(row->unit, "workplace");
    return json_pack("{s:o, s:o, s:o, s:s, s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o}",
        "reminder", json_id(row->reminder_id), "workplace", json_text(workplace ? row->code : NULL),
        "participant", json_text(workplace ? NULL : row->code), "task", row->task, "occurrence",
        (int)row->occurrence, "kind", row->kind, "channel", row->channel, "template", row->template,
        "language", row->language, "due_at", json_time(row->due_at), "next_attempt_at",
        scheduled ? json_time(row->next_attempt_at) : json_null(), "closes_at",
        json_time(row->closes_at), "state", row->state, "attempts", json_stored(row->tries));
}

bool
reminder_list(struct call *call, struct error *error)
{
    struct sql_reminder_list_rows rows;
    if (!sql_reminder_list(call->tx,
            &(struct sql_reminder_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = call->list.after_id,
                .most = call->list.most,
                .state = http_query(call->request, "state")},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].reminder_id, encode(&rows.rows[i]));
    return list_answer(call);
}

/* The reminder as the list shows it. */
static bool
answer_one(struct call *call, struct uuid reminder_id, struct error *error)
{
    struct sql_reminder_list_rows rows;
    if (!sql_reminder_list(call->tx,
            &(struct sql_reminder_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .most = 1,
                .only = {true, reminder_id}},
            &rows))
        return call_failed(call, error);
    if (rows.count == 0)
        return error_set(
            error, ERROR_NOT_FOUND, "reminder", "There is no reminder with that number here");
    return call_answer(call, 200, encode(&rows.rows[0]));
}

bool
reminder_replay(struct call *call, struct error *error)
{
    struct uuid reminder_id;
    if (!uuid_parse(call->request->parameters[1], &reminder_id))
        return error_set(error, ERROR_NOT_FOUND, "reminder",
            "There is no reminder with that number here; `rctctl reminder list' shows them");
    if (!reminder_send_again(call->tx, call->trial_id, call->scope, reminder_id))
        return call_failed(call, error);
    call->wake = true;
    return answer_one(call, reminder_id, error);
}
