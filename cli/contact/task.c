/*
 * task.c: what is planned for workplaces and participants, and an interviewer's day with it: the
 * queue, claims, appointments, attempts, outcomes. People stand here under their codes.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"
#include "cli/when.h"

#include "base/clock.h"

#include <string.h>

static const struct column list_columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"task", "TASK", COLUMN_TEXT},
    {"occurrence", "NO.", COLUMN_NUMBER},
    {"kind", "KIND", COLUMN_TEXT},
    {"target_on", "TARGET", COLUMN_TEXT},
    {"opens_at", "OPENS", COLUMN_DAY},
    {"closes_at", "LAST DAY", COLUMN_LAST_DAY},
    {"state", "STATE", COLUMN_TEXT},
    {"claimed_by", "CLAIMED BY", COLUMN_TEXT},
    {"appointment_at", "APPOINTMENT", COLUMN_TIME},
    {"task_id", "ID", COLUMN_CSV},
    {"protocol_version", "PROTOCOL", COLUMN_CSV},
    {0},
};

static const struct column work_columns[] = {
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"task", "TASK", COLUMN_TEXT},
    {"language", "LANGUAGE", COLUMN_TEXT},
    {"preferred_times", "PREFERS", COLUMN_TEXT},
    {"opens_at", "OPENS", COLUMN_DAY},
    {"closes_at", "LAST DAY", COLUMN_LAST_DAY},
    {"claimed_by", "CLAIMED BY", COLUMN_TEXT},
    {"appointment_at", "APPOINTMENT", COLUMN_TIME},
    {"attempts", "TRIES", COLUMN_NUMBER},
    {"task_id", "ID", COLUMN_TEXT},
    {"kind", "KIND", COLUMN_CSV},
    {"occurrence", "NO.", COLUMN_CSV},
    {"state", "STATE", COLUMN_CSV},
    {"claimed_at", "CLAIMED", COLUMN_CSV},
    {"booked", "BOOKED", COLUMN_CSV},
    {"last_attempt_at", "LAST TRY", COLUMN_CSV},
    {"asks_guess", "ASKS FOR A GUESS", COLUMN_CSV},
    {0},
};

static const struct column contact_columns[] = {
    {"ordinal", "NO.", COLUMN_NUMBER},
    {"at", "WHEN", COLUMN_TIME},
    {"by", "BY", COLUMN_TEXT},
    {"outcome", "OUTCOME", COLUMN_TEXT},
    {"guess", "GUESS", COLUMN_TEXT},
    {"revealed", "REVEALED", COLUMN_TEXT},
    {0},
};

static const char *const task_order[] = {"workplace", "participant", "target_on", "task", NULL};

static const char *
path_to(struct session *session, const struct invocation *in, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "tasks",
        invocation_argument(in, 1), what, NULL);
}

/* POSTs to a task; NULL on failure. */
static json_t *
post(struct session *session, const struct invocation *in, const char *what, json_t *body)
{
    return session_post(session, path_to(session, in, what), body, invocation_option(in, "key"));
}

/* Whom a task is with. */
static const char *
whom(const json_t *task)
{
    const char *participant = session_field(task, "participant");
    return participant == NULL ? session_field(task, "workplace") : participant;
}

static int
run_claim(struct session *session, const struct invocation *in)
{
    json_t *task = post(session, in, "claim", NULL);
    if (task == NULL)
        return session_fail(session);
    return table_report(session, work_columns, task, "%s with %s is yours, from %s to %s.%s",
        session_field(task, "task"), whom(task),
        when_day(session->arena, session_field(task, "opens_at")),
        when_last_day(session->arena, session_field(task, "closes_at")),
        json_is_true(json_object_get(task, "asks_guess"))
            ? " It ends with your guess of the arm, and whether it was revealed to you."
            : "");
}

static int
run_release(struct session *session, const struct invocation *in)
{
    json_t *task = session_delete(session, path_to(session, in, "claim"));
    if (task == NULL)
        return session_fail(session);
    return table_report(session, work_columns, task, "%s with %s is free for others.",
        session_field(task, "task"), whom(task));
}

static int
run_book(struct session *session, const struct invocation *in)
{
    const char *at, *typed = invocation_option(in, "at");
    if (!when_read_moment(session->arena, typed, &at) || clock_is_date(typed))
        return session_usage(session,
            "`%s' is no time; write 2026-12-01T13:30, by the clocks where the trial is", typed);
    json_t *body = json_pack("{s:s}", "at", at), *members = json_array();
    const char *member;
    for (size_t next = 0; (member = invocation_next(in, "participant", &next)) != NULL;)
        json_array_append_new(members, json_string(member));
    if (json_array_size(members) > 0)
        json_object_set(body, "participants", members);
    json_decref(members);
    if (invocation_has(in, "outside-hours"))
        json_object_set_new(body, "outside_hours", json_true());
    json_t *task = post(session, in, "bookings", body);
    if (task == NULL)
        return session_fail(session);
    json_int_t booked = json_integer_value(json_object_get(task, "booked"));
    return table_report(session, work_columns, task, "%s with %s is booked for %s%s.",
        session_field(task, "task"), whom(task),
        when_long(session->arena, session_field(task, "appointment_at")),
        booked > 1 ? arena_printf(session->arena, ", %d members", (int)booked) : "");
}

static int
run_cancel(struct session *session, const struct invocation *in)
{
    json_t *task =
        session_delete(session, path_query(session->arena, path_to(session, in, "bookings"),
                                    "participant", invocation_option(in, "participant")));
    if (task == NULL)
        return session_fail(session);
    const char *member = invocation_option(in, "participant");
    json_int_t stay = json_integer_value(json_object_get(task, "booked"));
    return table_report(session, work_columns, task,
        "The appointment for %s with %s is cancelled%s.", session_field(task, "task"),
        member == NULL ? whom(task) : member,
        stay == 0 ? ""
                  : arena_printf(session->arena, "; it stays for %d other%s", (int)stay,
                        stay == 1 ? "" : "s"));
}

static int
run_outcome(struct session *session, const struct invocation *in)
{
    const char *outcome = invocation_argument(in, 2);
    const char *revealed = invocation_option(in, "revealed");
    json_t *body =
        json_pack("{s:s, s:s*}", "outcome", outcome, "guess", invocation_option(in, "guess"));
    if (revealed != NULL)
        json_object_set_new(body, "revealed", json_boolean(strcmp(revealed, "yes") == 0));
    json_t *task = post(session, in, "outcome", body);
    if (task == NULL)
        return session_fail(session);
    return table_report(session, work_columns, task, "%s with %s: %s.", session_field(task, "task"),
        whom(task),
        strcmp(outcome, "no-answer") == 0 ? "an attempt is logged" : session_field(task, "state"));
}

static const char *const states[] = {"planned", "done", "missed", "cancelled", NULL};
static const char *const queues[] = {"claimed", "free", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

static const struct option_row list_options[] = {
    {.name = "workplace", .value = "CODE", .meaning = "only of this workplace"},
    {.name = "participant", .value = "CODE", .meaning = "only of this participant"},
    {.name = "state", .value = "STATE", .meaning = "only these", .choices = states},
    {0},
};

static const struct option_row mine_options[] = {
    {.name = "show", .value = "WHICH", .meaning = "only these", .choices = queues},
    {.name = "days",
        .value = "N",
        .meaning = "free ones whose windows open within N days (14)",
        .flags = OPTION_WHOLE},
    {0},
};

static const struct option_row key_options[] = {
    OPTION_KEY,
    {0},
};

static const struct option_row book_options[] = {
    {.name = "at",
        .value = "TIME",
        .meaning = "when they meet, such as 2027-05-12T13:30, by the clocks where the trial is",
        .flags = OPTION_REQUIRED},
    {.name = "participant",
        .value = "CODE",
        .meaning = "a member of the group, once for each",
        .flags = OPTION_MANY},
    {.name = "outside-hours", .meaning = "also where the protocol's calendar has nobody contacted"},
    OPTION_KEY,
    {0},
};

static const struct option_row cancel_options[] = {
    {.name = "participant", .value = "CODE", .meaning = "only this member of the group"},
    {0},
};

static const struct option_row outcome_options[] = {
    {.name = "guess", .value = "ARM", .meaning = "the arm that you guess, or unknown"},
    {.name = "revealed",
        .value = "YES",
        .meaning = "was the allocation revealed to you?",
        .choices = yes_no},
    OPTION_KEY,
    {0},
};

const struct command task_commands[] = {
    {
        .group = "task",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List what is planned, with target days and windows",
        .example = "rctctl task list work-together --workplace W0001",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/tasks",
            .columns = list_columns,
            .nothing = "Nothing is planned: tasks follow from allocations.",
            .unfit = "No task fits.",
            .order = task_order},
    },
    {
        .group = "task",
        .name = "mine",
        .arguments = "TRIAL",
        .meaning = "List the interviews, groups, calls and sessions that are yours or may be",
        .details = "First windows first. What is free is with people who may be contacted for it, "
                   "and for\n"
                   "an assessor such as you; who has withdrawn is gone from the list at once.\n",
        .example = "rctctl task mine work-together --show free",
        .options = mine_options,
        .list = &(const struct listing){.path = "trials/{}/queue",
            .columns = work_columns,
            .nothing = "Nothing is yours, and nothing is free for you to claim.",
            .unfit = "No task fits."},
    },
    {
        .group = "task",
        .name = "claim",
        .arguments = "TRIAL TASK",
        .meaning = "Take a task: nobody else has it until you release or end it",
        .example = "rctctl task claim work-together $TASK",
        .options = key_options,
        .run = run_claim,
    },
    {
        .group = "task",
        .name = "release",
        .arguments = "TRIAL TASK",
        .meaning = "Give a task back, with its appointment",
        .details = "A coordinator may release anybody's.\n",
        .example = "rctctl task release work-together $TASK",
        .run = run_release,
    },
    {
        .group = "task",
        .name = "book",
        .arguments = "TRIAL TASK",
        .meaning = "Book an appointment inside the window of a claimed task",
        .details =
            "A focus group is one task of a workplace: name each member with --participant;\n"
            "each must have agreed, and the group is as large as the protocol says. Appointments\n"
            "are in the protocol's working hours, not on holidays and not in paused weeks.\n",
        .example = "rctctl task book work-together $TASK --at 2027-05-12T13:30",
        .options = book_options,
        .run = run_book,
    },
    {
        .group = "task",
        .name = "cancel",
        .arguments = "TRIAL TASK",
        .meaning = "Cancel the appointment of a task",
        .example = "rctctl task cancel work-together $TASK",
        .options = cancel_options,
        .run = run_cancel,
    },
    {
        .group = "task",
        .name = "outcome",
        .arguments = "TRIAL TASK OUTCOME",
        .meaning = "Log an attempt, or end a claimed task",
        .details =
            "OUTCOME is no-answer, done or missed. A task whose assessor is blinded is done with "
            "the\n"
            "assessor's guess of the arm, and whether the allocation was revealed; interviewers\n"
            "never see what was answered.\n",
        .example = "rctctl task outcome work-together $TASK done "
                   "--guess unknown --revealed no",
        .options = outcome_options,
        .run = run_outcome,
    },
    {
        .group = "task",
        .name = "contacts",
        .arguments = "TRIAL TASK",
        .meaning = "List the attempts of a task and how it ended",
        .example = "rctctl task contacts work-together $TASK",
        .list = &(const struct listing){.path = "trials/{}/tasks/{}/contacts",
            .columns = contact_columns,
            .nothing = "Nobody has tried yet."},
    },
    {0},
};
