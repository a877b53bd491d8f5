/*
 * account.c: accounts of people and machines.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/office/bounds.h"
#include "cli/path.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"name", "ACCOUNT", COLUMN_TEXT},
    {"display", "NAME", COLUMN_TEXT},
    {"organisation", "ORGANISATION", COLUMN_TEXT},
    {"roles", "ROLES", COLUMN_LONG},
    {"disabled_at", "DISABLED", COLUMN_TIME},
    {"last_used_at", "LAST SEEN", COLUMN_TIME},
    {"created_at", "CREATED", COLUMN_TIME},
    {0},
};

static const struct column one_columns[] = {
    {"name", "Account", COLUMN_TEXT},
    {"display", "Name", COLUMN_TEXT},
    {"organisation", "Organisation", COLUMN_TEXT},
    {"roles", "Roles", COLUMN_LONG},
    {"disabled_at", "Disabled", COLUMN_TIME},
    {"last_used_at", "Last seen", COLUMN_TIME},
    {"created_at", "Created", COLUMN_TIME},
    {0},
};

/* For people and spreadsheets a role is a few words: "coordinator in work-together (county se-t)".
 */
static void
put_roles_in_words(const struct session *session, json_t *account)
{
    size_t index;
    json_t *role;
    if (session->output == OUTPUT_JSON)
        return;
    json_t *words = json_array();
    json_array_foreach(json_object_get(account, "roles"), index, role)
    {
        const char *name = session_field(role, "role"), *trial = session_field(role, "trial");
        const char *bounds = bounds_of(session->arena, role);
        if (name != NULL)
            json_array_append_new(
                words, json_string(arena_printf(session->arena, "%s%s%s%s%s%s", name,
                           trial == NULL ? "" : " in ", trial == NULL ? "" : trial,
                           bounds[0] == '\0' ? "" : " (", bounds, bounds[0] == '\0' ? "" : ")")));
    }
    json_object_set_new(account, "roles", words);
}

static const struct column password_columns[] = {
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"password_set", "PASSWORD", COLUMN_TEXT},
    {0},
};

static int
run_add(struct session *session, const struct invocation *in)
{
    const char *name = invocation_argument(in, 0);
    json_t *body = json_pack("{s:s, s:s, s:s*}", "name", name, "display",
        invocation_option(in, "display"), "organisation", invocation_option(in, "organisation"));
    json_t *account = session_post(session, "/v1/accounts", body, invocation_option(in, "key"));
    if (account == NULL)
        return session_fail(session);
    put_roles_in_words(session, account);
    return table_report(session, one_columns, account,
        "Account %s is added. It can do nothing yet: give it a role (rctctl grant add) and a token "
        "(rctctl token add).",
        name);
}

static char *
account_path(struct session *session, const struct invocation *in)
{
    return path_of(session->arena, "v1", "accounts", invocation_argument(in, 0), NULL);
}

static int
set_disabled(struct session *session, const struct invocation *in, bool disabled, const char *done)
{
    json_t *account =
        session_patch(session, account_path(session, in), json_pack("{s:b}", "disabled", disabled));
    if (account == NULL)
        return session_fail(session);
    put_roles_in_words(session, account);
    return table_report(
        session, one_columns, account, "Account %s is %s.", invocation_argument(in, 0), done);
}

static int
run_disable(struct session *session, const struct invocation *in)
{
    return set_disabled(session, in, true, "disabled: its tokens are refused from now on");
}

static int
run_enable(struct session *session, const struct invocation *in)
{
    return set_disabled(session, in, false, "enabled again");
}

static int
run_clear_password(struct session *session, const struct invocation *in)
{
    json_t *ended = session_delete(session,
        path_of(session->arena, "v1", "accounts", invocation_argument(in, 0), "password", NULL));
    if (ended == NULL)
        return session_fail(session);
    return table_report(session, password_columns, ended,
        "%s has no password any more, and sets a new one with `rctctl password' and a code from "
        "`rctctl account password-code'.",
        invocation_argument(in, 0));
}

static const struct column code_columns[] = {
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"code", "CODE", COLUMN_TEXT},
    {"expires_at", "GOOD UNTIL", COLUMN_TIME},
    {0},
};

static int
run_password_code(struct session *session, const struct invocation *in)
{
    json_t *made = session_post(session,
        path_of(
            session->arena, "v1", "accounts", invocation_argument(in, 0), "password-code", NULL),
        NULL, NULL);
    if (made == NULL)
        return session_fail(session);
    return table_report(session, code_columns, made,
        "The code is %s, shown this once and good for a day. Tell it to %s yourself, in another "
        "way "
        "than their token: with both, `rctctl password' sets the first password.",
        session_field(made, "code"), invocation_argument(in, 0));
}

static const struct option_row add_options[] = {
    {.name = "display",
        .value = "NAME",
        .meaning = "the person's or machine's name",
        .flags = OPTION_REQUIRED},
    {.name = "organisation", .value = "NAME", .meaning = "where they work"},
    OPTION_KEY,
    {0},
};

const struct command account_commands[] = {
    {
        .group = "account",
        .name = "add",
        .arguments = "ACCOUNT",
        .meaning = "Add an account",
        .details = "One account for each person: shared ones make the audit trail worthless.\n",
        .example =
            "rctctl account add anna --display \"Anna Berg\" --organisation \"Region Örebro\"",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "account",
        .name = "list",
        .arguments = "",
        .meaning = "List the accounts with their roles",
        .example = "rctctl account list",
        .list = &(const struct listing){.path = "accounts",
            .columns = columns,
            .nothing = "No account.",
            .prepare = put_roles_in_words},
    },
    {
        .group = "account",
        .name = "show",
        .arguments = "ACCOUNT",
        .meaning = "Show one account",
        .example = "rctctl account show anna",
        .list = &(const struct listing){.path = "accounts/{}",
            .columns = one_columns,
            .one = true,
            .prepare = put_roles_in_words},
    },
    {
        .group = "account",
        .name = "disable",
        .arguments = "ACCOUNT",
        .meaning = "Disable an account; its tokens are refused at once",
        .example = "rctctl account disable anna",
        .run = run_disable,
    },
    {
        .group = "account",
        .name = "enable",
        .arguments = "ACCOUNT",
        .meaning = "Enable an account again",
        .example = "rctctl account enable anna",
        .run = run_enable,
    },
    {
        .group = "account",
        .name = "clear-password",
        .arguments = "ACCOUNT",
        .meaning = "Take an account's password away, so that its owner sets another",
        .details = "For who has forgotten it. Nobody but the owner ever sets one.\n",
        .example = "rctctl account clear-password anna",
        .run = run_clear_password,
    },
    {
        .group = "account",
        .name = "password-code",
        .arguments = "ACCOUNT",
        .meaning = "Make the one-time code that an account's first password takes",
        .details = "Tell it to the person yourself, in another way than their token. Not for your "
                   "own account:\nanother administrator makes that.\n",
        .example = "rctctl account password-code anna",
        .run = run_password_code,
    },
    {0},
};
