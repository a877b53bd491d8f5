/*
 * consent.c: consent as an office works with it: who signs anew, the texts that are shown, the
 * one-time links that are sent.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/secret.h"
#include "cli/table.h"
#include "cli/when.h"

#include "base/text.h"
#include "trial/consent.h"

#include <stdio.h>

#define TEXT_LIMIT 200000

static const struct column who_columns[] = {
    {"code", "CODE", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"allowed", "ALLOWED", COLUMN_TEXT},
    {"because", "BECAUSE", COLUMN_LONG},
    {"action", "ACTION", COLUMN_CSV},
    {"kind", "KIND", COLUMN_CSV},
    {"objection", "OBJECTION", COLUMN_CSV},
    {0},
};

static const struct column due_columns[] = {
    {"code", "CODE", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"form", "FORM", COLUMN_TEXT},
    {"signed_version", "SIGNED", COLUMN_NUMBER},
    {"version", "IN FORCE", COLUMN_NUMBER},
    {"until", "UNTIL", COLUMN_TIME},
    {"overdue", "OVERDUE", COLUMN_TEXT},
    {"waits", "WAITS", COLUMN_LONG},
    {"kind", "KIND", COLUMN_CSV},
    {"signed_at", "SIGNED AT", COLUMN_CSV},
    {0},
};

static const struct column text_columns[] = {
    {"form", "FORM", COLUMN_TEXT},
    {"version", "VERSION", COLUMN_NUMBER},
    {"language", "LANGUAGE", COLUMN_TEXT},
    {"sha256", "SHA-256", COLUMN_TEXT},
    {"size", "BYTES", COLUMN_NUMBER},
    {"submitted_at", "SUBMITTED", COLUMN_TIME},
    {"submitted_by", "BY", COLUMN_CSV},
    {0},
};

static const struct column link_columns[] = {
    {"form", "FORM", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"issued_at", "ISSUED", COLUMN_TIME},
    {"expires_at", "EXPIRES", COLUMN_TIME},
    {"opened_at", "OPENED", COLUMN_TIME},
    {"ended_at", "ENDED", COLUMN_TIME},
    {"link", "LINK", COLUMN_TEXT},
    {"issued_by", "BY", COLUMN_CSV},
    {"token", "TOKEN", COLUMN_CSV},
    {0},
};

/* People get the text itself, byte for byte, so that sha256sum agrees. */
static int
run_text(struct session *session, const struct invocation *in)
{
    json_t *text =
        session_get(session, path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
                                 "consent-texts", invocation_argument(in, 1),
                                 invocation_argument(in, 2), invocation_argument(in, 3), NULL));
    if (text == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_PEOPLE)
        fputs(session_field(text, "text"), stdout);
    else
        table_one(session, text_columns, text);
    return 0;
}

static int
run_submit(struct session *session, const struct invocation *in)
{
    size_t size;
    long long version = invocation_whole(in, "version");
    const char *file = invocation_argument(in, 1), *form = invocation_option(in, "form");
    char *text = session_read_file(session, file, TEXT_LIMIT, &size);
    if (text == NULL)
        return session_fail(session);
    json_t *body = json_pack("{s:s, s:I, s:s, s:o?}", "form", form, "version", (json_int_t)version,
        "language", invocation_option(in, "language"), "text", json_stringn(text, size));
    if (body == NULL)
        return session_usage(session, "%s is no text in UTF-8", file);
    json_t *answer = session_post(session,
        path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "consent-texts", NULL),
        body, invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    return table_report(session, text_columns, answer,
        "The text of %s, version %lld, is stored; SHA-256 %s.", form, version,
        session_field(answer, "sha256"));
}

static char *
links_path(struct session *session, const struct invocation *in, const char *link)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "participants",
        invocation_argument(in, 1), "links", link, NULL);
}

/* People get the bare token on standard output and the words on stderr, for TOKEN=$(...). */
static int
hand_over(struct session *session, const char *out, int fd, json_t *answer)
{
    const char *token = session_field(answer, "token");
    if ((out != NULL || session->output == OUTPUT_PEOPLE) && !secret_write(session, out, fd, token))
        return session_fail(session);
    if (out != NULL)
        json_object_del(answer, "token");
    if (session->output != OUTPUT_PEOPLE)
        table_one(session, link_columns, answer);
    else
        fprintf(stderr, "rctctl: the link's token is shown this once%s%s; it works until %s\n",
            out == NULL ? "" : ", in ", out == NULL ? "" : out,
            when_text(session->arena, session_field(answer, "expires_at")));
    return 0;
}

static int
run_link(struct session *session, const struct invocation *in)
{
    const char *out = invocation_option(in, "out");
    long long days = invocation_whole(in, "days");
    int fd;
    json_t *body = session_keep(session, json_pack("{s:s}", "form", invocation_option(in, "form")));
    if (days > 0)
        json_object_set_new(body, "days", json_integer(days));
    if (!secret_open(session, out, &fd))
        return session_fail(session);
    json_t *answer = session_post(session, links_path(session, in, NULL), json_incref(body), NULL);
    if (answer == NULL || session_field(answer, "token") == NULL) {
        secret_cancel(out, fd);
        return session_fail(session);
    }
    return hand_over(session, out, fd, answer);
}

static int
run_revoke(struct session *session, const struct invocation *in)
{
    json_t *link = session_delete(session, links_path(session, in, invocation_argument(in, 2)));
    if (link == NULL)
        return session_fail(session);
    const char *state = session_field(link, "state");
    return table_report(session, link_columns, link,
        text_equal(state, "used") ? "The link %s was used before; it does not work any more."
                                  : "The link %s does not work any more.",
        invocation_argument(in, 2));
}

/* All but an allocation, which comes first: `participant list' says who is eligible. */
#define ACTION_NAME(id, text, ...) text,
static const char *const actions[] = {CONSENT_ACTIONS(ACTION_NAME) NULL};
#undef ACTION_NAME

static const struct option_row who_options[] = {
    {.name = "action",
        .value = "ACTION",
        .meaning = "what is to be done",
        .flags = OPTION_REQUIRED,
        .choices = actions + 1},
    {.name = "allowed",
        .value = "ANSWER",
        .meaning = "only those with whom it may be done now, or the others",
        .flags = OPTION_BOOLEAN,
        .choices = (const char *const[]){"yes", "no", "true", "false", NULL}},
    {.name = "workplace", .value = "CODE", .meaning = "only participants who work there"},
    {.name = "kind",
        .value = "KIND",
        .meaning = "participants without it",
        .choices = (const char *const[]){"participant", "workplace", NULL}},
    {0},
};

static const struct option_row due_options[] = {
    {.name = "form", .value = "FORM", .meaning = "only of this form"},
    {0},
};

static const struct option_row submit_options[] = {
    {.name = "form",
        .value = "FORM",
        .meaning = "the form that shows it",
        .flags = OPTION_REQUIRED},
    {.name = "version",
        .value = "N",
        .meaning = "the form's version",
        .flags = OPTION_REQUIRED | OPTION_WHOLE},
    {.name = "language",
        .value = "LANGUAGE",
        .meaning = "its language, such as sv",
        .flags = OPTION_REQUIRED},
    OPTION_KEY,
    {0},
};

static const struct option_row link_options[] = {
    {.name = "form", .value = "FORM", .meaning = "the form to decide on", .flags = OPTION_REQUIRED},
    {.name = "days",
        .value = "N",
        .meaning = "works so many days; 14 without it",
        .flags = OPTION_WHOLE},
    {.name = "out", .value = "FILE", .meaning = "write the token into this new file, mode 0600"},
    {0},
};

const struct command consent_commands[] = {
    {
        .group = "consent",
        .name = "who",
        .arguments = "TRIAL",
        .meaning = "List with whom something may be done now, and with whom not",
        .details = "Who may be asked about later studies, whose data may be used, who may be sent "
                   "text messages.\n"
                   "Ask anew before you act: a person may have said no since.\n",
        .example = "rctctl consent who work-together --action future-contact --allowed yes --csv",
        .options = who_options,
        .list = &(const struct listing){.path = "trials/{}/permissions",
            .columns = who_columns,
            .nothing = "There is nobody yet.",
            .unfit = "There is nobody who fits."},
    },
    {
        .group = "consent",
        .name = "due",
        .arguments = "TRIAL",
        .meaning = "List who must sign an amended form anew, by when, and what waits",
        .example = "rctctl consent due work-together",
        .options = due_options,
        .list = &(const struct listing){.path = "trials/{}/reconsents",
            .columns = due_columns,
            .nothing = "Nobody has to sign anew."},
    },
    {
        .group = "consent",
        .name = "submit",
        .arguments = "TRIAL FILE",
        .meaning = "Submit the text of a form in a language",
        .details = "A text never changes: another text is a new version of the form.\n",
        .example = "rctctl consent submit work-together text-sv.txt --form participation "
                   "--version 1 --language sv",
        .options = submit_options,
        .run = run_submit,
    },
    {
        .group = "consent",
        .name = "texts",
        .arguments = "TRIAL",
        .meaning = "List the texts that forms show",
        .example = "rctctl consent texts work-together",
        .list = &(const struct listing){.path = "trials/{}/consent-texts",
            .columns = text_columns,
            .nothing = "No text yet: `rctctl consent submit' submits one."},
    },
    {
        .group = "consent",
        .name = "text",
        .arguments = "TRIAL FORM VERSION LANGUAGE",
        .meaning = "Print a text, byte for byte",
        .example = "rctctl consent text work-together participation 1 sv",
        .run = run_text,
    },
    {
        .group = "consent",
        .name = "link",
        .arguments = "TRIAL CODE",
        .meaning = "Make a link by which a participant decides on a form, once",
        .details = "Its token is shown this once, and goes to the participant and nobody else. Who "
                   "has it\n"
                   "reads the form and says yes or no, scope by scope, or withdraws.\n",
        .example = "rctctl consent link work-together PK7H3WAT --form participation --days 7",
        .options = link_options,
        .run = run_link,
    },
    {
        .group = "consent",
        .name = "links",
        .arguments = "TRIAL CODE",
        .meaning = "List a participant's links, without their tokens",
        .example = "rctctl consent links work-together PK7H3WAT",
        .list = &(const struct listing){.path = "trials/{}/participants/{}/links",
            .columns = link_columns,
            .nothing = "No link was made."},
    },
    {
        .group = "consent",
        .name = "revoke",
        .arguments = "TRIAL CODE LINK",
        .meaning = "Take a link back; LINK is its number in the list",
        .example = "rctctl consent revoke work-together PK7H3WAT "
                   "01938c5e-7a10-7cc3-98c4-dc0c0c07398f",
        .run = run_revoke,
    },
    {0},
};
