/*
 * cluster.c: the frozen list of a roster, what became of workplaces, and participants who move.
 * What tells of arms is shown where rctd sends it.
 */
#include "cli/people/cluster.h"

#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/table.h"

#include <stdio.h>

static const char *const link_kinds[] = {"merged", "split", NULL};

static const struct column member_columns[] = {
    {"code", "CODE", COLUMN_TEXT},
    {"state", "STATE", COLUMN_TEXT},
    {"workplace", "WORKS IN", COLUMN_TEXT},
    {"cluster", "CLUSTER", COLUMN_TEXT},
    {0},
};

const struct column cluster_link_columns[] = {
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
    {"link", "LINK", COLUMN_CSV},
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

const struct option_row cluster_day_options[] = {
    {.name = "reason",
        .value = "TEXT",
        .meaning = "what happened and how it is known; no names of people",
        .flags = OPTION_REQUIRED},
    {.name = "on", .value = "DAY", .meaning = "since which day; without it, today"},
    OPTION_KEY,
    {0},
};

const struct option_row cluster_link_options[] = {
    {.name = "kind",
        .value = "KIND",
        .meaning = "merged: it is part of the other now; split: the other was part of it",
        .flags = OPTION_REQUIRED,
        .choices = link_kinds},
    {.name = "to",
        .value = "CODE",
        .meaning = "the other workplace, which is registered first",
        .flags = OPTION_REQUIRED},
    {.name = "reason",
        .value = "TEXT",
        .meaning = "what happened and how it is known; no names of people",
        .flags = OPTION_REQUIRED},
    {.name = "on", .value = "DAY", .meaning = "since which day; without it, today"},
    OPTION_KEY,
    {0},
};

const struct option_row cluster_links_options[] = {
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
    json_t *link = session_post(
        session, path_to(session, in, "workplaces", "links"), body, invocation_option(in, "key"));
    if (link == NULL)
        return session_fail(session);
    return table_report(session, cluster_link_columns, link, "%s %s since %s.%s",
        session_field(link, "workplace"), sentence, session_field(link, "on"),
        json_is_true(json_object_get(link, "crossed"))
            ? " The two are in different arms: see rctctl contamination."
            : "");
}

int
cluster_run_link(struct session *session, const struct invocation *in)
{
    const char *kind = invocation_option(in, "kind"), *other = invocation_option(in, "to");
    const char *sentence =
        arena_printf(session->arena, kind[0] == 'm' ? "is part of %s" : "is without %s", other);
    return record(session, in, kind, other, NULL, sentence);
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
        "%s works in %s since %s. Cluster and arm stay as they were.%s", invocation_argument(in, 1),
        session_field(made, "workplace"), session_field(made, "from"),
        json_is_true(json_object_get(made, "crossed"))
            ? " The new workplace is in another arm: see rctctl contamination."
            : "");
}
