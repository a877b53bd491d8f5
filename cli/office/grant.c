/*
 * grant.c: roles of accounts, on a trial or on the instance.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"role", "ROLE", COLUMN_TEXT},
    {"trial", "TRIAL", COLUMN_TEXT},
    {"county", "COUNTY", COLUMN_TEXT},
    {"site", "SITE", COLUMN_TEXT},
    {"purpose", "PURPOSE", COLUMN_TEXT},
    {"granted_at", "SINCE", COLUMN_TIME},
    {"revoked_at", "UNTIL", COLUMN_TIME},
    {"reason", "REASON", COLUMN_LONG},
    {"grant", "GRANT", COLUMN_TEXT},
    {0},
};

static char *
grants_path(struct session *session, const struct invocation *in)
{
    return path_of(session->arena, "v1", "accounts", invocation_argument(in, 0), "grants", NULL);
}

static int
run_add(struct session *session, const struct invocation *in)
{
    const char *account = invocation_argument(in, 0), *trial = invocation_option(in, "trial");
    const char *role = invocation_option(in, "role");
    json_t *body = json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:s}", "role", role, "trial", trial,
        "county", invocation_option(in, "county"), "site", invocation_option(in, "site"), "purpose",
        invocation_option(in, "purpose"), "reason", invocation_option(in, "reason"));
    json_t *grant =
        session_post(session, grants_path(session, in), body, invocation_option(in, "key"));
    if (grant == NULL)
        return session_fail(session);
    const char *county = invocation_option(in, "county"), *site = invocation_option(in, "site");
    return table_report(session, columns, grant, "%s is %s %s%s%s%s%s%s.", account, role,
        trial == NULL ? "of this rctd" : "in ", trial == NULL ? "" : trial,
        county == NULL ? "" : ", for county ", county == NULL ? "" : county,
        site == NULL ? "" : ", for site ", site == NULL ? "" : site);
}

static int
run_remove(struct session *session, const struct invocation *in)
{
    json_t *ended = session_delete(
        session, path_of(session->arena, "v1", "accounts", invocation_argument(in, 0), "grants",
                     invocation_argument(in, 1), NULL));
    if (ended == NULL)
        return session_fail(session);
    return table_report(session, columns, ended, "Grant %s of %s is removed.",
        invocation_argument(in, 1), invocation_argument(in, 0));
}

static const char *const roles[] = {"administrator", "trial-manager", "coordinator", "researcher",
    "interviewer", "dispatcher", "statistician", "auditor", "identity-reader", NULL};

static const char *const purposes[] = {"contact", "linkage", "verification", "safety", NULL};

static const struct option_row add_options[] = {
    {.name = "role",
        .value = "ROLE",
        .meaning = "which",
        .flags = OPTION_REQUIRED,
        .choices = roles},
    {.name = "trial", .value = "TRIAL", .meaning = "in this trial"},
    {.name = "county", .value = "COUNTY", .meaning = "only for workplaces of this county"},
    {.name = "site", .value = "SITE", .meaning = "only for workplaces of this site"},
    {.name = "purpose",
        .value = "PURPOSE",
        .meaning = "what an identity-reader reads for",
        .choices = purposes},
    {.name = "reason",
        .value = "TEXT",
        .meaning = "why, for the audit trail",
        .flags = OPTION_REQUIRED},
    OPTION_KEY,
    {0},
};

const struct command grant_commands[] = {
    {
        .group = "grant",
        .name = "add",
        .arguments = "ACCOUNT",
        .meaning = "Give an account a role",
        .details =
            "A coordinator of a trial is not its trial manager, statistician or auditor: who "
            "defines\n"
            "the sequence, or can read method and block sizes, does not enrol. An administrator's\n"
            "role has no trial. An identity-reader has a purpose: contact, linkage, verification "
            "or\n"
            "safety.\n",
        .example = "rctctl grant add anna --role coordinator --trial work-together "
                   "--reason \"Enrols in Örebro\"",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "grant",
        .name = "list",
        .arguments = "ACCOUNT",
        .meaning = "List the roles of an account, past ones too",
        .example = "rctctl grant list anna",
        .list =
            &(const struct listing){
                .path = "accounts/{}/grants", .columns = columns, .nothing = "No role."},
    },
    {
        .group = "grant",
        .name = "remove",
        .arguments = "ACCOUNT GRANT",
        .meaning = "Take a role away; GRANT is its id in the list",
        .example = "rctctl grant remove anna 01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .run = run_remove,
    },
    {0},
};
