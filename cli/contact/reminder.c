/*
 * reminder.c: reminders, each with what came of it, and sending a dead one again.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

static const struct column reminder_columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"task", "TASK", COLUMN_TEXT},
    {"occurrence", "NO.", COLUMN_NUMBER},
    {"channel", "CHANNEL", COLUMN_TEXT},
    {"due_at", "DUE", COLUMN_TIME},
    {"state", "STATE", COLUMN_TEXT},
    {"attempt_count", "TRIES", COLUMN_NUMBER},
    {"last_status", "LAST STATUS", COLUMN_NUMBER},
    {"last_problem", "LAST PROBLEM", COLUMN_LONG},
    {"next_attempt_at", "NEXT TRY", COLUMN_CSV},
    {"closes_at", "WINDOW CLOSES", COLUMN_CSV},
    {"kind", "KIND", COLUMN_CSV},
    {"template", "TEMPLATE", COLUMN_CSV},
    {"language", "LANGUAGE", COLUMN_CSV},
    {"reminder", "REMINDER", COLUMN_TEXT},
    {0},
};

/* By the moment that they are due, which is the order of the work. */
static const char *const reminder_order[] = {"due_at", "workplace", NULL};

/* In a table the attempts of a reminder are a count, and what came of the last. */
static void
flatten_attempts(const struct session *session, json_t *reminder)
{
    json_t *attempts = json_object_get(reminder, "attempts");
    size_t count = json_array_size(attempts);
    (void)session;
    if (!json_is_array(attempts))
        return;
    json_t *last = json_array_get(attempts, count - (count > 0));
    json_object_set_new(reminder, "attempt_count", json_integer((json_int_t)count));
    if (last == NULL)
        return;
    json_object_set(reminder, "last_status", json_object_get(last, "status"));
    json_object_set(reminder, "last_problem", json_object_get(last, "problem"));
}

static int
run_replay(struct session *session, const struct invocation *in)
{
    const char *reminder = invocation_argument(in, 1);
    const char *path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
        "reminders", reminder, "replay", NULL);
    json_t *answer = session_post(session, path, NULL, invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    return table_report(
        session, reminder_columns, answer, "Reminder %s will be sent again.", reminder);
}

static const char *const reminder_states[] = {"scheduled", "sent", "dead", "cancelled", NULL};

static const struct option_row reminder_options[] = {
    {.name = "state", .value = "STATE", .meaning = "only these", .choices = reminder_states},
    {0},
};

static const struct option_row replay_options[] = {
    OPTION_KEY,
    {0},
};

const struct command reminder_commands[] = {
    {
        .group = "reminder",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List reminders and what came of them",
        .details =
            "A dead reminder was tried for days without success; once its cause is mended it can\n"
            "be sent again with `rctctl reminder replay'.\n",
        .example = "rctctl reminder list work-together --state dead",
        .options = reminder_options,
        .list = &(const struct listing){.path = "trials/{}/reminders",
            .columns = reminder_columns,
            .nothing = "No reminder is planned.",
            .unfit = "No reminder is in that state.",
            .order = reminder_order,
            .prepare = flatten_attempts},
    },
    {
        .group = "reminder",
        .name = "replay",
        .arguments = "TRIAL REMINDER",
        .meaning = "Send a dead reminder again",
        .example = "rctctl reminder replay work-together 01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .options = replay_options,
        .run = run_replay,
    },
    {0},
};
