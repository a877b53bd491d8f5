/*
 * signature.c: signatures on a trial, and the password that an account signs with.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/sign.h"
#include "cli/table.h"

#include <string.h>

static const struct column columns[] = {
    {"signed_at", "SIGNED", COLUMN_TIME},
    {"printed_name", "NAME", COLUMN_TEXT},
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"role", "ROLE", COLUMN_TEXT},
    {"action", "ACTION", COLUMN_TEXT},
    {"object", "OBJECT", COLUMN_TEXT},
    {"meaning", "MEANING", COLUMN_LONG},
    {"sha256", "SHA-256", COLUMN_CSV},
    {"request", "REQUEST", COLUMN_CSV},
    {"signature", "SIGNATURE", COLUMN_CSV},
    {0},
};

static const struct column password_columns[] = {
    {"account", "ACCOUNT", COLUMN_TEXT},
    {"password_set", "PASSWORD", COLUMN_TEXT},
    {0},
};

/* Asks for the new password twice, and for the one until now where there is one. */
static bool
ask(struct session *session, bool has, char **password, char **current)
{
    *current = NULL;
    *password = NULL;
    if (has && (*current = sign_ask_secret(session, "The password until now")) == NULL)
        return false;
    *password = sign_ask_secret(session, "New password, 12 characters or more");
    char *again = *password == NULL ? NULL : sign_ask_secret(session, "The new password again");
    if (again == NULL)
        return false;
    bool same = strcmp(*password, again) == 0;
    sign_wipe(again);
    return same || error_set(&session->error, ERROR_FIELDS, "password",
                       "You wrote two different passwords; nothing is changed");
}

static bool
get_passwords(
    struct session *session, const struct invocation *in, bool has, char **password, char **current)
{
    const char *file = invocation_option(in, "password-file");
    if (file == NULL)
        return ask(session, has, password, current);
    *password = sign_read_file(session, file, current);
    if (*password != NULL && (*current)[0] == '\0')
        *current = NULL;
    return *password != NULL;
}

static int
run_password(struct session *session, const struct invocation *in)
{
    char *password = NULL, *current = NULL;
    json_t *answer = NULL, *me = session_get(session, "/v1/me");
    bool has = json_is_true(json_object_get(me, "password_set"));
    if (me != NULL && get_passwords(session, in, has, &password, &current)) {
        json_t *body = json_pack("{s:s, s:s*}", "password", password, "current", current);
        answer = session_post(session, "/v1/me/password", body, NULL);
    }
    sign_wipe(password);
    sign_wipe(current);
    if (answer == NULL)
        return session_fail(session);
    return table_report(session, password_columns, answer,
        "%s has a password to sign with. It lets nobody in: that is what tokens are for.",
        session_field(answer, "account"));
}

static const struct option_row password_options[] = {
    {.name = "password-file",
        .value = "FILE",
        .meaning =
            "the new password, and on the next line the one until now; - for standard input"},
    {0},
};

const struct command password_commands[] = {
    {
        .group = "password",
        .arguments = "",
        .meaning = "Set the password that you sign with",
        .details =
            "Asked for at the terminal, without echo; never an argument, which other users of\n"
            "the machine could read. It is used where a trial's protocol wants a signature. An\n"
            "administrator can take it away (rctctl account clear-password) and cannot set it.\n",
        .example = "rctctl password",
        .options = password_options,
        .run = run_password,
    },
    {0},
};

const struct command signature_commands[] = {
    {
        .group = "signature",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List who signed what, when, and with which meaning",
        .details =
            "CSV and JSON have the SHA-256 of each record that was signed too: of a lock the\n"
            "protocol's document, of a reveal the scheme's commitment.\n",
        .example = "rctctl signature list work-together",
        .list = &(const struct listing){.path = "trials/{}/signatures",
            .columns = columns,
            .nothing = "Nothing is signed yet."},
    },
    {0},
};
