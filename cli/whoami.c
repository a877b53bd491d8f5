/*
 * whoami.c: whose token is this, and what may it do?
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/table.h"

#include <stdio.h>

static const struct column columns[] = {
    {"name", "Account", COLUMN_TEXT},
    {"display", "Name", COLUMN_TEXT},
    {"organisation", "Organisation", COLUMN_TEXT},
    {"token_expires_at", "Token expires", COLUMN_TIME},
    {"unread", "Unread notices", COLUMN_NUMBER},
    {"password_set", "Password to sign with", COLUMN_TEXT},
    {0},
};

static const struct column role_columns[] = {
    {"role", "ROLE", COLUMN_TEXT},
    {"trial", "TRIAL", COLUMN_TEXT},
    {"county", "COUNTY", COLUMN_TEXT},
    {"site", "SITE", COLUMN_TEXT},
    {"purpose", "PURPOSE", COLUMN_TEXT},
    {0},
};

static int
run_whoami(struct session *session, const struct invocation *in)
{
    (void)in;
    json_t *me = session_get(session, "/v1/me");
    if (me == NULL)
        return session_fail(session);
    table_one(session, columns, me);
    json_t *roles = json_object_get(me, "roles");
    if (session->output == OUTPUT_PEOPLE && json_is_array(roles)) {
        putchar('\n');
        table_list(session, role_columns, roles, "No role yet; an administrator grants one.");
    }
    return 0;
}

const struct command whoami_commands[] = {
    {
        .group = "whoami",
        .arguments = "",
        .meaning = "Show whose token this is and its roles",
        .example = "rctctl whoami",
        .run = run_whoami,
    },
    {0},
};
