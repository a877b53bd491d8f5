/*
 * ledger.c: the allocations that were made, and the looks and refusals around them. Who may not
 * know arms gets none from rctd, and has no column for them here.
 */
#include "cli/command.h"
#include "cli/find.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/proof/ledger_export.h"
#include "cli/table.h"

#include <stdio.h>

static const struct column columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"name", "NAME", COLUMN_LONG},
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"allocated_at", "ALLOCATED", COLUMN_TIME},
    {"allocated_by", "BY", COLUMN_TEXT},
    {"stratum", "STRATUM", COLUMN_TEXT},
    {"position", "POSITION", COLUMN_NUMBER},
    {"arm", "ARM", COLUMN_TEXT},
    {"arm_label", "WHICH IS", COLUMN_CSV},
    {"randomised", "RANDOMISED", COLUMN_TEXT},
    {"decision", "DECIDED ON", COLUMN_CSV},
    {"phase", "PHASE", COLUMN_CSV},
    {"protocol_version", "PROTOCOL", COLUMN_CSV},
    {"receipt", "RECEIPT", COLUMN_TEXT},
    {"allocation", "ALLOCATION", COLUMN_CSV},
    {0},
};

static const struct column one_columns[] = {
    {"allocation", "Allocation", COLUMN_TEXT},
    {"workplace", "Workplace", COLUMN_TEXT},
    {"participant", "Participant", COLUMN_TEXT},
    {"name", "Name", COLUMN_LONG},
    {"scheme", "Scheme", COLUMN_TEXT},
    {"phase", "Phase", COLUMN_TEXT},
    {"stratum", "Stratum", COLUMN_TEXT},
    {"position", "Position", COLUMN_NUMBER},
    {"arm", "Arm", COLUMN_TEXT},
    {"arm_label", "Which is", COLUMN_TEXT},
    {"randomised", "Randomised", COLUMN_TEXT},
    {"decision", "Decided on", COLUMN_LONG},
    {"allocated_at", "Allocated", COLUMN_TIME},
    {"allocated_by", "Allocated by", COLUMN_TEXT},
    {"protocol_version", "Protocol version", COLUMN_NUMBER},
    {"receipt", "Receipt", COLUMN_TEXT},
    {0},
};

static const struct column attempt_columns[] = {
    {"at", "WHEN", COLUMN_TIME},
    {"account", "WHO", COLUMN_TEXT},
    {"kind", "KIND", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"participant", "PARTICIPANT", COLUMN_TEXT},
    {"scheme", "SCHEME", COLUMN_TEXT},
    {"stratum", "STRATUM", COLUMN_TEXT},
    {"followed", "ALLOCATED LATER", COLUMN_TEXT},
    {"missing", "MISSING", COLUMN_LONG},
    {"attempt", "ATTEMPT", COLUMN_CSV},
    {0},
};

/* Where everybody was randomised people need no column that says so. */
static void
drop_randomised(json_t *allocations)
{
    size_t index;
    json_t *item;
    json_array_foreach(allocations, index, item)
    {
        if (json_is_false(json_object_get(item, "randomised")))
            return;
    }
    json_array_foreach(allocations, index, item) json_object_del(item, "randomised");
}

static int
run_list(struct session *session, const struct invocation *in)
{
    const char *path =
        path_of(session->arena, "v1", "trials", invocation_argument(in, 0), "allocations", NULL);
    path = path_query(session->arena, path, "scheme", invocation_option(in, "scheme"));
    path = path_query(session->arena, path, "workplace", invocation_option(in, "workplace"));
    path = path_query(session->arena, path, "participant", invocation_option(in, "participant"));
    json_t *allocations = session_list(session, path);
    if (allocations == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_PEOPLE)
        drop_randomised(allocations);
    table_list(session, columns, allocations,
        path_narrows(path) ? "No allocation fits." : "Nothing is allocated yet.");
    return 0;
}

/* What was wrong about it, for who may see deviations: there may be none to tell of. */
static bool
tell_deviations(struct session *session, const char *path, const char *trial, const char *named)
{
    json_t *deviations = session_list(session, path);
    if (deviations == NULL)
        return session->error.code == ERROR_FORBIDDEN;
    size_t count = json_array_size(deviations);
    if (count > 0)
        printf("There %s %zu report%s of an error: `rctctl deviation list %s %s'.\n",
            count == 1 ? "is" : "are", count, count == 1 ? "" : "s", trial, named);
    return true;
}

static int
run_show(struct session *session, const struct invocation *in)
{
    const char *trial = invocation_argument(in, 0), *named = invocation_argument(in, 1);
    const char *id = find_allocation(session, trial, named);
    if (id == NULL)
        return session_fail(session);
    const char *path = path_of(session->arena, "v1", "trials", trial, "allocations", id, NULL);
    json_t *allocation = session_get(session, path);
    if (allocation == NULL)
        return session_fail(session);
    table_one(session, one_columns, allocation);
    path = path_of(session->arena, "v1", "trials", trial, "allocations", id, "deviations", NULL);
    if (session->output == OUTPUT_PEOPLE && !tell_deviations(session, path, trial, named))
        return session_fail(session);
    return 0;
}

static const struct option_row list_options[] = {
    {.name = "scheme", .value = "SCHEME", .meaning = "only of this scheme"},
    {.name = "workplace", .value = "CODE", .meaning = "only of this workplace"},
    {.name = "participant", .value = "CODE", .meaning = "only of this participant"},
    {0},
};

static const struct option_row export_options[] = {
    {.name = "scheme", .value = "SCHEME", .meaning = "only of this scheme"},
    {.name = "out", .value = "FILE", .meaning = "where to; else to standard output"},
    {0},
};

const struct command ledger_commands[] = {
    {
        .group = "ledger",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List the allocations",
        .details =
            "Arm, stratum, position and receipt are shown to the roles that may know them.\n",
        .example = "rctctl ledger list work-together --scheme feasibility",
        .options = list_options,
        .run = run_list,
    },
    {
        .group = "ledger",
        .name = "show",
        .arguments = "TRIAL ALLOCATION",
        .meaning = "Show one allocation",
        .details =
            "ALLOCATION is the workplace's code, the receipt, or the id that --csv and --json\n"
            "give. Of a workplace with several allocations it shows the newest.\n",
        .example = "rctctl ledger show work-together W0001",
        .run = run_show,
    },
    {
        .group = "ledger",
        .name = "export",
        .arguments = "TRIAL",
        .meaning = "Write the ledger as a file that can be verified",
        .details =
            "For the roles that may know what an arm was decided on: statistician and auditor.\n"
            "The file is CSV, sorted, complete, and described in rctd-ledger(5); it gets its\n"
            "name when it is whole. What it contains is said at the end, with its SHA-256.\n",
        .example = "rctctl ledger export work-together --out ledger.csv",
        .options = export_options,
        .run = ledger_run_export,
    },
    {0},
};

const struct command attempts_commands[] = {
    {
        .group = "attempts",
        .arguments = "TRIAL",
        .meaning = "List dry runs and refused allocations, for the auditor",
        .example = "rctctl attempts work-together",
        .list = &(const struct listing){.path = "trials/{}/attempts",
            .columns = attempt_columns,
            .nothing = "Nobody has looked or been refused."},
    },
    {0},
};
