/*
 * trial.c: trials.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"trial", "TRIAL", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"title", "TITLE", COLUMN_LONG},
    {"organisation", "ORGANISATION", COLUMN_TEXT},
    {"time_zone", "TIME ZONE", COLUMN_TEXT},
    {"created_at", "CREATED", COLUMN_TIME},
    {0},
};

static const struct column one_columns[] = {
    {"trial", "Trial", COLUMN_TEXT},
    {"title", "Title", COLUMN_LONG},
    {"state", "State", COLUMN_TEXT},
    {"organisation", "Organisation", COLUMN_TEXT},
    {"time_zone", "Time zone", COLUMN_TEXT},
    {"protocol_version", "Protocol version in force", COLUMN_NUMBER},
    {"workplaces", "Workplaces", COLUMN_NUMBER},
    {"allocated", "Allocated", COLUMN_NUMBER},
    {"created_at", "Created", COLUMN_TIME},
    {0},
};

static int
run_create(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0);
    json_t *body = json_pack("{s:s, s:s, s:s*}", "trial", trial, "title",
        invocation_option(in, "title"), "organisation", invocation_option(in, "organisation"));
    json_t *made = session_post(session, "/v1/trials", body, invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    return table_report(session, one_columns, made,
        "Trial %s is created. Next: grant roles on it, then submit its protocol.", trial);
}

static const struct option_row create_options[] = {
    {.name = "title",
        .value = "TITLE",
        .meaning = "what the trial is called",
        .flags = OPTION_REQUIRED},
    {.name = "organisation", .value = "NAME", .meaning = "who runs it"},
    OPTION_KEY,
    {0},
};

const struct command trial_commands[] = {
    {
        .group = "trial",
        .name = "create",
        .arguments = "TRIAL",
        .meaning = "Create a trial",
        .details =
            "TRIAL is its short name for good: small letters, digits, `_', `.' and `-'. It must\n"
            "be the name that the protocol file gives. Administrators only.\n",
        .example = "rctctl trial create work-together --title \"WORK TOGETHER\"",
        .options = create_options,
        .run = run_create,
    },
    {
        .group = "trial",
        .name = "list",
        .arguments = "",
        .meaning = "List the trials in which you have a role",
        .example = "rctctl trial list",
        .list = &(const struct listing){.path = "trials",
            .columns = columns,
            .nothing = "No trial in which you have a role."},
    },
    {
        .group = "trial",
        .name = "show",
        .arguments = "TRIAL",
        .meaning = "Show one trial",
        .example = "rctctl trial show work-together",
        .list = &(const struct listing){.path = "trials/{}", .columns = one_columns, .one = true},
    },
    {0},
};
