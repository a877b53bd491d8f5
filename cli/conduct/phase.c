/*
 * phase.c: the phases of a trial.
 */
#include "cli/certain.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"phase", "PHASE", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"target_workplaces", "WORKPLACES WANTED", COLUMN_NUMBER},
    {"allocated", "ALLOCATED", COLUMN_NUMBER},
    {"target_participants", "PARTICIPANTS WANTED", COLUMN_NUMBER},
    {"allocated_participants", "PARTICIPANTS ALLOCATED", COLUMN_NUMBER},
    {"opened_at", "OPENED", COLUMN_TIME},
    {"closed_at", "CLOSED", COLUMN_TIME},
    {0},
};

/* A phase in which no participant was allocated has nothing to say about them. */
static void
leave_people_out(const struct session *session, json_t *phase)
{
    if (session->output == OUTPUT_PEOPLE &&
        json_integer_value(json_object_get(phase, "allocated_participants")) == 0)
        json_object_del(phase, "allocated_participants");
}

static int
change(struct session *session, const struct invocation *in, const char *verb, const char *done)
{
    const char *trial = invocation_argument(in, 0), *phase = invocation_argument(in, 1);
    const char *path = path_of(session->arena, "v1", "trials", trial, "phases", phase, verb, NULL);
    json_t *body = json_pack("{s:s}", "reason", invocation_option(in, "reason"));
    json_t *answer = session_post(session, path, body, invocation_option(in, "key"));
    if (answer == NULL)
        return session_fail(session);
    return table_report(session, columns, answer, "Phase %s of %s is %s.", phase, trial, done);
}

static int
run_open(struct session *session, const struct invocation *in)
{
    return change(session, in, "open", "open: its schemes allocate now");
}

static int
run_close(struct session *session, const struct invocation *in)
{
    return change(session, in, "close", "closed: nothing more is allocated in it");
}

#define OPTION_REASON                                                                              \
    {                                                                                              \
        .name = "reason", .value = "TEXT", .meaning = "why, for the audit trail",                  \
        .flags = OPTION_REQUIRED                                                                   \
    }

static const struct option_row open_options[] = {
    OPTION_REASON,
    OPTION_KEY,
    {0},
};

static const struct option_row close_options[] = {
    OPTION_REASON,
    OPTION_YES,
    OPTION_KEY,
    {0},
};

static const struct warning close_warnings[] = {
    {NULL, "Nothing is allocated in this phase any more; it is never opened again."},
};

const struct command phase_commands[] = {
    {
        .group = "phase",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List the phases, with targets and allocations so far",
        .example = "rctctl phase list work-together",
        .list = &(const struct listing){.path = "trials/{}/phases",
            .columns = columns,
            .nothing = "No phase yet: no protocol version is locked.",
            .prepare = leave_people_out},
    },
    {
        .group = "phase",
        .name = "open",
        .arguments = "TRIAL PHASE",
        .meaning = "Open a phase for allocation",
        .example =
            "rctctl phase open work-together feasibility --reason \"Ethics approval is here\"",
        .options = open_options,
        .run = run_open,
    },
    {
        .group = "phase",
        .name = "close",
        .arguments = "TRIAL PHASE",
        .meaning = "Close a phase for good",
        .details = "Asks first: a closed phase is never opened again.\n",
        .example = "rctctl phase close work-together feasibility --reason \"Six are in\" --yes",
        .options = close_options,
        .warnings = close_warnings,
        .run = run_close,
    },
    {0},
};
