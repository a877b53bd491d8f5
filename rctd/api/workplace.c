/*
 * workplace.c: workplaces as coordinators and researchers see them, and what coordinators record.
 * What a workplace still lacks follows from the protocol's rules, which blinded roles cannot read:
 * they get null there.
 */
#include "store/workplace.h"

#include "api/handlers.h"
#include "store/protocol.h"

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

const struct field answers_new[] = {
    {.name = "answers",
        .type = FIELD_MAP_BOOLEAN,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 100,
        .meaning = "Question ids of the protocol to true (yes) or false (no); a later answer takes "
                   "the place of an earlier one"},
    {.name = "answered_by",
        .type = FIELD_STRING,
        .min = 1,
        .max = 200,
        .meaning = "Who at the workplace answered; kept as a salted digest in the trail"},
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

/* What the workplace lacks in the version in force; blinded roles have no right to ask. */
static bool
add_readiness(struct call *call, const struct sql_workplace_get_row *row,
    const struct protocol *protocol, json_t *json)
{
    struct readiness_unit unit;
    if (protocol == NULL) {
        json_object_set_new(json, "eligible", json_null());
        json_object_set_new(json, "missing", json_null());
        return true;
    }
    workplace_unit(call->arena, row, &unit);
    struct readiness readiness = readiness_of(call->arena, protocol, NULL, &unit);
    json_t *missing = json_array();
    for (size_t i = 0; i < readiness.count; i++)
        json_array_append_new(missing, json_string(readiness.missing[i]));
    json_object_set_new(json, "eligible", json_boolean(readiness.count == 0));
    json_object_set_new(json, "missing", missing);
    return true;
}

/* The schemes of a workplace's allocations. */
static json_t *
schemes_of(const char *allocations)
{
    json_t *list = json_stored(allocations);
    json_t *schemes = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
        json_array_append(schemes, json_object_get(item, "scheme"));
    json_decref(list);
    return schemes;
}

static json_t *
encode(struct call *call, const struct sql_workplace_get_row *row, const struct protocol *protocol)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "code",
        row->code, "name", row->name, "state", row->state, "county", json_text(row->county), "site",
        json_text(row->site), "identifiers", json_stored(row->identifiers), "attributes",
        json_stored(row->attributes), "answers", json_stored(row->answers), "head_count",
        json_opt_number(row->head_count), "roster_locked_at", json_opt_time(row->roster_locked_at),
        "schemes", schemes_of(row->allocations));
    add_readiness(call, row, protocol, json);
    json_object_set_new(json, "registered_at", json_time(row->registered_at));
    json_object_set_new(json, "changed_at", json_time(row->changed_at));
    return json;
}

/* The protocol for roles that may read it; NULL for blinded ones. */
static bool
rules_for(struct call *call, const struct protocol **protocol, int *version)
{
    *protocol = NULL;
    if (role_sight(call->role) == SIGHT_BLINDED)
        return true;
    *protocol = protocol_in_force(call->tx, call->session, call->trial_id, version);
    return *protocol != NULL;
}

/* The rows of the list and of one workplace have the same columns in the same order. */
static void
as_one(const struct sql_workplace_list_row *from, struct sql_workplace_get_row *to)
{
    _Static_assert(
        sizeof *from == sizeof *to, "workplace_list and workplace_get give the same columns");
    memcpy(to, from, sizeof *to);
}

bool
workplace_list(struct call *call, struct error *error)
{
    struct page page;
    struct sql_workplace_list_rows rows;
    const struct protocol *protocol = NULL;
    int version;
    if (!page_read(call->request, &page, &call->faults, error))
        return false;
    if (!sql_workplace_list(call->tx,
            &(struct sql_workplace_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .after = page.after == NULL ? "" : page.after,
                .most = page.limit + 1,
                .state = http_query(call->request, "state"),
                .county = http_query(call->request, "county"),
                .scheme = http_query(call->request, "scheme"),
                .search = http_query(call->request, "q")},
            &rows))
        return call_failed(call, error);
    if (rows.count > 0 && !rules_for(call, &protocol, &version))
        return call_failed(call, error);
    json_t *items = json_array();
    size_t shown = call_page_size(rows.count, &page);
    for (size_t i = 0; i < shown; i++) {
        struct sql_workplace_get_row row;
        as_one(&rows.rows[i], &row);
        json_array_append_new(items, encode(call, &row, protocol));
    }
    page_answer(call->request, call->response, items,
        shown < rows.count ? rows.rows[shown - 1].code : NULL);
    return true;
}

static bool
answer_workplace(struct call *call, int status, struct error *error)
{
    struct workplace workplace;
    const struct protocol *protocol;
    int version;
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], false,
            &workplace) ||
        !rules_for(call, &protocol, &version))
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

static const struct protocol_rule *
find_question(const struct protocol *protocol, const char *id)
{
    const struct protocol_subject *subject = &protocol->subjects[PROTOCOL_WORKPLACE];
    for (size_t i = 0; i < subject->rule_count; i++)
        if (text_equal(subject->rules[i].id, id) && subject->rules[i].need == NULL)
            return &subject->rules[i];
    return NULL;
}

static const char *
list_questions(struct call *call, const struct protocol *protocol)
{
    const struct protocol_subject *subject = &protocol->subjects[PROTOCOL_WORKPLACE];
    struct text list;
    text_init(&list, call->arena);
    for (size_t i = 0; i < subject->rule_count; i++)
        if (subject->rules[i].need == NULL)
            text_printf(&list, "%s%s", list.length == 0 ? "the questions are " : ", ",
                subject->rules[i].id);
    return list.bytes;
}

static bool
read_answers(struct call *call, const struct protocol *protocol, struct workplace_answer *answers,
    size_t *count, struct error *error)
{
    const char *id;
    json_t *value;
    bool good = true;
    json_object_foreach(json_object_get(call->body, "answers"), id, value)
    {
        if (find_question(protocol, id) == NULL)
            good = call_fault(call, error, arena_printf(call->arena, "/answers/%s", id),
                list_questions(call, protocol), "the protocol does not ask %s", id);
        answers[(*count)++] = (struct workplace_answer){.question = id,
            .answer = json_is_true(value),
            .answered_by = call_text(call, "answered_by")};
    }
    return good;
}

bool
workplace_answers(struct call *call, struct error *error)
{
    struct workplace workplace;
    size_t count = 0;
    int version;
    struct workplace_answer *answers = arena_array(
        call->arena, json_object_size(json_object_get(call->body, "answers")), sizeof *answers);
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return call_failed(call, error);
    if (!read_answers(call, protocol, answers, &count, error))
        return false;
    if (!workplace_read(call->tx, call->trial_id, call->scope, call->request->parameters[1], true,
            &workplace) ||
        !workplace_add_answers(call->tx, call->trial_id, workplace.row.unit_id, version,
            call->caller.account_id, answers, count))
        return call_failed(call, error);
    return answer_workplace(call, 200, error);
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
