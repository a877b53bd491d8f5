/*
 * workplace.c: workplaces as coordinators and researchers see them, and what coordinators record.
 */
#include "store/people/workplace.h"

#include "api/handlers.h"
#include "api/people/unit.h"

#include <stdio.h>
#include <string.h>

const struct field workplace_query[] = {
    {.name = "state",
        .type = FIELD_STRING,
        .choices =
            (const char *const[]){"registered", "roster-locked", "allocated", "withdrawn", NULL},
        .meaning = "Only those in this state"},
    {.name = "county", .type = FIELD_STRING, .max = 63, .meaning = "Only those of this county"},
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "Only those allocated in this scheme"},
    {.name = "q", .type = FIELD_STRING, .max = 100, .meaning = "Part of the name or code"},
    {0},
};

const struct field workplace_answer[] = {
    {.name = "code",
        .type = FIELD_STRING,
        .meaning = "The workplace's code in this trial, such as W0001"},
    {.name = "name", .type = FIELD_STRING, .meaning = "Its name"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices =
            (const char *const[]){"registered", "roster-locked", "allocated", "withdrawn", NULL},
        .meaning = "Where it stands"},
    {.name = "county",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Its county, where the protocol asks for it"},
    {.name = "site",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Its site, where the trial has sites"},
    {.name = "identifiers",
        .type = FIELD_OBJECT,
        .meaning = "Organisation number and the like, in normal form, by the protocol's names"},
    {.name = "attributes",
        .type = FIELD_OBJECT,
        .meaning = "Values as text, by the protocol's names"},
    {.name = "answers",
        .type = FIELD_MAP_BOOLEAN,
        .meaning = "Eligibility questions answered so far"},
    {.name = "head_count",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "People on the locked roster; null until it is locked"},
    {.name = "roster_locked_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the roster was locked"},
    {.name = "ended",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning =
            "How and since when it is no more: closed, or merged into another; null while it "
            "is there"},
    {.name = "schemes",
        .type = FIELD_ARRAY,
        .meaning = "Schemes that it has been allocated in; never to what"},
    {.name = "eligible",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_NULLABLE,
        .meaning = "Nothing is missing but, where a scheme asks for it, a locked roster; null for "
                   "blinded roles"},
    {.name = "missing",
        .type = FIELD_ARRAY,
        .flags = FIELD_NULLABLE,
        .meaning = "What is missing, in sentences; null for blinded roles"},
    {.name = "registered_at", .type = FIELD_TIME, .meaning = "When it was registered"},
    {.name = "changed_at", .type = FIELD_TIME, .meaning = "When it was last changed"},
    {0},
};

const struct field roster_new[] = {
    {.name = "head_count",
        .type = FIELD_INTEGER,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 100000,
        .meaning = "People on the roster at this moment; frozen from here on"},
    {0},
};

static json_t *
encode(struct call *call, const struct sql_workplace_get_row *row, const struct protocol *protocol)
{
    struct readiness_unit facts;
    json_t *json = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "code",
        row->code, "name", row->name, "state", row->state, "county", json_text(row->county), "site",
        json_text(row->site), "identifiers", json_stored(row->identifiers), "attributes",
        json_stored(row->attributes), "answers", json_stored(row->answers), "head_count",
        json_opt_number(row->head_count), "roster_locked_at", json_opt_time(row->roster_locked_at),
        "schemes", unit_encode_schemes(row->allocations));
    json_object_set_new(json, "ended", json_text(row->ended));
    workplace_unit(call->arena, row, &facts);
    unit_encode_readiness(call, protocol, &facts, json);
    json_object_set_new(json, "registered_at", json_time(row->registered_at));
    json_object_set_new(json, "changed_at", json_time(row->changed_at));
    return json;
}

bool
workplace_list(struct call *call, struct error *error)
{
    struct sql_workplace_list_rows rows;
    const struct protocol *protocol = NULL;
    int version;
    if (!sql_workplace_list(call->tx,
            &(struct sql_workplace_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = call->list.after,
                .most = call->list.most,
                .state = http_query(call->request, "state"),
                .county = http_query(call->request, "county"),
                .scheme = http_query(call->request, "scheme"),
                .search = http_query(call->request, "q")},
            &rows))
        return call_failed(call, error);
    if (rows.count > 0 && !unit_rules(call, &protocol, &version))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add(call, rows.rows[i].code, encode(call, &rows.rows[i], protocol));
    return list_answer(call);
}

static bool
answer_workplace(struct call *call, int status, struct error *error)
{
    struct workplace workplace;
    const struct protocol *protocol;
    int version;
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], false,
            &workplace) ||
        !unit_rules(call, &protocol, &version))
        return call_failed(call, error);
    call_answer(call, status, encode(call, &workplace.row, protocol));
    etag_add(call->response, etag_version(call->arena, workplace.row.version));
    return true;
}

bool
workplace_show(struct call *call, struct error *error)
{
    return answer_workplace(call, 200, error);
}

bool
workplace_answers(struct call *call, struct error *error)
{
    return unit_record_answers(call, PROTOCOL_WORKPLACE, error) &&
           answer_workplace(call, 200, error);
}

bool
workplace_roster_lock(struct call *call, struct error *error)
{
    struct workplace workplace;
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], true,
            &workplace) ||
        !workplace_lock_roster(
            call->tx, call->trial_id, &workplace, (int)call_number(call, "head_count")))
        return call_failed(call, error);
    return answer_workplace(call, 200, error);
}
