/*
 * withdrawal.c: what a participant stops, or lets go on again. It takes no form, no version and no
 * reason; without a time it is now, by the clock of rctd.
 */
#include "cli/people/withdrawal.h"

#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"
#include "cli/when.h"
#include "trial/consent.h"

#define STOP_NAME(id, text, words) text,
static const char *const stops[] = {CONSENT_STOPS(STOP_NAME) NULL};
#undef STOP_NAME

/* clang-format off */
#define HOW \
    {.name = "how", .value = "WAY", .meaning = "how it was said", .flags = OPTION_REQUIRED, .choices = consent_ways}
#define DECIDED \
    {.name = "decided", .value = "WHEN", .meaning = "when it was said, a day (a stop counts to its end) or a time; without it, now"}, \
    {.name = "reason", .value = "WORD", .meaning = "why, in one word, where it was said; nobody has to say"}, \
    OPTION_KEY
/* clang-format on */

const struct option_row withdrawal_stop_options[] = {
    {.name = "stop",
        .value = "WHAT",
        .meaning = "what stops",
        .flags = OPTION_REQUIRED | OPTION_MANY,
        .choices = stops},
    HOW,
    {.name = "by",
        .value = "WHO",
        .meaning = "who decided, never by name; without it, the participant",
        .choices = consent_stoppers},
    DECIDED,
    {0},
};

const struct option_row withdrawal_resume_options[] = {
    {.name = "stop",
        .value = "WHAT",
        .meaning = "what goes on again",
        .flags = OPTION_REQUIRED | OPTION_MANY,
        .choices = stops},
    HOW,
    {.name = "by",
        .value = "WHO",
        .meaning = "who decided, never by name; without it, the participant",
        .choices = consent_signers},
    DECIDED,
    {0},
};

static const struct column made_columns[] = {
    {"participant", "Participant", COLUMN_TEXT},
    {"decision", "Decision", COLUMN_TEXT},
    {"stops", "Stopped now", COLUMN_LONG},
    {"participant_withdrawn", "Out of the trial", COLUMN_TEXT},
    {"tasks", "Tasks", COLUMN_NUMBER},
    {"reminders", "Reminders", COLUMN_NUMBER},
    {0},
};

const struct column withdrawal_stop_columns[] = {
    {"stop", "WHAT", COLUMN_TEXT},
    {"decision", "DECISION", COLUMN_TEXT},
    {"decided_at", "DECIDED", COLUMN_TIME},
    {"decided_by", "BY", COLUMN_TEXT},
    {"how", "HOW", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_TEXT},
    {"decided_on", "DAY ONLY", COLUMN_CSV},
    {"ordinal", "NO.", COLUMN_CSV},
    {"recorded_at", "RECORDED", COLUMN_CSV},
    {"recorded_by", "RECORDED BY", COLUMN_CSV},
    {0},
};

static const char *
path_to(struct session *session, const struct invocation *in)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "participants",
        invocation_argument(in, 1), "withdrawals", NULL);
}

/* POSTs a decision; takes the reference of the list of stops. NULL after a failure, whose exit
 * status is in `*status`. */
static json_t *
decide(struct session *session, const struct invocation *in, const char *decision, json_t *wanted,
    const char *decided, int *status)
{
    const char *decided_at = NULL;
    json_t *list = session_keep(session, wanted);
    if (decided != NULL && !when_read_moment(session->arena, decided, &decided_at)) {
        *status = session_usage(
            session, "the time of a decision is " WHEN_MOMENT_HELP ", not `%s'", decided);
        return NULL;
    }
    json_t *made = session_post(session, path_to(session, in),
        json_pack("{s:O, s:s, s:s*, s:s, s:s*, s:s*}", "stops", list, "decision", decision,
            "decided_by", invocation_option(in, "by"), "how", invocation_option(in, "how"),
            "decided_at", decided_at, "reason", invocation_option(in, "reason")),
        invocation_option(in, "key"));
    if (made == NULL)
        *status = session_fail(session);
    return made;
}

static json_t *
chosen(const struct invocation *in)
{
    const char *stop;
    json_t *list = json_array();
    for (size_t at = 0; (stop = invocation_next(in, "stop", &at)) != NULL;)
        json_array_append_new(list, json_string(stop));
    return list;
}

static const char *
listed(struct session *session, json_t *stops_now)
{
    return json_array_size(stops_now) == 0
               ? "Nothing is stopped now."
               : arena_printf(session->arena, "Stopped now: %s.",
                     table_value(session->arena, stops_now, COLUMN_LONG));
}

static int
report(struct session *session, const struct invocation *in, json_t *made, const char *done,
    const char *effect)
{
    long long tasks = json_integer_value(json_object_get(made, "tasks"));
    long long reminders = json_integer_value(json_object_get(made, "reminders"));
    return table_report(session, made_columns, made,
        "%s: %s %lld task%s and %lld reminder%s %s. %s", invocation_argument(in, 1), done, tasks,
        tasks == 1 ? "" : "s", reminders, reminders == 1 ? "" : "s", effect,
        listed(session, json_object_get(made, "stops")));
}

int
withdrawal_run_stop(struct session *session, const struct invocation *in)
{
    int status = 0;
    json_t *made =
        decide(session, in, "stop", chosen(in), invocation_option(in, "decided"), &status);
    return made == NULL ? status : report(session, in, made, "stopped, at once.", "cancelled");
}

int
withdrawal_run_resume(struct session *session, const struct invocation *in)
{
    int status = 0;
    json_t *made =
        decide(session, in, "resume", chosen(in), invocation_option(in, "decided"), &status);
    return made == NULL ? status : report(session, in, made, "goes on again.", "planned again");
}

int
withdrawal_run_everything(struct session *session, const struct invocation *in)
{
    int status = 0;
    json_t *made = decide(session, in, "stop", json_pack("[s]", "everything"),
        invocation_option(in, "signed"), &status);
    return made == NULL ? status
                        : report(session, in, made, "out of the trial from now on.", "cancelled");
}
