/*
 * cluster.c: the frozen list of a roster, what became of workplaces, and participants who move.
 * What tells of arms is shown where rctd sends it.
 */
#include "cli/people/cluster.h"

#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include <stdio.h>

static const struct column member_columns[] = {
    {"code", "CODE", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"workplace", "WORKS IN", COLUMN_TEXT},
    {"cluster", "CLUSTER", COLUMN_TEXT},
    {0},
};

const struct column cluster_change_columns[] = {
    {"on", "ON", COLUMN_TEXT},
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"kind", "WHAT", COLUMN_TEXT},
    {"other", "OTHER", COLUMN_TEXT},
    {"former_name", "FORMER NAME", COLUMN_LONG},
    {"name", "NAME", COLUMN_LONG},
    {"crossed", "OTHER ARM", COLUMN_TEXT},
    {"reason", "REASON", COLUMN_LONG},
    {"recorded_at", "RECORDED", COLUMN_CSV},
    {"recorded_by", "RECORDED BY", COLUMN_CSV},
    {"change", "CHANGE", COLUMN_CSV},
    {0},
};

const struct column cluster_employment_columns[] = {
    {"workplace", "WORKPLACE", COLUMN_TEXT},
    {"name", "NAME", COLUMN_LONG},
    {"from", "FROM", COLUMN_TEXT},
    {"to", "TO", COLUMN_TEXT},
    {"cluster", "CLUSTER", COLUMN_TEXT},
    {"crossed", "OTHER ARM", COLUMN_TEXT},
    {0},
};

/* Every change of a workplace says why, and since when. */
#define CHANGE_OPTIONS                                                                             \
    {.name = "reason",                                                                             \
        .value = "TEXT",                                                                           \
        .meaning = "what happened and how it is known; no names of people",                        \
        .flags = OPTION_REQUIRED},                                                                 \
        {.name = "on", .value = "DAY", .meaning = "since which day; without it, today"},           \
        OPTION_KEY,                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

const struct option_row cluster_day_options[] = {
    CHANGE_OPTIONS,
};

const struct option_row cluster_merge_options[] = {
    {.name = "into",
        .field = "other",
        .value = "CODE",
        .meaning = "the workplace that it is part of now",
        .flags = OPTION_REQUIRED},
    CHANGE_OPTIONS,
};

const struct option_row cluster_split_options[] = {
    {.name = "to",
        .field = "other",
        .value = "CODE",
        .meaning = "the workplace that came out of it, which is registered first",
        .flags = OPTION_REQUIRED},
    CHANGE_OPTIONS,
};

const struct option_row cluster_changes_options[] = {
    {.name = "workplace", .value = "CODE", .meaning = "only of this one, on either side"},
    {0},
};

const struct option_row cluster_move_options[] = {
    {.name = "workplace",
        .value = "CODE",
        .meaning = "the workplace that they go to",
        .flags = OPTION_REQUIRED},
    {.name = "from", .value = "DAY", .meaning = "the first day there; without it, today"},
    OPTION_KEY,
    {0},
};

static const char *
path_to(struct session *session, const struct invocation *in, const char *units, const char *what)
{
    return path_of(session->arena, "v1", "trials", invocation_argument(in, 0), units,
        invocation_argument(in, 1), what, NULL);
}

int
cluster_run_roster(struct session *session, const struct invocation *in)
{
    json_t *roster = session_get(session, path_to(session, in, "workplaces", "roster"));
    if (roster == NULL)
        return session_fail(session);
    if (session->output == OUTPUT_JSON) {
        table_json(roster);
        return 0;
    }
    if (session->output == OUTPUT_PEOPLE)
        printf("%s: %lld on the roster of %s, %lld of them registered.\nSHA-256 of the list: %s\n",
            session_field(roster, "workplace"),
            (long long)json_integer_value(json_object_get(roster, "head_count")),
            session_field(roster, "locked_on"),
            (long long)json_integer_value(json_object_get(roster, "listed")),
            session_field(roster, "digest"));
    table_list(session, member_columns, json_object_get(roster, "members"),
        "Nobody was registered there on that day.");
    return 0;
}

/* POSTs what became of a workplace. */
static int
record(struct session *session, const struct invocation *in, const char *kind, const char *other,
    const char *name, const char *sentence)
{
    json_t *body = json_pack("{s:s, s:s*, s:s*, s:s*, s:s}", "kind", kind, "other", other, "name",
        name, "on", invocation_option(in, "on"), "reason", invocation_option(in, "reason"));
    json_t *change = session_post(
        session, path_to(session, in, "workplaces", "changes"), body, invocation_option(in, "key"));
    if (change == NULL)
        return session_fail(session);
    return table_report(session, cluster_change_columns, change, "%s %s since %s.%s",
        session_field(change, "workplace"), sentence, session_field(change, "on"),
        json_is_true(json_object_get(change, "crossed"))
            ? " The two are in different arms: see rctctl contamination."
            : "");
}

int
cluster_run_merge(struct session *session, const struct invocation *in)
{
    const char *other = invocation_option(in, "into");
    return record(
        session, in, "merged", other, NULL, arena_printf(session->arena, "is part of %s", other));
}

int
cluster_run_split(struct session *session, const struct invocation *in)
{
    const char *other = invocation_option(in, "to");
    return record(session, in, "split", other, NULL,
        arena_printf(session->arena, "no longer includes %s", other));
}

int
cluster_run_rename(struct session *session, const struct invocation *in)
{
    const char *name = invocation_argument(in, 2);
    return record(session, in, "renamed", NULL, name,
        arena_printf(session->arena, "has the name \"%s\"", name));
}

int
cluster_run_close(struct session *session, const struct invocation *in)
{
    return record(session, in, "closed", NULL, NULL, "is closed");
}

int
cluster_run_reopen(struct session *session, const struct invocation *in)
{
    return record(session, in, "reopened", NULL, NULL, "is open again");
}

int
cluster_run_move(struct session *session, const struct invocation *in)
{
    json_t *body = json_pack("{s:s, s:s*}", "workplace", invocation_option(in, "workplace"), "from",
        invocation_option(in, "from"));
    json_t *made = session_post(session, path_to(session, in, "participants", "employments"), body,
        invocation_option(in, "key"));
    if (made == NULL)
        return session_fail(session);
    return table_report(session, cluster_employment_columns, made,
        "%s works in %s since %s. A cluster or arm that they have stays.%s",
        invocation_argument(in, 1), session_field(made, "workplace"), session_field(made, "from"),
        json_is_true(json_object_get(made, "crossed"))
            ? " The new workplace is in another arm: see rctctl contamination."
            : "");
}
