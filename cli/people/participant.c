/*
 * participant.c: participants under their codes: add, import, list, show. What completes one before
 * allocation, and takes one out, is agreement.c. No argument tells who somebody is: that comes from
 * a file, a table or the terminal (identity_input.h).
 */
#include "cli/command.h"
#include "cli/import.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/people/agreement.h"
#include "cli/people/cluster.h"
#include "cli/people/identity_input.h"
#include "cli/people/unit.h"
#include "cli/people/withdrawal.h"
#include "cli/table.h"

#include <string.h>

static const struct column columns[] = {
    {"code", "CODE", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"joined", "JOINED", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"county", "COUNTY", COLUMN_TEXT},
    {"site", "SITE", COLUMN_TEXT},
    {"eligible", "ELIGIBLE", COLUMN_TEXT},
    {"missing_count", "MISSING", COLUMN_COUNT},
    {"schemes", "ALLOCATED IN", COLUMN_TEXT},
    {"missing", "WHAT IS MISSING", COLUMN_CSV},
    {"attributes", "ATTRIBUTES", COLUMN_CSV},
    {"flags", "FLAGS", COLUMN_CSV},
    {"flags_version", "FLAGS BY VERSION", COLUMN_CSV},
    {"cluster", "CLUSTER", COLUMN_CSV},
    {"primary_set", "PRIMARY SET", COLUMN_CSV},
    {"employed_from", "EMPLOYED FROM", COLUMN_CSV},
    {"employed_to", "EMPLOYED TO", COLUMN_CSV},
    {"registered_at", "REGISTERED", COLUMN_CSV},
    {"changed_at", "CHANGED", COLUMN_CSV},
    {0},
};

static const struct column one_columns[] = {
    {"code", "Code", COLUMN_TEXT},
    {"state", "State", COLUMN_TEXT},
    {"workplace", "Workplace", COLUMN_TEXT},
    {"cluster", "Cluster", COLUMN_TEXT},
    {"joined", "Joined", COLUMN_TEXT},
    {"primary_set", "In the primary set", COLUMN_TEXT},
    {"employed_from", "Employed from", COLUMN_TEXT},
    {"employed_to", "Employed to", COLUMN_TEXT},
    {"county", "County", COLUMN_TEXT},
    {"site", "Site", COLUMN_TEXT},
    {"attributes", "Attributes", COLUMN_LONG},
    {"answers", "Answers", COLUMN_LONG},
    {"flags", "Flags", COLUMN_LONG},
    {"flags_version", "Flags frozen by version", COLUMN_NUMBER},
    {"eligible", "Eligible", COLUMN_TEXT},
    {"missing", "Missing", COLUMN_LONG},
    {"schemes", "Allocated in", COLUMN_TEXT},
    {"registered_at", "Registered", COLUMN_TIME},
    {"changed_at", "Changed", COLUMN_TIME},
    {0},
};

static const struct column consent_columns[] = {
    UNIT_CONSENT_COLUMNS,
    {"consent", "CONSENT", COLUMN_CSV},
    {0},
};

static const char *
people_path(
    struct session *session, const struct invocation *in, const char *code, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "participants", code,
        what, NULL);
}

static int
run_add(struct session *session, const struct invocation *in)
{
    json_t *attributes = json_object();
    json_t *body = session_keep(
        session, json_pack("{s:s*, s:s*, s:o}", "workplace", invocation_option(in, "workplace"),
                     "from", invocation_option(in, "from"), "attributes", attributes));
    for (size_t i = 1; i < invocation_count(in); i++) {
        const char *pair = invocation_argument(in, i);
        const char *sign = strchr(pair, '=');
        if (sign == NULL || sign == pair || sign[1] == '\0')
            return session_usage(session, "`%s' is no attribute; write NAME=VALUE", pair);
        const char *name = arena_strndup(session->arena, pair, (size_t)(sign - pair));
        if (json_object_get(attributes, name) != NULL)
            return session_usage(session, "`%s' is given twice; give each name once", name);
        json_object_set_new(attributes, name, json_string(sign + 1));
    }
    if (invocation_has(in, "identity") || invocation_has(in, "identity-file")) {
        json_t *identity = identity_input(session, invocation_option(in, "identity-file"));
        if (identity == NULL)
            return session_fail(session);
        json_object_set(body, "identity", identity);
    }
    json_t *made = session_post(session, people_path(session, in, NULL, NULL), json_incref(body),
        invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    json_t *missing = json_object_get(made, "missing");
    size_t count = json_array_size(missing);
    return table_report(session, one_columns, made, "%s is registered%s.%s",
        session_field(made, "code"),
        session_field(made, "workplace") == NULL
            ? ""
            : arena_printf(session->arena, " in %s", session_field(made, "workplace")),
        count == 0 ? ""
                   : arena_printf(session->arena, " Still missing: %s.",
                         table_value(session->arena, missing, COLUMN_LONG)));
}

static int
run_import(struct session *session, const struct invocation *in)
{
    return import_run(session, in, "participants", "participant", "participants");
}

static const struct option_row add_options[] = {
    {.name = "workplace", .value = "CODE", .meaning = "the workplace that employs the participant"},
    {.name = "from", .value = "DAY", .meaning = "employed there since; without it, today"},
    {.name = "identity", .meaning = "ask at the terminal who it is"},
    OPTION_IDENTITY_FILE,
    OPTION_KEY,
    {0},
};

static const struct option_row people_options[] = {
    IMPORT_OPTIONS,
    {.name = "out",
        .value = "FILE",
        .meaning = "write who got which code into this new CSV file, mode 0600"},
    OPTION_KEY,
    {0},
};

static const char *const states[] = {"registered", "allocated", "withdrawn", NULL};

static const char *const joined[] = {"on-roster", "after-roster", "post_allocation", NULL};

static const struct option_row list_options[] = {
    {.name = "state", .value = "STATE", .meaning = "only these", .choices = states},
    {.name = "county", .value = "COUNTY", .meaning = "only of this county"},
    {.name = "scheme", .value = "SCHEME", .meaning = "only those allocated in this scheme"},
    {.name = "workplace", .value = "CODE", .meaning = "only of this workplace"},
    {.name = "joined",
        .value = "HOW",
        .meaning = "only who came to their cluster so",
        .choices = joined},
    {0},
};

static const struct option_row answer_options[] = {
    OPTION_KEY,
    {0},
};

const struct command participant_commands[] = {
    {
        .group = "participant",
        .name = "add",
        .arguments = "TRIAL NAME=VALUE...",
        .meaning = "Register a participant under a new code",
        .details =
            "NAME=VALUE are the protocol's attributes of participants. The code, such as PK7H3WAT, "
            "is\n"
            "random; its last character finds every mistyped one. Never give a name, a number or\n"
            "anything else that tells who it is: that is asked for at the terminal (--identity) "
            "or\n"
            "read from a file of your own, as `rctctl help identity set' says.\n",
        .example = "rctctl participant add work-together --workplace W0001 sex=woman "
                   "birth_year=1980 born=sweden",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "participant",
        .name = "import",
        .arguments = "TRIAL FILE",
        .meaning = "Import participants from a CSV file",
        .details =
            "Header names: workplace (its code), from (the first day there, YYYY-MM-DD; "
            "today where\n"
            "it is empty), and the protocol's attributes of participants; where the protocol "
            "asks for\n"
            "them, identity (the number), name, phone, email and address, which go sealed into "
            "the vault.\n"
            "All rows are checked first: when one is wrong every faulty row is listed with "
            "line and\n"
            "column, and nothing is imported. Codes follow from nothing in the table: --out keeps "
            "line, code\n"
            "and workplace of each row, and is the way from a form on paper to its code.\n",
        .example = "rctctl participant import work-together people.csv --out codes.csv",
        .options = people_options,
        .run = run_import,
    },
    {
        .group = "participant",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List participants",
        .details =
            "The number of things that somebody still lacks is in the list; what they are is "
            "in\n"
            "`rctctl participant show', and in --csv and --json.\n",
        .example = "rctctl participant list work-together --workplace W0001",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/participants",
            .columns = columns,
            .nothing = "No participant yet: `rctctl participant add' registers one.",
            .unfit = "No participant fits.",
            .prepare = unit_put_in_words},
    },
    {
        .group = "participant",
        .name = "show",
        .arguments = "TRIAL CODE",
        .meaning = "Show one participant, and what they still lack",
        .details = "A code may be typed as it was heard: pk7h 3wat.\n",
        .example = "rctctl participant show work-together PK7H3WAT",
        .list =
            &(const struct listing){
                .path = "trials/{}/participants/{}", .columns = one_columns, .one = true},
    },
    {
        .group = "participant",
        .name = "move",
        .arguments = "TRIAL CODE",
        .meaning = "Record that a participant went to another workplace",
        .details = "Where they worked ends on the day before. The workplace in which they are "
                   "analysed, and so\n"
                   "their arm, stays, and nothing is planned anew. Who was registered in the wrong "
                   "workplace is put\n"
                   "right so on the same day, before a roster is locked or anything allocated: "
                   "--from is then the\n"
                   "first day that was recorded.\n",
        .example = "rctctl participant move work-together PK7H3WAT --workplace W0002 "
                   "--from 2026-11-01",
        .options = cluster_move_options,
        .run = cluster_run_move,
    },
    {
        .group = "participant",
        .name = "employments",
        .arguments = "TRIAL CODE",
        .meaning = "List where a participant works and worked",
        .details =
            "Roles that know arms see which of them are in another arm than the cluster's.\n",
        .example = "rctctl participant employments work-together PK7H3WAT",
        .list = &(const struct listing){.path = "trials/{}/participants/{}/employments",
            .columns = cluster_employment_columns,
            .nothing = "They are in no workplace of this trial."},
    },
    {
        .group = "participant",
        .name = "answer",
        .arguments = "TRIAL CODE QUESTION=yes|no...",
        .meaning = "Record answers to the questions on eligibility",
        .details = "The latest answer to a question counts; the earlier ones are kept.\n",
        .example = "rctctl participant answer work-together PK7H3WAT employed=yes share=yes",
        .options = answer_options,
        .run = agreement_run_answer,
    },
    {
        .group = "participant",
        .name = "consent",
        .arguments = "TRIAL CODE",
        .meaning = "Record a participant's consent",
        .details =
            "A day alone counts from its first moment where the trial is. A time is by the clocks "
            "there,\n"
            "unless it names its zone. Each scope of the form is consented to or refused on its "
            "own.\n",
        .example = "rctctl participant consent work-together PK7H3WAT --form participation "
                   "--version 1 --scope participate=yes --scope questionnaires=yes "
                   "--signed 2026-11-20 --how paper",
        .options = agreement_consent_options,
        .run = agreement_run_agree,
    },
    {
        .group = "participant",
        .name = "consents",
        .arguments = "TRIAL CODE",
        .meaning = "List what was consented to and withdrawn, and when",
        .example = "rctctl participant consents work-together PK7H3WAT",
        .list = &(const struct listing){.path = "trials/{}/participants/{}/consents",
            .columns = consent_columns,
            .nothing = "Nothing is consented to yet."},
    },
    {
        .group = "participant",
        .name = "may",
        .arguments = "TRIAL CODE",
        .meaning = "Show what may be done with a participant now, and why not",
        .example = "rctctl participant may work-together PK7H3WAT",
        .list = &(const struct listing){.path = "trials/{}/participants/{}/permissions",
            .columns = unit_may_columns,
            .nothing = "There is nothing to be done."},
    },
    {
        .group = "participant",
        .name = "withdraw",
        .arguments = "TRIAL CODE",
        .meaning = "Take a participant out of the trial, or a consent back; takes effect at once",
        .details = "Without a form the participant leaves: everything stops but the use of the "
                   "data that were\n"
                   "taken, which `participant stop' stops. With --form that form alone is "
                   "withdrawn. Nobody\n"
                   "has to say why; without --form the reason is one word. To stop a part only, "
                   "see\n"
                   "`participant stop'.\n",
        .example = "rctctl participant withdraw work-together PK7H3WAT --how phone",
        .options = agreement_leave_options,
        .warnings = agreement_leave_warnings,
        .run = agreement_run_withdraw,
    },
    {
        .group = "participant",
        .name = "stop",
        .arguments = "TRIAL CODE",
        .meaning = "Stop a part of the trial for a participant; takes effect at once",
        .details = "Planned tasks, appointments and reminders that need it are cancelled in the "
                   "same moment.\n",
        .example = "rctctl participant stop work-together PK7H3WAT --stop sms --stop interviews "
                   "--how phone",
        .options = withdrawal_stop_options,
        .run = withdrawal_run_stop,
    },
    {
        .group = "participant",
        .name = "resume",
        .arguments = "TRIAL CODE",
        .meaning = "Let something go on again that the participant had stopped",
        .details = "What a stop had cancelled is planned again where its window is not over.\n",
        .example = "rctctl participant resume work-together PK7H3WAT --stop sms --how phone",
        .options = withdrawal_resume_options,
        .run = withdrawal_run_resume,
    },
    {
        .group = "participant",
        .name = "stops",
        .arguments = "TRIAL CODE",
        .meaning = "List what was stopped and resumed, and when",
        .example = "rctctl participant stops work-together PK7H3WAT",
        .list = &(const struct listing){.path = "trials/{}/participants/{}/withdrawals",
            .columns = withdrawal_stop_columns,
            .nothing = "Nothing was stopped."},
    },
    {0},
};
