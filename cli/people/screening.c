/*
 * screening.c: the screening log: who was assessed, and why others are not in the trial. Who is
 * registered needs no entry: registration, consent and allocation write theirs by themselves.
 */
#include "base/text.h"
#include "cli/command.h"
#include "cli/import.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/screening_flow.h"
#include "cli/table.h"

#include <string.h>

static const struct column columns[] = {
    {"entry", "ENTRY", COLUMN_TEXT},
    {"unit", "OF", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"people", "PEOPLE", COLUMN_NUMBER},
    {"state", "STATE", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_TEXT},
    {"phase", "PHASE", COLUMN_TEXT},
    {"last", "LAST", COLUMN_TEXT},
    {"by", "BY", COLUMN_TEXT},
    {"source", "SOURCE", COLUMN_TEXT},
    {0},
};

static char *
screening_path(struct session *session, const struct invocation *in, const char *a, const char *b)
{
    return path_of(
        session->arena, "v1", "trials", invocation_argument(in, 0), "screening", a, b, NULL);
}

static void
set_option(json_t *body, const struct invocation *in, const char *option, const char *field)
{
    if (invocation_has(in, option))
        json_object_set_new(body, field, json_string(invocation_option(in, option)));
}

static json_t *
body_of(const struct invocation *in)
{
    json_t *body = json_object();
    set_option(body, in, "state", "state");
    set_option(body, in, "reason", "reason");
    set_option(body, in, "on", "on");
    return body;
}

/* The last event in fields of its own; JSON keeps the entry as it came. */
static void
put_last_event(const struct session *session, json_t *entry)
{
    const json_t *events = json_object_get(entry, "events");
    const json_t *last = json_array_get(events, json_array_size(events) - 1);
    static const char *const fields[][2] = {
        {"last", "happened_on"}, {"by", "recorded_by"}, {"source", "source"}};
    if (session->output == OUTPUT_JSON || last == NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        json_object_set(entry, fields[i][0], json_object_get(last, fields[i][1]));
}

static int
report(struct session *session, json_t *entry)
{
    if (entry == NULL)
        return session_fail(session);
    put_last_event(session, entry);
    const char *reason = session_field(entry, "reason");
    return table_report(session, columns, entry, "%s is written down: %s%s%s%s.",
        session_field(entry, "entry"), session_field(entry, "state"), reason == NULL ? "" : " (",
        reason == NULL ? "" : reason, reason == NULL ? "" : ")");
}

/* What the anonymous people of a workplace add up to, beside its roster: a wrong count is seen
 * while somebody knows the right one. Nothing where the role may not look. */
static void
tell_sum(struct session *session, const char *trial, const char *code)
{
    json_t *unit = session_get(
        session, path_of(session->arena, "v1", "trials", trial, "workplaces", code, NULL));
    char *path = path_of(session->arena, "v1", "trials", trial, "screening", NULL);
    json_t *entries =
        unit == NULL ? NULL
                     : session_list(session, path_query(session->arena, path, "workplace", code));
    size_t index;
    json_t *entry;
    long long people = 0, roster = json_integer_value(json_object_get(unit, "head_count"));
    if (entries == NULL) {
        session->error = ERROR_CLEAR;
        return;
    }
    json_array_foreach(entries, index, entry)
    {
        const char *state = session_field(entry, "state");
        if (text_equal(session_field(entry, "unit"), "participant") && !text_equal(state, "void") &&
            !text_equal(state, "linked"))
            people += json_integer_value(json_object_get(entry, "people"));
    }
    printf("%lld people of %s stand in the log now", people, code);
    if (roster > 0)
        printf(", %s the %lld of its roster", people > roster ? "MORE than" : "beside", roster);
    printf(".\n");
}

static int
run_add(struct session *session, const struct invocation *in)
{
    bool workplace = invocation_has(in, "workplace"), of = invocation_has(in, "people-of");
    if (workplace && of)
        return session_usage(session, "give --people-of CODE or --workplace, not both");
    long long people = invocation_whole(in, "count");
    json_t *body = body_of(in);
    json_object_set_new(body, "unit", json_string(workplace ? "workplace" : "participant"));
    set_option(body, in, "people-of", "workplace");
    set_option(body, in, "phase", "phase");
    if (people > 0)
        json_object_set_new(body, "people", json_integer(people));
    int status = report(session, session_post(session, screening_path(session, in, NULL, NULL),
                                     body, invocation_option(in, "key")));
    if (status == 0 && of && session->output == OUTPUT_PEOPLE)
        tell_sum(session, invocation_argument(in, 0), invocation_option(in, "people-of"));
    return status;
}

/* An anonymous entry goes on under its number; who is registered under their code. */
static int
run_note(struct session *session, const struct invocation *in)
{
    const char *entry = invocation_argument(in, 1);
    bool numbered = entry[0] == 'S';
    json_t *body = body_of(in);
    set_option(body, in, "correction", "correction");
    set_option(body, in, "registered-as", "registered_as");
    if (!numbered) {
        json_object_set_new(body, "code", json_string(entry));
        json_object_set_new(
            body, "unit", json_string(entry[0] == 'W' ? "workplace" : "participant"));
    }
    char *path = numbered ? screening_path(session, in, entry, "events")
                          : screening_path(session, in, NULL, NULL);
    return report(session, session_post(session, path, body, invocation_option(in, "key")));
}

static int
run_import(struct session *session, const struct invocation *in)
{
    return import_run(session, in, "screening", "entry", "entries");
}

#define STATE_OPTION                                                                               \
    {                                                                                              \
        .name = "state", .value = "STATE", .meaning = "where it stands", .flags = OPTION_REQUIRED, \
        .choices = states                                                                          \
    }
#define REASON_OPTION                                                                              \
    {                                                                                              \
        .name = "reason", .value = "REASON",                                                       \
        .meaning = "why excluded: a rule or a word of the protocol's screening, or not-said"       \
    }
#define ON_OPTION                                                                                  \
    {                                                                                              \
        .name = "on", .value = "DATE", .meaning = "when it happened; today where not given"        \
    }

static const char *const states[] = {
    "not-approached", "approached", "ineligible", "declined", "enrolled", "void", NULL};
static const char *const listed_states[] = {
    "not-approached", "approached", "ineligible", "declined", "enrolled", "linked", "void", NULL};
static const char *const units[] = {"workplace", "participant", NULL};

static const struct option_row add_options[] = {
    {.name = "people-of",
        .value = "CODE",
        .meaning = "people of this workplace",
        .field = "workplace"},
    {.name = "count",
        .value = "N",
        .meaning = "how many people stand alike; 1 where not given",
        .flags = OPTION_WHOLE},
    {.name = "workplace", .meaning = "a workplace, in place of people"},
    STATE_OPTION,
    REASON_OPTION,
    {.name = "phase", .value = "PHASE", .meaning = "what they were assessed for"},
    ON_OPTION,
    OPTION_KEY,
    {0},
};

static const struct option_row note_options[] = {
    STATE_OPTION,
    REASON_OPTION,
    {.name = "registered-as", .value = "CODE", .meaning = "of enrolled: who it turned out to be"},
    {.name = "correction", .value = "TEXT", .meaning = "of a step back, or void: why it is right"},
    ON_OPTION,
    OPTION_KEY,
    {0},
};

static const struct option_row list_options[] = {
    {.name = "unit", .value = "UNIT", .meaning = "only of these", .choices = units},
    {.name = "state", .value = "STATE", .meaning = "only these", .choices = listed_states},
    {.name = "workplace", .value = "CODE", .meaning = "only of this workplace"},
    {0},
};

const struct command screening_commands[] = {
    {
        .group = "screening",
        .name = "add",
        .arguments = "TRIAL",
        .meaning = "Write down who was assessed and is not registered",
        .details =
            "They stay anonymous, under a number: one by one, or as a count of a workplace's\n"
            "people who all stand alike. Who is registered needs no entry.\n",
        .example = "rctctl screening add work-together --people-of W0001 --count 12 --state "
                   "not-approached --reason on-leave",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "screening",
        .name = "note",
        .arguments = "TRIAL ENTRY",
        .meaning = "Write down what became of an entry, or of who is registered",
        .details =
            "ENTRY is a number of the log, such as S12, or the code of a workplace or\n"
            "participant. A step back is a correction and says why; void takes an entry out\n"
            "that should not be there.\n",
        .example = "rctctl screening note work-together S12 --state declined --reason no-time",
        .options = note_options,
        .run = run_note,
    },
    {
        .group = "screening",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List the entries of the screening log",
        .example = "rctctl screening list work-together --state declined",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/screening",
            .columns = columns,
            .nothing = "No entry. Who is merely registered counts as approached in `rctctl "
                       "screening flow'.",
            .unfit = "No entry fits.",
            .prepare = put_last_event},
    },
    {
        .group = "screening",
        .name = "import",
        .arguments = "TRIAL FILE",
        .meaning = "Write a CSV file of entries down: all or none",
        .details = "Columns: unit (workplace or participant), state; and code, workplace, people,\n"
                   "reason, phase, on, as far as there are any.\n",
        .example = "rctctl screening import work-together screening.csv",
        .options = import_options,
        .run = run_import,
    },
    {
        .group = "screening",
        .name = "flow",
        .arguments = "TRIAL",
        .meaning = "Show the enrolment as CONSORT draws it: assessed, excluded, enrolled",
        .details = "Of workplaces and of people, in all and by phase, pooled over arms; the boxes\n"
                   "add up. Every role that sees workplaces sees it.\n",
        .example = "rctctl screening flow work-together",
        .run = screening_run_flow,
    },
    {0},
};
