/*
 * endpoint.c: where reminders are pushed to, and the secrets that sign them.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/secret.h"
#include "cli/table.h"

#include "base/text.h"

#include <stdio.h>

static const struct column columns[] = {
    {"url", "URL", COLUMN_LONG},
    {"channel", "CHANNEL", COLUMN_TEXT},
    {"contact_details", "CONTACT", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"description", "DESCRIPTION", COLUMN_LONG},
    {"disabled_reason", "WHY DISABLED", COLUMN_LONG},
    {"former_secret_until", "FORMER SECRET UNTIL", COLUMN_TIME},
    {"created_at", "CREATED", COLUMN_CSV},
    {"endpoint", "ENDPOINT", COLUMN_TEXT},
    {"secret", "SECRET", COLUMN_CSV},
    {0},
};

static char *
endpoints_path(struct session *session, const struct invocation *in)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "endpoints", NULL);
}

/*
 * POSTs, taking the body's reference, and hands over the secret of the answer: alone on standard
 * output, the words on stderr. Programs get the whole answer; where a file takes the secret it is
 * nowhere else.
 */
static int
post_for_secret(struct session *session, const struct invocation *in, const char *path,
    json_t *body, const char *done)
{
    const char *out = invocation_option(in, "out");
    int fd;
    session_keep(session, body);
    if (!secret_open(session, out, &fd))
        return session_fail(session);
    json_t *answer = session_post(session, path, json_incref(body), invocation_option(in, "key"));
    const char *secret = session_field(answer, "secret"), *id = session_field(answer, "endpoint");
    if (answer != NULL && secret == NULL)
        error_set(&session->error, ERROR_INTERNAL, "endpoint",
            "The secret is not in the answer; make a new one with `rctctl endpoint rotate'");
    if (secret == NULL) {
        secret_cancel(out, fd);
        return session_fail(session);
    }
    if ((session->output == OUTPUT_PEOPLE || out != NULL) &&
        !secret_write(session, out, fd, secret))
        return session_fail(session);
    if (out != NULL)
        json_object_del(answer, "secret");
    if (session->output != OUTPUT_PEOPLE)
        table_one(session, columns, answer);
    else
        fprintf(stderr, "rctctl: endpoint %s %s; its signing secret is shown this once%s%s\n",
            id == NULL ? "" : id, done, out == NULL ? "" : ", in ", out == NULL ? "" : out);
    return 0;
}

static int
run_add(struct session *session, const struct invocation *in)
{
    json_t *body = json_pack("{s:s, s:s*, s:s*}", "url", invocation_argument(in, 1), "channel",
        invocation_option(in, "channel"), "description", invocation_option(in, "description"));
    if (invocation_has(in, "contact-details"))
        json_object_set_new(body, "contact_details", json_true());
    return post_for_secret(session, in, endpoints_path(session, in), body, "is added");
}

/* There is no GET of a single endpoint: its entity tag follows from the version in the list. */
static const char *
find_etag(struct session *session, const struct invocation *in, bool *found)
{
    size_t index;
    json_t *item, *all = session_list(session, endpoints_path(session, in));
    *found = all != NULL;
    json_array_foreach(all, index, item)
    {
        json_t *version = json_object_get(item, "version");
        if (text_equal(session_field(item, "endpoint"), invocation_argument(in, 1)) &&
            json_is_integer(version))
            return arena_printf(
                session->arena, "\"v%lld\"", (long long)json_integer_value(version));
    }
    return "*";
}

static int
set_disabled(struct session *session, const struct invocation *in, bool disabled, const char *done)
{
    const char *endpoint = invocation_argument(in, 1);
    bool found;
    struct client_answer answer;
    struct client_request request = {
        .method = "PATCH",
        .path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "endpoints",
            endpoint, NULL),
        .body = session_keep(session, json_pack("{s:b}", "disabled", disabled)),
        .if_match = find_etag(session, in, &found),
    };
    if (!found || !session_call(session, &request, &answer))
        return session_fail(session);
    return table_report(session, columns, answer.json, "Endpoint %s is %s.", endpoint, done);
}

static int
run_disable(struct session *session, const struct invocation *in)
{
    return set_disabled(session, in, true, "disabled: nothing is sent there");
}

static int
run_enable(struct session *session, const struct invocation *in)
{
    return set_disabled(session, in, false, "active again");
}

static int
run_rotate(struct session *session, const struct invocation *in)
{
    const char *path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
        "endpoints", invocation_argument(in, 1), "rotate", NULL);
    return post_for_secret(session, in, path, NULL, "has a new secret");
}

static const char *const channels[] = {"any", "email", "sms", "phone", NULL};

static const struct option_row add_options[] = {
    {.name = "channel",
        .value = "CHANNEL",
        .meaning = "which reminders go there",
        .choices = channels},
    {.name = "description", .value = "TEXT", .meaning = "what it is"},
    {.name = "contact-details",
        .meaning = "it gets the phone number or e-mail that its channel needs"},
    {.name = "out", .value = "FILE", .meaning = "write the secret into this new file, mode 0600"},
    OPTION_KEY,
    {0},
};

static const struct option_row rotate_options[] = {
    {.name = "out", .value = "FILE", .meaning = "write the secret into this new file, mode 0600"},
    OPTION_KEY,
    {0},
};

const struct command endpoint_commands[] = {
    {
        .group = "endpoint",
        .name = "add",
        .arguments = "TRIAL URL",
        .meaning = "Send reminders to this address",
        .details = "Reminders are pushed as Standard Webhooks, signed with the secret that is "
                   "shown once.\n",
        .example = "rctctl endpoint add work-together http://127.0.0.1:8480/hook",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "endpoint",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List the addresses that reminders go to",
        .example = "rctctl endpoint list work-together",
        .list = &(const struct listing){.path = "trials/{}/endpoints",
            .columns = columns,
            .nothing = "No endpoint: reminders wait until `rctctl endpoint add' names one."},
    },
    {
        .group = "endpoint",
        .name = "disable",
        .arguments = "TRIAL ENDPOINT",
        .meaning = "Stop sending to an address",
        .example = "rctctl endpoint disable work-together 01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .run = run_disable,
    },
    {
        .group = "endpoint",
        .name = "enable",
        .arguments = "TRIAL ENDPOINT",
        .meaning = "Send to an address again",
        .example = "rctctl endpoint enable work-together 01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .run = run_enable,
    },
    {
        .group = "endpoint",
        .name = "rotate",
        .arguments = "TRIAL ENDPOINT",
        .meaning = "Make a new signing secret; both sign for a day",
        .example = "rctctl endpoint rotate work-together 01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .options = rotate_options,
        .run = run_rotate,
    },
    {0},
};
