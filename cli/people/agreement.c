/*
 * agreement.c: answers on eligibility; the employer's agreement or the participant's consent, and
 * the withdrawal of either; and the lock of a roster.
 */
#include "cli/people/agreement.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/withdrawal.h"
#include "cli/table.h"
#include "cli/when.h"
#include "trial/consent.h"

#include <stdio.h>
#include <string.h>

/* Where the two kinds of unit differ: parts of paths, fields of answers, words. */
struct kind {
    const char *units;
    const char *events;
    const char *out; /* the field that says whether the unit is out of the trial */
    const char *leaves;
};

static const struct kind workplace = {"workplaces", "agreements", "workplace_withdrawn",
    " It is out of the trial from now on; its tasks and reminders are cancelled."};
static const struct kind participant = {"participants", "consents", "participant_withdrawn",
    " They are out of the trial from now on; their tasks and reminders are cancelled."};

const struct option_row agreement_answer_options[] = {
    {.name = "by", .value = "NAME", .meaning = "who answered"},
    OPTION_KEY,
    {0},
};

const struct option_row agreement_agree_options[] = {
    {.name = "form",
        .value = "FORM",
        .meaning = "the form of the protocol",
        .flags = OPTION_REQUIRED},
    {.name = "version", .value = "N", .meaning = "the form's version", .flags = OPTION_REQUIRED},
    {.name = "scope",
        .value = "NAME=yes|no",
        .meaning = "each thing agreed to or refused",
        .flags = OPTION_REQUIRED | OPTION_MANY},
    {.name = "by", .value = "NAME", .meaning = "who signed", .flags = OPTION_REQUIRED},
    {.name = "signed", .value = "WHEN", .meaning = WHEN_HELP, .flags = OPTION_REQUIRED},
    {.name = "how",
        .value = "WAY",
        .meaning = "how it was given",
        .flags = OPTION_REQUIRED,
        .choices = consent_ways},
    {.name = "shown", .value = "WHEN", .meaning = "when the information was shown"},
    {.name = "language", .value = "LANG", .meaning = "language of the form, such as sv"},
    OPTION_KEY,
    {0},
};

const struct option_row agreement_consent_options[] = {
    {.name = "form",
        .value = "FORM",
        .meaning = "the form of the protocol",
        .flags = OPTION_REQUIRED},
    {.name = "version", .value = "N", .meaning = "the form's version", .flags = OPTION_REQUIRED},
    {.name = "scope",
        .value = "NAME=yes|no",
        .meaning = "each thing consented to or refused",
        .flags = OPTION_REQUIRED | OPTION_MANY},
    {.name = "signed", .value = "WHEN", .meaning = WHEN_HELP, .flags = OPTION_REQUIRED},
    {.name = "how",
        .value = "WAY",
        .meaning = "how it was given",
        .flags = OPTION_REQUIRED,
        .choices = consent_ways},
    {.name = "by",
        .value = "WHO",
        .meaning = "who decided, never by name; without it, the participant",
        .choices = consent_signers},
    {.name = "shown", .value = "WHEN", .meaning = "when the information was shown"},
    {.name = "language", .value = "LANG", .meaning = "language of the form, such as sv"},
    OPTION_KEY,
    {0},
};

const struct option_row agreement_leave_options[] = {
    {.name = "form", .value = "FORM", .meaning = "this form alone; without it, everything"},
    {.name = "how",
        .value = "WAY",
        .meaning = "how it was said",
        .flags = OPTION_REQUIRED,
        .choices = consent_ways},
    {.name = "by",
        .value = "WHO",
        .meaning = "who decided, never by name; without it, the participant",
        .choices = consent_signers},
    {.name = "reason", .value = "TEXT", .meaning = "why, where it was said; nobody has to say"},
    {.name = "signed", .value = "WHEN", .meaning = "when it was said; without it, now"},
    OPTION_KEY,
    {0},
};

const struct option_row agreement_withdraw_options[] = {
    {.name = "form",
        .value = "FORM",
        .meaning = "the form that was agreed to",
        .flags = OPTION_REQUIRED},
    {.name = "by", .value = "NAME", .meaning = "who withdraws", .flags = OPTION_REQUIRED},
    {.name = "how",
        .value = "WAY",
        .meaning = "how it was said",
        .flags = OPTION_REQUIRED,
        .choices = consent_ways},
    {.name = "reason", .value = "TEXT", .meaning = "why, where it was said; nobody has to say"},
    {.name = "signed", .value = "WHEN", .meaning = "when it was said; without it, now"},
    OPTION_KEY,
    {0},
};

const struct option_row agreement_roster_options[] = {
    {.name = "head-count",
        .value = "N",
        .meaning = "how many people are on the roster",
        .flags = OPTION_REQUIRED},
    OPTION_KEY,
    {0},
};

static const struct column agreement_columns[] = {
    {"workplace", "Workplace", COLUMN_TEXT},
    {"participant", "Participant", COLUMN_TEXT},
    {"form", "Form", COLUMN_TEXT},
    {"version", "Version", COLUMN_NUMBER},
    {"decision", "Decision", COLUMN_TEXT},
    {"scopes", "Scopes", COLUMN_LONG},
    {"workplace_withdrawn", "Out of the trial", COLUMN_TEXT},
    {"participant_withdrawn", "Out of the trial", COLUMN_TEXT},
    {"agreement", "Agreement", COLUMN_TEXT},
    {"consent", "Consent", COLUMN_TEXT},
    {0},
};

static const struct column unit_columns[] = {
    {"code", "Code", COLUMN_TEXT},
    {"state", "State", COLUMN_TEXT},
    {"eligible", "Eligible", COLUMN_TEXT},
    {"missing", "Missing", COLUMN_LONG},
    {0},
};

static char *
unit_path(
    struct session *session, const struct invocation *in, const struct kind *kind, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), kind->units,
        invocation_argument(in, 1), what, NULL);
}

/* "own-manager=yes" into the object; false when it is not of that form or the name stands twice. */
static bool
set_answer(struct arena *arena, json_t *object, const char *pair)
{
    const char *sign = strrchr(pair, '=');
    if (sign == NULL || sign == pair)
        return false;
    const char *name = arena_strndup(arena, pair, (size_t)(sign - pair)), *value = sign + 1;
    bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
    bool no = strcmp(value, "no") == 0 || strcmp(value, "false") == 0;
    if ((!yes && !no) || json_object_get(object, name) != NULL)
        return false;
    return json_object_set_new(object, name, json_boolean(yes)) == 0;
}

static int
wrong_pair(struct session *session, const json_t *answers, const char *pair)
{
    const char *name = arena_strndup(session->arena, pair, strcspn(pair, "="));
    if (json_object_get(answers, name) != NULL)
        return session_usage(session, "`%s' is answered twice; give each name once", name);
    return session_usage(session, "`%s' is not an answer; write NAME=yes or NAME=no", pair);
}

static int
answer(struct session *session, const struct invocation *in, const struct kind *kind)
{
    json_t *answers = json_object();
    json_t *body = session_keep(session,
        json_pack("{s:o, s:s*}", "answers", answers, "answered_by", invocation_option(in, "by")));
    for (size_t i = 2; i < invocation_count(in); i++)
        if (!set_answer(session->arena, answers, invocation_argument(in, i)))
            return wrong_pair(session, answers, invocation_argument(in, i));
    json_t *unit = session_post(session, unit_path(session, in, kind, "answers"), json_incref(body),
        invocation_option(in, "key"));
    if (unit == NULL)
        return session_fail(session);
    size_t count = json_object_size(answers);
    return table_report(session, unit_columns, unit, "%s: %zu answer%s recorded.",
        invocation_argument(in, 1), count, count == 1 ? "" : "s");
}

static int
wrong_time(struct session *session, const char *option, const char *typed)
{
    return session_usage(session, "--%s takes " WHEN_HELP ", not `%s'", option, typed);
}

/* POSTs an event of the consent ledger; takes the body's reference. */
static int
record(struct session *session, const struct invocation *in, const struct kind *kind, json_t *body,
    const char *done)
{
    json_t *event = session_post(
        session, unit_path(session, in, kind, kind->events), body, invocation_option(in, "key"));
    if (event == NULL)
        return session_fail(session);
    bool out = json_is_true(json_object_get(event, kind->out));
    return table_report(session, agreement_columns, event, "%s: %s form %s.%s",
        invocation_argument(in, 1), done, invocation_option(in, "form"), out ? kind->leaves : "");
}

static int
agree(struct session *session, const struct invocation *in, const struct kind *kind)
{
    const char *signed_text = invocation_option(in, "signed"), *signed_at;
    const char *shown_text = invocation_option(in, "shown"), *shown_at = NULL, *pair;
    long long version;
    if (!text_to_int64(invocation_option(in, "version"), &version))
        return session_usage(
            session, "--version takes a whole number, not `%s'", invocation_option(in, "version"));
    if (!when_read(session->arena, signed_text, &signed_at))
        return wrong_time(session, "signed", signed_text);
    if (shown_text != NULL && !when_read(session->arena, shown_text, &shown_at))
        return wrong_time(session, "shown", shown_text);
    json_t *scopes = session_keep(session, json_object());
    for (size_t at = 0; (pair = invocation_next(in, "scope", &at)) != NULL;)
        if (!set_answer(session->arena, scopes, pair))
            return wrong_pair(session, scopes, pair);
    json_t *body = json_pack("{s:s, s:I, s:s*, s:s, s:O, s:s*, s:s*, s:s, s:s}", "form",
        invocation_option(in, "form"), "version", (json_int_t)version, "language",
        invocation_option(in, "language"), "decision", "given", "scopes", scopes, "signed_by",
        invocation_option(in, "by"), "shown_at", shown_at, "signed_at", signed_at, "how",
        invocation_option(in, "how"));
    return record(session, in, kind, body,
        kind == &workplace ? "agreement recorded on" : "consent recorded on");
}

/* The newest agreement that was given on the form; NULL when there is none. */
static json_t *
find_given(json_t *events, const char *form)
{
    json_t *found = NULL, *event;
    size_t index;
    json_array_foreach(events, index, event)
    {
        const char *decision = session_field(event, "decision");
        if (text_equal(session_field(event, "form"), form) && text_equal(decision, "given"))
            found = event;
    }
    return found;
}

/* Without --signed it is now, by the clock of rctd: this machine's may be ahead of it, and what
 * lies in the future is refused. */
static const char *
time_of_withdrawal(struct session *session)
{
    char text[CLOCK_TEXT_SIZE];
    return arena_strdup(session->arena, clock_format(session->server_time, text));
}

static int
withdraw(struct session *session, const struct invocation *in, const struct kind *kind)
{
    const char *form = invocation_option(in, "form"), *typed = invocation_option(in, "signed");
    const char *signed_at = NULL;
    if (typed != NULL && !when_read(session->arena, typed, &signed_at))
        return wrong_time(session, "signed", typed);
    json_t *events = session_list(session, unit_path(session, in, kind, kind->events));
    if (events == NULL)
        return session_fail(session);
    json_t *given = find_given(events, form);
    if (given == NULL) {
        error_set(&session->error, ERROR_REFUSED, "agreement",
            "%s never agreed to form %s; there is nothing to withdraw", invocation_argument(in, 1),
            form);
        return session_fail(session);
    }
    if (signed_at == NULL)
        signed_at = time_of_withdrawal(session);
    json_t *body = json_pack("{s:s, s:O, s:s*, s:s, s:s*, s:s, s:s, s:s*}", "form", form, "version",
        json_object_get(given, "version"), "language", session_field(given, "language"), "decision",
        "withdrawn", "signed_by", invocation_option(in, "by"), "signed_at", signed_at, "how",
        invocation_option(in, "how"), "reason", invocation_option(in, "reason"));
    return record(session, in, kind, body, "withdrawal recorded on");
}

int
agreement_run_answer(struct session *session, const struct invocation *in)
{
    return answer(session, in, &workplace);
}

int
agreement_run_agree(struct session *session, const struct invocation *in)
{
    return agree(session, in, &workplace);
}

int
agreement_run_withdraw(struct session *session, const struct invocation *in)
{
    return withdraw(session, in, &workplace);
}

int
agreement_run_person_answer(struct session *session, const struct invocation *in)
{
    return answer(session, in, &participant);
}

int
agreement_run_consent(struct session *session, const struct invocation *in)
{
    return agree(session, in, &participant);
}

int
agreement_run_leave(struct session *session, const struct invocation *in)
{
    return invocation_option(in, "form") == NULL ? withdrawal_run_everything(session, in)
                                                 : withdraw(session, in, &participant);
}

int
agreement_run_roster(struct session *session, const struct invocation *in)
{
    const char *typed = invocation_option(in, "head-count");
    long long count;
    if (!text_to_int64(typed, &count) || count < 1)
        return session_usage(session, "--head-count takes a whole number from 1, not `%s'", typed);
    json_t *unit = session_post(session, unit_path(session, in, &workplace, "roster-lock"),
        json_pack("{s:I}", "head_count", (json_int_t)count), invocation_option(in, "key"));
    if (unit == NULL)
        return session_fail(session);
    return table_report(session, unit_columns, unit, "%s: the roster is locked with %lld people.",
        invocation_argument(in, 1), count);
}
