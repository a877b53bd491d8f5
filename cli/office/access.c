/*
 * access.c: the review of who may do what, as a table that shows first what there is to look at.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/office/bounds.h"
#include "cli/path.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static const struct column columns[] = {
    {"look", "LOOK AT", COLUMN_TEXT},
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"display", "NAME", COLUMN_CSV},
    {"organisation", "ORGANISATION", COLUMN_CSV},
    {"role", "ROLE", COLUMN_TEXT},
    {"trial", "TRIAL", COLUMN_TEXT},
    {"bounds", "ONLY", COLUMN_LONG},
    {"county", "COUNTY", COLUMN_CSV},
    {"site", "SITE", COLUMN_CSV},
    {"purpose", "PURPOSE", COLUMN_CSV},
    {"granted_at", "SINCE", COLUMN_TIME},
    {"granted_by", "BY", COLUMN_CSV},
    {"reason", "REASON", COLUMN_CSV},
    {"change", "CHANGE", COLUMN_TEXT},
    {"revoked_at", "UNTIL", COLUMN_TIME},
    {"revoked_by", "TAKEN BACK BY", COLUMN_CSV},
    {"last_used_at", "LAST USE", COLUMN_TIME},
    {"live_tokens", "TOKENS", COLUMN_NUMBER},
    {"tokens_expire_at", "EXPIRE", COLUMN_CSV},
    {"password_set_at", "PASSWORD", COLUMN_CSV},
    {"enrolments_refused", "REFUSED", COLUMN_CSV},
    {"disabled_at", "DISABLED", COLUMN_CSV},
    {0},
};

static const struct column review_columns[] = {
    {"reviewed_at", "REVIEWED", COLUMN_TIME},
    {"account", "BY", COLUMN_TEXT},
    {"role", "AS", COLUMN_TEXT},
    {"shown", "ROWS", COLUMN_NUMBER},
    {"flagged", "TO LOOK AT", COLUMN_NUMBER},
    {"unused_days", "UNUSED DAYS", COLUMN_NUMBER},
    {"since", "CHANGES SINCE", COLUMN_TEXT},
    {0},
};

/* The flags in one word for each, and for people the bounds of the role, in fields of their own:
 * JSON keeps them as they came. */
static size_t
put_in_words(const struct session *session, json_t *rows)
{
    size_t index, flagged = 0;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        json_t *flags = json_object_get(row, "look_at");
        flagged += json_array_size(flags) > 0;
        if (session->output != OUTPUT_JSON)
            json_object_set_new(
                row, "look", json_string(table_value(session->arena, flags, COLUMN_TEXT)));
        const char *bounds = bounds_of(session->arena, row);
        if (session->output == OUTPUT_PEOPLE && bounds[0] != '\0')
            json_object_set_new(row, "bounds", json_string(bounds));
    }
    return flagged;
}

/* How many accounts stand in rows that are sorted by account. */
static size_t
count_accounts(const json_t *rows)
{
    size_t index, count = 0;
    json_t *row;
    const char *before = "";
    json_array_foreach(rows, index, row)
    {
        const char *account = session_field(row, "account");
        count += account != NULL && strcmp(account, before) != 0;
        before = account == NULL ? before : account;
    }
    return count;
}

static char *
access_path(struct session *session, const char *trial, const char *more)
{
    if (trial == NULL)
        return path_of(session->arena, "v1", "access", more, NULL);
    return path_of(session->arena, "v1", "trials", trial, "access", more, NULL);
}

static int
list_reviews(struct session *session, const char *trial)
{
    json_t *reviews = session_list(session, access_path(session, trial, "reviews"));
    if (reviews == NULL)
        return session_fail(session);
    table_list(session, review_columns, reviews, "Nobody has reviewed access yet.");
    return 0;
}

static int
run_access(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_option(in, "trial");
    static const char *const options[][2] = {{"since", "since"}, {"unused-days", "unused_days"}};
    if (invocation_has(in, "reviews"))
        return list_reviews(session, trial);
    char *path = access_path(session, trial, NULL);
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (invocation_has(in, options[i][0]))
            path = path_query(
                session->arena, path, options[i][1], invocation_option(in, options[i][0]));
    json_t *rows = session_list(session, path);
    if (rows == NULL)
        return session_fail(session);
    size_t flagged = put_in_words(session, rows);
    table_list(session, columns, rows, "No account.");
    if (session->output == OUTPUT_PEOPLE)
        printf("\n%zu rows of %zu accounts, %zu to look at. This review is in the audit trail.\n",
            json_array_size(rows), count_accounts(rows), flagged);
    return 0;
}

static const struct option_row access_options[] = {
    {.name = "trial",
        .value = "TRIAL",
        .meaning = "of this trial, for trial managers and auditors; else of all"},
    {.name = "since", .value = "DATE", .meaning = "with roles given or taken back since that day"},
    {.name = "unused-days",
        .value = "N",
        .meaning = "flag accounts that were not used for so many days; 90",
        .flags = OPTION_WHOLE},
    {.name = "reviews", .meaning = "list the earlier reviews instead: who, and when"},
    {0},
};

const struct command access_commands[] = {
    {
        .group = "access",
        .arguments = "",
        .meaning = "Review who may do what, since when, and who does not need it",
        .details =
            "LOOK AT names what a reviewer may want to take back: unused, never-used, disabled\n"
            "accounts with a role, no-token, no-role with a token, trial-closed; and "
            "many-refused,\n"
            "more than ten people whom the account would have enrolled and who were registered\n"
            "already: trying numbers tells who takes part. Each review is in the audit trail: who\n"
            "looked, and when. --csv and --json have also who gave each role and why, names,\n"
            "organisations, passwords and when tokens expire.\n",
        .example = "rctctl access --trial work-together --unused-days 60",
        .options = access_options,
        .run = run_access,
    },
    {0},
};
