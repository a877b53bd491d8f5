/*
 * staff.c: who of the staff serves which workplace, under codes and never by name; and where one
 * arm reaches people of another.
 */
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

static const char *const kinds[] = {"manager", "coach", "health-service", NULL};
static const char *const ways[] = {"staff", "move", "merged", "split", NULL};

static const struct column columns[] = {
    {"staff", "STAFF", COLUMN_TEXT},
    {"kind", "KIND", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"from", "FROM", COLUMN_TEXT},
    {"to", "TO", COLUMN_TEXT},
    {"recorded_at", "RECORDED", COLUMN_CSV},
    {"recorded_by", "RECORDED BY", COLUMN_CSV},
    {0},
};

static const struct column way_columns[] = {
    {"kind", "WAY", COLUMN_TEXT},
    {"who", "WHO", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"arm", "ARM", COLUMN_TEXT},
    {"other", "OTHER", COLUMN_TEXT},
    {"other_arm", "ARM", COLUMN_TEXT},
    {"from", "FROM", COLUMN_TEXT},
    {"to", "TO", COLUMN_TEXT},
    {0},
};

static int
run_add(struct session *session, const struct invocation *in)
{
    const char *path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
        "workplaces", invocation_argument(in, 1), "staff", NULL);
    json_t *body = json_pack("{s:s, s:s, s:s*}", "staff", invocation_argument(in, 2), "kind",
        invocation_option(in, "kind"), "from", invocation_option(in, "from"));
    json_t *made = session_post(session, path, body, invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    return table_report(session, columns, made, "%s serves %s as %s since %s.",
        session_field(made, "staff"), session_field(made, "workplace"), session_field(made, "kind"),
        session_field(made, "from"));
}

static int
run_end(struct session *session, const struct invocation *in)
{
    const char *path = path_of(session->arena, "v1", "trials", invocation_argument(in, 0),
        "workplaces", invocation_argument(in, 1), "staff", invocation_argument(in, 2), NULL);
    path = path_query(session->arena, path, "kind", invocation_option(in, "kind"));
    path = path_query(session->arena, path, "to", invocation_option(in, "to"));
    json_t *ended = session_delete(session, path);
    if (ended == NULL)
        return session_fail(session);
    return table_report(session, columns, ended, "%s served %s as %s until %s.",
        session_field(ended, "staff"), session_field(ended, "workplace"),
        session_field(ended, "kind"), session_field(ended, "to"));
}

static const struct option_row add_options[] = {
    {.name = "kind",
        .value = "KIND",
        .meaning = "what they are to the workplace",
        .flags = OPTION_REQUIRED,
        .choices = kinds},
    {.name = "from", .value = "DAY", .meaning = "the first day; without it, today"},
    OPTION_KEY,
    {0},
};

static const struct option_row end_options[] = {
    {.name = "kind",
        .value = "KIND",
        .meaning = "what they were to the workplace",
        .flags = OPTION_REQUIRED,
        .choices = kinds},
    {.name = "to", .value = "DAY", .meaning = "the last day; without it, today"},
    {0},
};

static const struct option_row list_options[] = {
    {.name = "workplace", .value = "CODE", .meaning = "only at this workplace"},
    {.name = "staff", .value = "CODE", .meaning = "only under this code"},
    {0},
};

static const struct option_row way_options[] = {
    {.name = "kind", .value = "WAY", .meaning = "only this way", .choices = ways},
    {0},
};

const struct command staff_commands[] = {
    {
        .group = "staff",
        .name = "add",
        .arguments = "TRIAL WORKPLACE STAFF",
        .meaning = "Record who serves a workplace, by code",
        .details = "STAFF is one to three capital letters and two to five digits, such as M014: "
                   "never a name.\n"
                   "The same code at two workplaces is what allocation warns of.\n",
        .example = "rctctl staff add work-together W0001 M014 --kind manager",
        .options = add_options,
        .run = run_add,
    },
    {
        .group = "staff",
        .name = "end",
        .arguments = "TRIAL WORKPLACE STAFF",
        .meaning = "Record that somebody serves a workplace no longer",
        .example = "rctctl staff end work-together W0001 M014 --kind manager --to 2026-12-31",
        .options = end_options,
        .run = run_end,
    },
    {
        .group = "staff",
        .name = "list",
        .arguments = "TRIAL",
        .meaning = "List who serves which workplace",
        .example = "rctctl staff list work-together --staff M014",
        .options = list_options,
        .list = &(const struct listing){.path = "trials/{}/staff",
            .columns = columns,
            .nothing = "Nobody yet: `rctctl staff add' records who serves.",
            .unfit = "Nobody fits."},
    },
    {0},
};

const struct command contamination_commands[] = {
    {
        .group = "contamination",
        .arguments = "TRIAL",
        .meaning = "Show where one arm reaches people of another",
        .details = "Staff who serve workplaces in different arms, participants who work in another "
                   "arm than\n"
                   "their cluster's, and workplaces of different arms that merged or split. Only "
                   "for roles\n"
                   "that know arms. Days count from when both workplaces were allocated.\n",
        .example = "rctctl contamination work-together",
        .options = way_options,
        .list = &(const struct listing){.path = "trials/{}/contamination",
            .columns = way_columns,
            .nothing = "No way between arms is known."},
    },
    {0},
};
