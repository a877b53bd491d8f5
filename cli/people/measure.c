/*
 * measure.c: data of participants: entered with an instrument of the protocol, listed, and released
 * from quarantine.
 */
#include "base/text.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"
#include "cli/when.h"

#include <string.h>

static const struct column columns[] = {
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"instrument", "INSTRUMENT", COLUMN_TEXT},
    {"task", "TASK", COLUMN_TEXT},
    {"occurrence", "NO.", COLUMN_NUMBER},
    {"collected_at", "COLLECTED", COLUMN_DAY},
    {"state", "STATE", COLUMN_TEXT},
    {"quarantine", "QUARANTINE", COLUMN_TEXT},
    {"measure", "MEASURE", COLUMN_TEXT},
    {"values", "VALUES", COLUMN_CSV},
    {"released_at", "RELEASED", COLUMN_CSV},
    {"released_by", "RELEASED BY", COLUMN_CSV},
    {"released_for", "RELEASED FOR", COLUMN_CSV},
    {"protocol_version", "PROTOCOL", COLUMN_CSV},
    {"recorded_at", "RECORDED", COLUMN_CSV},
    {"recorded_by", "RECORDED BY", COLUMN_CSV},
    {0},
};

static const char *
trial_path(
    struct session *session, const struct invocation *in, const char *measure, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "measures", measure,
        what, NULL);
}

static int
run_add(struct session *session, const struct invocation *in)
{
    const char *typed = invocation_option(in, "collected"), *collected_at;
    json_t *values = session_keep(session, json_object());
    if (!when_read_moment(session->arena, typed, &collected_at))
        return session_usage(session, "--collected takes " WHEN_MOMENT_HELP ", not `%s'", typed);
    for (size_t i = 3; i < invocation_count(in); i++) {
        const char *pair = invocation_argument(in, i);
        const char *sign = strchr(pair, '=');
        if (sign == NULL || sign == pair || sign[1] == '\0')
            return session_usage(session,
                "`%s' is no value; write ITEM=VALUE, and leave out what was skipped", pair);
        const char *name = arena_strndup(session->arena, pair, (size_t)(sign - pair));
        if (json_object_get(values, name) != NULL)
            return session_usage(session, "`%s' is given twice; give each name once", name);
        json_object_set_new(values, name, json_string(sign + 1));
    }
    const char *path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
        "participants", invocation_argument(in, 1), "measures", NULL);
    json_t *made = session_post(session, path,
        json_pack("{s:s, s:s*, s:s, s:O}", "instrument", invocation_argument(in, 2), "task",
            invocation_option(in, "task"), "collected_at", collected_at, "values", values),
        invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    const char *quarantine = session_field(made, "quarantine");
    size_t count = json_object_size(values);
    return table_report(session, columns, made, "%s: %s stored with %zu value%s%s%s.",
        invocation_argument(in, 1), invocation_argument(in, 2), count, count == 1 ? "" : "s",
        quarantine == NULL ? "" : ", in quarantine: ", quarantine == NULL ? "" : quarantine);
}

static int
run_release(struct session *session, const struct invocation *in)
{
    json_t *measure =
        session_post(session, trial_path(session, in, invocation_argument(in, 1), "release"),
            json_pack("{s:s}", "reason", invocation_option(in, "reason")),
            invocation_option(in, "key"));
    if (measure == NULL)
        return session_fail(session);
    return table_report(session, columns, measure, "%s: %s is in use from now on.",
        session_field(measure, "participant"), session_field(measure, "instrument"));
}

static const char *const states[] = {"in-use", "quarantined", "stopped", NULL};

static const struct option_row add_options[] = {
    {.name = "collected",
        .value = "WHEN",
        .meaning = "when it was collected: " WHEN_MOMENT_HELP,
        .flags = OPTION_REQUIRED},
    {.name = "task", .value = "ID", .meaning = "the participant's task that asked for it"},
    OPTION_KEY,
    {0},
};

static const struct option_row list_options[] = {
    {.name = "participant", .value = "CODE", .meaning = "only of this participant"},
    {.name = "instrument", .value = "NAME", .meaning = "only of this instrument"},
    {.name = "state", .value = "STATE", .meaning = "only these", .choices = states},
    {0},
};

static const struct option_row release_options[] = {
    {.name = "reason", .value = "TEXT", .meaning = "why it may be used", .flags = OPTION_REQUIRED},
    OPTION_KEY,
    {0},
};

const struct command measure_commands[] = {
    {
        .group = "measure",
        .name = "add",
        .arguments = "TRIAL CODE INSTRUMENT ITEM=VALUE...",
        .meaning = "Store what was measured of a participant",
        .details = "Items go by their numbers, fields by their names; what was skipped is left "
                   "out. Data that\n"
                   "was collected before the consent to it goes to quarantine; of somebody who has "
                   "said no\n"
                   "nothing is stored.\n",
        .example = "rctctl measure add work-together PK7H3WAT keds --collected "
                   "2026-11-20T14:30 1=3 2=4 3=0 4=6",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "measure",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List data of participants, and why it is in quarantine",
        .details = "The values are in --csv and --json.\n",
        .example = "rctctl measure list work-together --state quarantined",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/measures",
            .columns = columns,
            .nothing = "No data yet: `rctctl measure add' stores some.",
            .unfit = "No data fits."},
    },
    {
        .group = "measure",
        .name = "release",
        .arguments = "TRIAL MEASURE",
        .meaning = "Take data out of quarantine",
        .details = "A trial manager does, while the consent to the data holds. Who released what, "
                   "and why, is\n"
                   "kept with it.\n",
        .example = "rctctl measure release work-together 01a2020b-a31f-7b7f-8289-8efacb54f3b3 "
                   "--reason \"Consent on paper was dated a day late\"",
        .options = release_options,
        .run = run_release,
    },
    {0},
};
