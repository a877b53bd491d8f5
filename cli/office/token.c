/*
 * token.c: access tokens. rctd keeps only their hash, so that each is shown once.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/secret.h"
#include "cli/table.h"
#include "cli/when.h"

#include <stdio.h>

static const struct column columns[] = {
    {"name", "NAME", COLUMN_TEXT},
    {"created_at", "CREATED", COLUMN_TIME},
    {"expires_at", "EXPIRES", COLUMN_TIME},
    {"last_used_at", "LAST USED", COLUMN_TIME},
    {"revoked_at", "REVOKED", COLUMN_TIME},
    {"token_id", "TOKEN", COLUMN_TEXT},
    {0},
};

static const struct column made_columns[] = {
    {"token_id", "Token", COLUMN_TEXT},
    {"name", "Name", COLUMN_TEXT},
    {"expires_at", "Expires", COLUMN_TIME},
    {"token", "Secret", COLUMN_CSV},
    {0},
};

static char *
tokens_path(struct session *session, const struct invocation *in)
{
    return path_of(session->arena, "v1", "accounts", invocation_argument(in, 0), "tokens", NULL);
}

/* People get the bare token on standard output and the words on stderr, for TOKEN=$(...). */
static int
hand_over(struct session *session, const char *out, int fd, json_t *answer)
{
    const char *token = session_field(answer, "token"),
               *expires = session_field(answer, "expires_at");
    if (token == NULL) {
        secret_cancel(out, fd);
        error_set(&session->error, ERROR_INTERNAL, "token",
            "The token was made, but is not in the answer: revoke it and make another");
        return session_fail(session);
    }
    if ((out != NULL || session->output == OUTPUT_PEOPLE) && !secret_write(session, out, fd, token))
        return session_fail(session);
    if (out != NULL)
        json_object_del(answer, "token");
    if (session->output != OUTPUT_PEOPLE)
        table_one(session, made_columns, answer);
    else
        fprintf(stderr, "rctctl: the token is shown this once%s%s; it expires %.10s\n",
            out == NULL ? "" : ", in ", out == NULL ? "" : out, expires == NULL ? "" : expires);
    return 0;
}

static int
run_add(struct session *session, const struct invocation *in)
{
    const char *expires_text = invocation_option(in, "expires"), *expires = NULL;
    const char *out = invocation_option(in, "out");
    long long days = invocation_whole(in, "days");
    int fd;
    if (days > 0 && expires_text != NULL)
        return session_usage(session, "give --days or --expires, not both");
    if (expires_text != NULL && !when_read(session->arena, expires_text, &expires))
        return session_usage(session, "--expires takes " WHEN_HELP ", not `%s'", expires_text);
    json_t *body = session_keep(session,
        json_pack("{s:s, s:s*}", "name", invocation_option(in, "name"), "expires_at", expires));
    if (days > 0)
        json_object_set_new(body, "days", json_integer(days));
    if (!secret_open(session, out, &fd))
        return session_fail(session);
    json_t *answer = session_post(
        session, tokens_path(session, in), json_incref(body), invocation_option(in, "key"));
    if (answer == NULL) {
        secret_cancel(out, fd);
        return session_fail(session);
    }
    return hand_over(session, out, fd, answer);
}

static int
run_revoke(struct session *session, const struct invocation *in)
{
    json_t *ended = session_delete(
        session, path_of(session->arena, "v1", "accounts", invocation_argument(in, 0), "tokens",
                     invocation_argument(in, 1), NULL));
    if (ended == NULL)
        return session_fail(session);
    return table_report(session, columns, ended,
        "Token %s of %s is revoked: it is refused from now on.", invocation_argument(in, 1),
        invocation_argument(in, 0));
}

static const struct option_row add_options[] = {
    {.name = "name",
        .value = "NAME",
        .meaning = "what it is for, such as laptop",
        .flags = OPTION_REQUIRED},
    {.name = "days",
        .value = "N",
        .meaning = "valid for so many days, 1 to 366; 90 without it",
        .flags = OPTION_WHOLE},
    {.name = "expires", .value = "WHEN", .meaning = WHEN_HELP},
    {.name = "out", .value = "FILE", .meaning = "write it into this new file, mode 0600"},
    OPTION_KEY,
    {0},
};

const struct command token_commands[] = {
    {
        .group = "token",
        .name = "add",
        .arguments = "ACCOUNT",
        .meaning = "Make an access token for an account; it is shown once",
        .details =
            "With --out it goes into a new file that --token-file takes; else to standard output.\n"
            "Without --days and --expires it is valid for 90 days; 366 days are the most. A date\n"
            "alone is taken as its first moment in UTC.\n",
        .example = "rctctl token add anna --name laptop --days 90 --out anna.token",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "token",
        .name = "list",
        .arguments = "ACCOUNT",
        .meaning = "List the tokens of an account, without the tokens themselves",
        .example = "rctctl token list anna",
        .list =
            &(const struct listing){
                .path = "accounts/{}/tokens", .columns = columns, .nothing = "No token."},
    },
    {
        .group = "token",
        .name = "revoke",
        .arguments = "ACCOUNT TOKEN",
        .meaning = "Revoke a token; TOKEN is its id in the list",
        .example = "rctctl token revoke anna 01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .run = run_revoke,
    },
    {0},
};
