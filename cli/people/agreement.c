/*
 * agreement.c: answers on eligibility; the employer's agreement or the participant's consent, and
 * the withdrawal of either; and the lock of a roster.
 */
#include "cli/people/agreement.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/certain.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/withdrawal.h"
#include "cli/table.h"
#include "cli/when.h"
#include "trial/consent.h"

#include <stdio.h>
#include <string.h>

/* Where the two kinds of unit differ: parts of paths, fields of answers, words. */
static const struct kind {
    const char *units;
    const char *events;
    const char *given;
    const char *out; /* the field that says whether the unit is out of the trial */
    const char *leaves;
    const char *stays_out;
} workplace = {"workplaces", "agreements", "agreement", "workplace_withdrawn",
    " It is out of the trial from now on; its tasks and reminders are cancelled.",
    " It is out of the trial: nothing follows from this while it is."},
  participant = {"participants", "consents", "consent", "participant_withdrawn",
      " They are out of the trial from now on; their tasks and reminders are cancelled.",
      " They, or their workplace, are out of the trial: nothing follows from this while they are."};

/* The group that a command stands in says which kind it is for. */
static const struct kind *
kind_of(const struct invocation *in)
{
    return text_equal(invocation_command(in)->group, "workplace") ? &workplace : &participant;
}

/* clang-format off */
#define OPTION_FORM(text) {.name = "form", .value = "FORM", .meaning = (text), .flags = OPTION_REQUIRED}
#define OPTION_HOW(text) \
    {.name = "how", .value = "WAY", .meaning = (text), .flags = OPTION_REQUIRED, .choices = consent_ways}
/* Of an employer who signs is kept by name; of a participant only what they are to them. */
#define OPTION_SIGNER(text) {.name = "by", .value = "NAME", .meaning = (text), .flags = OPTION_REQUIRED}
#define OPTION_DECIDER \
    {.name = "by", .value = "WHO", .meaning = "who decided, never by name; without it, the participant", \
        .choices = consent_signers}
#define OPTIONS_GIVEN(each) \
    OPTION_FORM("the form of the protocol"), \
    {.name = "version", .value = "N", .meaning = "the form's version", .flags = OPTION_REQUIRED | OPTION_WHOLE}, \
    {.name = "scope", .value = "NAME=yes|no", .meaning = (each), .flags = OPTION_REQUIRED | OPTION_MANY}, \
    {.name = "signed", .value = "WHEN", .meaning = WHEN_MOMENT_HELP, .flags = OPTION_REQUIRED}, \
    OPTION_HOW("how it was given"), \
    {.name = "shown", .value = "WHEN", .meaning = "when the information was shown"}, \
    {.name = "language", .value = "LANG", .meaning = "language of the form, such as sv"}
#define OPTIONS_WITHDRAWN \
    OPTION_HOW("how it was said"), \
    {.name = "reason", .value = "TEXT", .meaning = "why, where it was said; nobody has to say"}, \
    {.name = "signed", .value = "WHEN", .meaning = "when it was said, a day (it counts to its end) or a time; without it, now"}, \
    OPTION_YES
/* clang-format on */

const struct option_row agreement_answer_options[] = {
    {.name = "by", .value = "NAME", .meaning = "who answered"},
    OPTION_KEY,
    {0},
};

const struct option_row agreement_agree_options[] = {
    OPTIONS_GIVEN("each thing agreed to or refused"),
    OPTION_SIGNER("who signed"),
    OPTION_KEY,
    {0},
};

const struct option_row agreement_consent_options[] = {
    OPTIONS_GIVEN("each thing consented to or refused"),
    OPTION_DECIDER,
    OPTION_KEY,
    {0},
};

const struct option_row agreement_leave_options[] = {
    {.name = "form", .value = "FORM", .meaning = "this form alone; without it, everything"},
    OPTIONS_WITHDRAWN,
    OPTION_DECIDER,
    OPTION_KEY,
    {0},
};

const struct warning agreement_leave_warnings[] = {
    {"form",
        "The whole form {form} is withdrawn: what needs it stops, and what was planned of that "
        "is cancelled. Where the trial needs the form, they are out of it."},
    {NULL,
        "They leave the trial: everything stops but the use of data that were taken, and what was "
        "planned is cancelled. Nobody takes them in again."},
};

const struct option_row agreement_withdraw_options[] = {
    OPTION_FORM("the form that was agreed to"),
    OPTIONS_WITHDRAWN,
    OPTION_SIGNER("who withdraws"),
    OPTION_KEY,
    {0},
};

const struct warning agreement_withdraw_warnings[] = {
    {NULL, "The whole form {form} is withdrawn: what needs it stops, and what was planned is "
           "cancelled. Where the trial needs the form, the workplace and its people are out of it, "
           "and nobody takes them in again."},
};

const struct option_row agreement_roster_options[] = {
    {.name = "head-count",
        .value = "N",
        .meaning = "how many people are on the roster",
        .flags = OPTION_REQUIRED | OPTION_WHOLE},
    OPTION_YES,
    OPTION_KEY,
    {0},
};

const struct warning agreement_roster_warnings[] = {
    {NULL, "The roster is locked with {head-count} people, and the list of who is registered there "
           "with it; whoever comes later counts as late."},
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
unit_path(struct session *session, const struct invocation *in, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), kind_of(in)->units,
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

int
agreement_run_answer(struct session *session, const struct invocation *in)
{
    json_t *answers = json_object();
    json_t *body = session_keep(session,
        json_pack("{s:o, s:s*}", "answers", answers, "answered_by", invocation_option(in, "by")));
    for (size_t i = 2; i < invocation_count(in); i++)
        if (!set_answer(session->arena, answers, invocation_argument(in, i)))
            return wrong_pair(session, answers, invocation_argument(in, i));
    json_t *unit = session_post(session, unit_path(session, in, "answers"), json_incref(body),
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
    return session_usage(session, "--%s takes " WHEN_MOMENT_HELP ", not `%s'", option, typed);
}

/* " 2 tasks and 1 reminder cancelled.", where there were any. */
static const char *
cancelled(struct arena *arena, const json_t *event)
{
    long long tasks = json_integer_value(json_object_get(event, "tasks"));
    long long reminders = json_integer_value(json_object_get(event, "reminders"));
    if (tasks == 0 && reminders == 0)
        return "";
    return arena_printf(arena, " %lld task%s and %lld reminder%s cancelled.", tasks,
        tasks == 1 ? "" : "s", reminders, reminders == 1 ? "" : "s");
}

/* Is every scope answered with no? */
static bool
refuses_all(json_t *scopes)
{
    const char *name;
    const json_t *answer;
    json_object_foreach(scopes, name, answer) if (json_is_true(answer)) return false;
    return true;
}

/* POSTs an event of the consent ledger; takes the body's reference. */
static int
record(struct session *session, const struct invocation *in, json_t *body, const char *done)
{
    const struct kind *kind = kind_of(in);
    json_t *event = session_post(
        session, unit_path(session, in, kind->events), body, invocation_option(in, "key"));
    if (event == NULL)
        return session_fail(session);
    bool out = json_is_true(json_object_get(event, kind->out));
    bool stays_out = json_is_true(json_object_get(event, "out_already"));
    return table_report(session, agreement_columns, event, "%s: %s form %s.%s%s%s",
        invocation_argument(in, 1), done, invocation_option(in, "form"),
        cancelled(session->arena, event), out ? kind->leaves : "",
        stays_out ? kind->stays_out : "");
}

int
agreement_run_agree(struct session *session, const struct invocation *in)
{
    const char *signed_text = invocation_option(in, "signed"), *signed_at;
    const char *shown_text = invocation_option(in, "shown"), *shown_at = NULL, *pair;
    if (!when_read_moment(session->arena, signed_text, &signed_at))
        return wrong_time(session, "signed", signed_text);
    if (shown_text != NULL && !when_read_moment(session->arena, shown_text, &shown_at))
        return wrong_time(session, "shown", shown_text);
    json_t *scopes = session_keep(session, json_object());
    for (size_t at = 0; (pair = invocation_next(in, "scope", &at)) != NULL;)
        if (!set_answer(session->arena, scopes, pair))
            return wrong_pair(session, scopes, pair);
    json_t *body = json_pack("{s:s, s:I, s:s*, s:s, s:O, s:s*, s:s*, s:s, s:s}", "form",
        invocation_option(in, "form"), "version", (json_int_t)invocation_whole(in, "version"),
        "language", invocation_option(in, "language"), "decision", "given", "scopes", scopes,
        "signed_by", invocation_option(in, "by"), "shown_at", shown_at, "signed_at", signed_at,
        "how", invocation_option(in, "how"));
    return record(session, in, body,
        arena_printf(session->arena, "%s recorded on",
            refuses_all(scopes) ? "refusal" : kind_of(in)->given));
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

/* Asks rctd about the form, which knows the names that are near to a mistyped one. */
static int
never_agreed(struct session *session, const struct invocation *in, const char *form)
{
    const char *path =
        path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "reconsents", NULL);
    if (session_get(session, path_query(session->arena, path, "form", form)) == NULL &&
        session->error.code == ERROR_FIELDS)
        return session_fail(session);
    error_set(&session->error, ERROR_REFUSED, "agreement",
        "%s never agreed to form %s; there is nothing to withdraw", invocation_argument(in, 1),
        form);
    return session_fail(session);
}

/* Without --signed it is now, by the clock of rctd: this machine's may be ahead of it, and what
 * lies in the future is refused. */
static const char *
time_of_withdrawal(struct session *session)
{
    char text[CLOCK_TEXT_SIZE];
    return arena_strdup(session->arena, clock_format(session->server_time, text));
}

int
agreement_run_withdraw(struct session *session, const struct invocation *in)
{
    const char *form = invocation_option(in, "form"), *typed = invocation_option(in, "signed");
    const char *signed_at = NULL;
    if (form == NULL)
        return withdrawal_run_everything(session, in);
    if (typed != NULL && !when_read_moment(session->arena, typed, &signed_at))
        return wrong_time(session, "signed", typed);
    json_t *events = session_list(session, unit_path(session, in, kind_of(in)->events));
    if (events == NULL)
        return session_fail(session);
    json_t *given = find_given(events, form);
    if (given == NULL)
        return never_agreed(session, in, form);
    if (signed_at == NULL)
        signed_at = time_of_withdrawal(session);
    json_t *body = json_pack("{s:s, s:O, s:s*, s:s, s:s*, s:s, s:s, s:s*}", "form", form, "version",
        json_object_get(given, "version"), "language", session_field(given, "language"), "decision",
        "withdrawn", "signed_by", invocation_option(in, "by"), "signed_at", signed_at, "how",
        invocation_option(in, "how"), "reason", invocation_option(in, "reason"));
    return record(session, in, body, "withdrawal recorded on");
}

int
agreement_run_roster(struct session *session, const struct invocation *in)
{
    long long count = invocation_whole(in, "head-count");
    json_t *unit = session_post(session, unit_path(session, in, "roster-lock"),
        json_pack("{s:I}", "head_count", (json_int_t)count), invocation_option(in, "key"));
    if (unit == NULL)
        return session_fail(session);
    json_t *attributes = json_object_get(unit, "attributes");
    bool known = json_object_size(attributes) > 0;
    return table_report(session, unit_columns, unit,
        "%s: the roster is locked with %lld people.%s%s%s", invocation_argument(in, 1), count,
        known ? " It was registered with " : "",
        known ? table_value(session->arena, attributes, COLUMN_LONG) : "", known ? "." : "");
}
