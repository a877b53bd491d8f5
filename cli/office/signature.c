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

/* Asks for the new password twice; and before it for the one until now, or where there is none, for
 * the code that a first one takes. */
static bool
ask(struct session *session, bool has, char **password, char **proof)
{
    *password = NULL;
    *proof = sign_ask_secret(
        session, has ? "The password until now" : "The one-time code from an administrator");
    if (*proof == NULL)
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
    struct session *session, const struct invocation *in, bool has, char **password, char **proof)
{
    const char *file = invocation_option(in, "password-file");
    if (file == NULL)
        return ask(session, has, password, proof);
    *password = sign_read_file(session, file, proof);
    if (*password == NULL || (*proof)[0] != '\0')
        return *password != NULL;
    return error_set(&session->error, ERROR_CONFIG, file,
        "Nothing is changed: the second line of %s is missing, and has %s", file,
        has ? "the password until now" : "the one-time code from an administrator");
}

static int
run_password(struct session *session, const struct invocation *in)
{
    char *password = NULL, *proof = NULL;
    json_t *answer = NULL, *me = session_get(session, "/v1/me");
    bool has = json_is_true(json_object_get(me, "password_set"));
    if (me != NULL && get_passwords(session, in, has, &password, &proof)) {
        json_t *body =
            json_pack("{s:s, s:s*}", "password", password, has ? "current" : "code", proof);
        if (invocation_has(in, "end-tokens"))
            json_object_set_new(body, "end_tokens", json_true());
        answer = session_post(session, "/v1/me/password", body, NULL);
    }
    sign_wipe(password);
    sign_wipe(proof);
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
            "the new password, and on the next line the one until now, or the code that a first "
            "one takes; - for standard input"},
    {.name = "end-tokens", .meaning = "end your other tokens too, where one may be stolen"},
    {0},
};

const struct command password_commands[] = {
    {
        .group = "password",
        .arguments = "",
        .meaning = "Set the password that you sign with",
        .details =
            "Asked for at the terminal, without echo; never an argument, which other users of\n"
            "the machine could read. It is used where a trial's protocol wants a signature. The\n"
            "first one takes a one-time code of an administrator (rctctl account password-code),\n"
            "so that a found token does not sign. An administrator can take a password away\n"
            "(rctctl account clear-password) and cannot set it.\n",
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
