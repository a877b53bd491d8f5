/*
 * uptake.c: consent before and after the reveal: totals for every role that sees workplaces; by
 * workplace and by arm, with the alert, for roles that know arms. A blinded role's answer is the
 * same whatever the arms are.
 */
#include "report/uptake.h"

#include "api/handlers.h"

static const struct field workplace_fields[] = {
    {.name = "workplace", .type = FIELD_STRING, .meaning = "The workplace's code"},
    {.name = "people",
        .type = FIELD_INTEGER,
        .meaning = "On its roster, or, where none was locked, in its cluster before allocation"},
    {.name = "registered",
        .type = FIELD_INTEGER,
        .meaning = "Participants of its cluster who came before its allocation"},
    {.name = "late", .type = FIELD_INTEGER, .meaning = "Participants who came after it"},
    {.name = "before", .type = FIELD_INTEGER, .meaning = "Consented before the reveal"},
    {.name = "after", .type = FIELD_INTEGER, .meaning = "Consented first after it"},
    {.name = "waiting", .type = FIELD_INTEGER, .meaning = "Consented; nothing is revealed yet"},
    {0},
};

static const struct field arm_fields[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "arm", .type = FIELD_IDENTIFIER, .meaning = "The arm"},
    {.name = "workplaces", .type = FIELD_INTEGER, .meaning = "Workplaces allocated to it"},
    {.name = "people", .type = FIELD_INTEGER, .meaning = "On their rosters (n)"},
    {.name = "registered",
        .type = FIELD_INTEGER,
        .meaning = "Participants of their clusters who came before allocation"},
    {.name = "late", .type = FIELD_INTEGER, .meaning = "Participants who came after it"},
    {.name = "consented",
        .type = FIELD_INTEGER,
        .meaning = "Of those who came before it, who has ever consented to what allocation or "
                   "data need"},
    {.name = "after", .type = FIELD_INTEGER, .meaning = "Of them, first after the reveal"},
    {.name = "rate", .type = FIELD_NUMBER, .meaning = "consented / people, unrounded"},
    {0},
};

static const struct field scheme_fields[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "lowest", .type = FIELD_IDENTIFIER, .meaning = "The arm with the lowest rate"},
    {.name = "highest", .type = FIELD_IDENTIFIER, .meaning = "The arm with the highest"},
    {.name = "people",
        .type = FIELD_INTEGER,
        .meaning = "People in the arm that has fewest (n); under 20 nothing is alerted"},
    {.name = "difference", .type = FIELD_NUMBER, .meaning = "Highest rate minus lowest, unrounded"},
    {.name = "alert",
        .type = FIELD_BOOLEAN,
        .meaning = "The difference is over 0.10, and every arm has 20 people"},
    {0},
};

const struct field uptake_answer[] = {
    {.name = "participants", .type = FIELD_INTEGER, .meaning = "Participants ever registered"},
    {.name = "on_roster",
        .type = FIELD_INTEGER,
        .meaning = "In their cluster when its roster was locked, or, without a lock, allocated"},
    {.name = "after_roster",
        .type = FIELD_INTEGER,
        .meaning = "Came after the lock and before the allocation"},
    {.name = "post_allocation",
        .type = FIELD_INTEGER,
        .meaning = "Came after the allocation: kept out of the primary set"},
    {.name = "unsettled",
        .type = FIELD_INTEGER,
        .meaning = "In no cluster yet, or in a trial without workplaces"},
    {.name = "before",
        .type = FIELD_INTEGER,
        .meaning = "Participants who first consented before their workplace's arm was revealed, by "
                   "rctd's time and not by the form's"},
    {.name = "after", .type = FIELD_INTEGER, .meaning = "Who first consented after it"},
    {.name = "waiting",
        .type = FIELD_INTEGER,
        .meaning = "Who consented where nothing is revealed yet"},
    {.name = "workplaces",
        .type = FIELD_ARRAY,
        .flags = FIELD_RESTRICTED,
        .children = workplace_fields,
        .meaning = "The same by workplace; only for roles that know arms"},
    {.name = "arms",
        .type = FIELD_ARRAY,
        .flags = FIELD_RESTRICTED,
        .children = arm_fields,
        .meaning = "Consent by scheme and arm; only for roles that know arms"},
    {.name = "schemes",
        .type = FIELD_ARRAY,
        .flags = FIELD_RESTRICTED,
        .children = scheme_fields,
        .meaning = "Arms compared; only for roles that know arms"},
    {0},
};

static json_t *
encode_workplaces(const struct sql_uptake_workplaces_rows *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        const struct sql_uptake_workplaces_row *row = &rows->rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "workplace", row->workplace,
                      "people", (json_int_t)row->people, "registered", (json_int_t)row->registered,
                      "late", (json_int_t)row->late, "before", (json_int_t)row->before, "after",
                      (json_int_t)row->after, "waiting", (json_int_t)row->waiting));
    }
    return list;
}

static json_t *
encode_arms(const struct sql_uptake_arms_rows *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        const struct sql_uptake_arms_row *row = &rows->rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "scheme", row->scheme,
                      "arm", row->arm, "workplaces", (json_int_t)row->workplaces, "people",
                      (json_int_t)row->people, "registered", (json_int_t)row->registered, "late",
                      (json_int_t)row->late, "consented", (json_int_t)row->consented, "after",
                      (json_int_t)row->after, "rate", uptake_rate(row->consented, row->people)));
    }
    return list;
}

static json_t *
encode_schemes(const struct uptake *uptake)
{
    json_t *list = json_array();
    for (size_t i = 0; i < uptake->scheme_count; i++) {
        const struct uptake_scheme *scheme = &uptake->schemes[i];
        json_array_append_new(list,
            json_pack("{s:s, s:s, s:s, s:I, s:f, s:b}", "scheme", scheme->scheme, "lowest",
                scheme->lowest, "highest", scheme->highest, "people", (json_int_t)scheme->people,
                "difference", scheme->difference, "alert", scheme->alert));
    }
    return list;
}

bool
uptake_show(struct call *call, struct error *error)
{
    struct uptake uptake;
    const struct sql_uptake_totals_row *totals = &uptake.totals;
    if (!uptake_read(call->tx, call->trial_id, call->scope, call_sees_arms(call), &uptake))
        return call_failed(call, error);
    json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "participants",
        (json_int_t)totals->participants, "on_roster", (json_int_t)totals->on_roster,
        "after_roster", (json_int_t)totals->after_roster, "post_allocation",
        (json_int_t)totals->post_allocation, "unsettled", (json_int_t)totals->unsettled, "before",
        (json_int_t)totals->before, "after", (json_int_t)totals->after, "waiting",
        (json_int_t)totals->waiting);
    if (call_sees_arms(call)) {
        json_object_set_new(json, "workplaces", encode_workplaces(&uptake.workplaces));
        json_object_set_new(json, "arms", encode_arms(&uptake.arms));
        json_object_set_new(json, "schemes", encode_schemes(&uptake));
    }
    return call_answer(call, 200, json);
}
