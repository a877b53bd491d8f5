/*
 * task_work.c: an interviewer's work: the queue, claims, appointments, attempts and outcomes.
 * Nothing here tells an arm or a name; what an assessor guessed is for roles that know arms.
 */
#include "store/contact/task_work.h"

#include "api/handlers.h"
#include "api/people/moment.h"
#include "api/people/unit.h"

#include <string.h>

static const char *const states[] = {"planned", "done", "missed", "cancelled", NULL};
static const char *const outcomes[] = {"done", "missed", "no-answer", NULL};
static const char *const queues[] = {"claimed", "free", NULL};

const struct field task_queue_query[] = {
    {.name = "show",
        .type = FIELD_STRING,
        .choices = queues,
        .meaning = "Only those that you have claimed, or only those that you may claim"},
    {.name = "days",
        .type = FIELD_INTEGER,
        .min = 0,
        .max = 366,
        .meaning = "Of those that you may claim: windows that open within so many days; 14 when "
                   "absent"},
    {0},
};

const struct field task_work_answer[] = {
    {.name = "task_id", .type = FIELD_UUID, .meaning = "Its number"},
    UNIT_FIELDS,
    {.name = "task", .type = FIELD_STRING, .meaning = "The task's name in the protocol"},
    {.name = "occurrence", .type = FIELD_INTEGER, .min = 1, .meaning = "Which repetition, from 1"},
    {.name = "kind", .type = FIELD_STRING, .meaning = "Interview, focus-group, call or session"},
    {.name = "language",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The person's language, where it is known"},
    {.name = "preferred_times",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "When they like to be met or called: their attribute `preferred_times`, where "
                   "the protocol has one"},
    {.name = "opens_at", .type = FIELD_TIME, .meaning = "The window's first moment"},
    {.name = "closes_at", .type = FIELD_TIME, .meaning = "The first moment behind the window"},
    {.name = "state", .type = FIELD_STRING, .choices = states, .meaning = "Where it stands"},
    {.name = "claimed_by",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The account that has claimed it; null: it is free"},
    {.name = "claimed_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "Since when it is claimed"},
    {.name = "appointment_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "The appointment; null: none is booked"},
    {.name = "booked",
        .type = FIELD_INTEGER,
        .meaning = "How many are booked for it: members of a group, else 0 or 1"},
    {.name = "attempts",
        .type = FIELD_INTEGER,
        .meaning = "Attempts logged so far, and the outcome"},
    {.name = "last_attempt_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the last of them was"},
    {.name = "asks_guess",
        .type = FIELD_BOOLEAN,
        .meaning = "It ends with a guess of the arm, and whether the allocation was revealed"},
    {0},
};

const struct field booking_new[] = {
    {.name = "at",
        .type = FIELD_MOMENT,
        .flags = FIELD_REQUIRED,
        .meaning = "When they meet, inside the task's window; not a day alone"},
    {.name = "participants",
        .type = FIELD_ARRAY,
        .min = 1,
        .max = 1000,
        .meaning = "Of a workplace's focus group: the codes of its members, booked at one time"},
    {.name = "outside_hours",
        .type = FIELD_BOOLEAN,
        .meaning = "True: also outside the protocol's working hours, on holidays and in paused "
                   "weeks, because they want it so; recorded with the appointment"},
    {0},
};

const struct field booking_end[] = {
    {.name = "participant",
        .type = FIELD_STRING,
        .min = 2,
        .max = 16,
        .meaning = "Of a group: only this member's appointment; all when absent"},
    {0},
};

const struct field outcome_new[] = {
    {.name = "outcome",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = outcomes,
        .meaning = "done and missed end the task; no-answer logs an attempt"},
    {.name = "guess",
        .type = FIELD_IDENTIFIER,
        .meaning = "Of a done task with a blinded assessor: the arm that the assessor guesses, or "
                   "unknown; never shown to blinded roles"},
    {.name = "revealed",
        .type = FIELD_BOOLEAN,
        .meaning = "Likewise: was the allocation revealed to the assessor? True keeps the assessor "
                   "from later blinded tasks there"},
    {0},
};

const struct field contact_answer[] = {
    {.name = "ordinal", .type = FIELD_INTEGER, .min = 1, .meaning = "Which attempt, from 1"},
    {.name = "outcome", .type = FIELD_STRING, .choices = outcomes, .meaning = "What came of it"},
    {.name = "at", .type = FIELD_TIME, .meaning = "When it was logged"},
    {.name = "by", .type = FIELD_STRING, .meaning = "By whom"},
    {.name = "guess",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_RESTRICTED | FIELD_NULLABLE,
        .meaning = "The arm that the assessor guessed; absent for roles that may not know arms"},
    {.name = "revealed",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_RESTRICTED | FIELD_NULLABLE,
        .meaning = "The allocation was revealed to the assessor; absent likewise"},
    {0},
};

static json_t *
encode(const struct sql_task_work_find_row *row)
{
    bool workplace = text_equal(row->unit, "workplace");
    return json_pack("{s:o, s:o, s:o, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:i, "
                     "s:i, s:o, s:b}",
        "task_id", json_id(row->task_id), "workplace", json_text(workplace ? row->code : NULL),
        "participant", json_text(workplace ? NULL : row->code), "task", row->task, "occurrence",
        (int)row->occurrence, "kind", row->kind, "language", json_text(row->language),
        "preferred_times", json_text(row->preferred_times), "opens_at", json_time(row->opens_at),
        "closes_at", json_time(row->closes_at), "state", row->state, "claimed_by",
        json_text(row->claimed_by), "claimed_at", json_opt_time(row->claimed_at), "appointment_at",
        json_opt_time(row->appointment_at), "booked", (int)row->booked, "attempts",
        (int)row->attempts, "last_attempt_at", json_opt_time(row->last_attempt_at), "asks_guess",
        row->asks_guess);
}

/* The task that the path names. */
static bool
find(struct call *call, struct task_work *work, struct error *error)
{
    *work = (struct task_work){
        .trial_id = call->trial_id, .scope = call->scope, .account_id = call->caller.account_id};
    return task_work_find(call->tx, work, call->request->parameters[1]) || call_failed(call, error);
}

/* The task as it is after what was done, where that was done. */
static bool
answer(struct call *call, bool done, int status, struct error *error)
{
    struct task_work work;
    if (!done)
        return call_failed(call, error);
    return find(call, &work, error) && call_answer(call, status, encode(&work.task));
}

bool
task_claim(struct call *call, struct error *error)
{
    struct task_work work;
    return find(call, &work, error) && answer(call, task_work_claim(call->tx, &work), 200, error);
}

bool
task_release(struct call *call, struct error *error)
{
    struct task_work work;
    return find(call, &work, error) && answer(call, task_work_release(call->tx, &work), 200, error);
}

bool
booking_add(struct call *call, struct error *error)
{
    struct task_work work;
    struct moment at;
    if (!moment_read(call, "at", NULL, &at, error))
        return false;
    if (at.day != NULL)
        return call_fault(call, error, "/at",
            arena_printf(call->arena, "such as %sT13:30, by the clocks where the trial is", at.day),
            "is a day; say the time as well");
    const struct task_appointment appointment = {.at = at.first,
        .members = json_object_get(call->body, "participants"),
        .outside_hours = json_is_true(json_object_get(call->body, "outside_hours"))};
    return find(call, &work, error) &&
           answer(call, task_work_book(call->tx, &work, &appointment, &call->faults), 201, error);
}

bool
booking_cancel(struct call *call, struct error *error)
{
    struct task_work work;
    return find(call, &work, error) &&
           answer(call, task_work_cancel(call->tx, &work, http_query(call->request, "participant")),
               200, error);
}

bool
task_outcome(struct call *call, struct error *error)
{
    struct task_work work;
    const char *guess = call_text(call, "guess");
    json_t *revealed = json_object_get(call->body, "revealed");
    if ((guess == NULL) != (revealed == NULL))
        return call_fault(call, error, guess == NULL ? "/guess" : "/revealed",
            "give both, or neither", "is missing beside the other");
    return find(call, &work, error) &&
           answer(call,
               task_work_end(call->tx, &work, call_text(call, "outcome"), guess,
                   (struct opt_bool){revealed != NULL, json_is_true(revealed)}),
               200, error);
}

bool
contact_list(struct call *call, struct error *error)
{
    struct task_work work;
    struct sql_contact_list_rows rows;
    struct sql_contact_guesses_rows guesses = {0};
    if (!find(call, &work, error))
        return false;
    if (!sql_contact_list(call->tx,
            &(struct sql_contact_list){.trial_id = call->trial_id, .task_id = work.task.task_id},
            &rows) ||
        (call_sees_arms(call) && !sql_contact_guesses(call->tx,
                                     &(struct sql_contact_guesses){
                                         .trial_id = call->trial_id, .task_id = work.task.task_id},
                                     &guesses)))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_contact_list_row *row = &rows.rows[i];
        json_t *json = json_pack("{s:i, s:s, s:o, s:s}", "ordinal", (int)row->ordinal, "outcome",
            row->outcome, "at", json_time(row->at), "by", row->by);
        if (i < guesses.count) {
            struct opt_bool revealed = guesses.rows[i].revealed;
            json_object_set_new(json, "guess", json_text(guesses.rows[i].guess));
            json_object_set_new(
                json, "revealed", revealed.set ? json_boolean(revealed.value) : json_null());
        }
        list_add_next(call, json);
    }
    return list_answer(call);
}

bool
task_queue(struct call *call, struct error *error)
{
    struct sql_task_queue_rows rows;
    const char *show = http_query(call->request, "show");
    const char *days = http_query(call->request, "days");
    long long within = 14;
    struct sql_task_queue in = {.trial_id = call->trial_id,
        .scope = call->scope,
        .account_id = call->caller.account_id,
        .claimed = {show != NULL, text_equal(show, "claimed")}};
    if (!task_cursor_read(call, &in.after_opens, &in.after, error))
        return false;
    if (days != NULL && !text_to_int64(days, &within))
        return call_fault(call, error, "?days", "write 14", "is no number");
    in.days = (int32_t)within;
    in.most = call->list.most;
    if (!sql_task_queue(call->tx, &in, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, task_cursor(call, rows.rows[i].opens_at, rows.rows[i].task_id),
            encode(&rows.rows[i]));
    return list_answer(call);
}
