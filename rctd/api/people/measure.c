/*
 * measure.c: data of participants: taken in with an instrument of the protocol, listed, and
 * released from quarantine. Whether it is in use follows from the consents that it needs.
 */
#include "store/people/measure.h"

#include "api/handlers.h"
#include "api/people/moment.h"
#include "api/people/unit.h"
#include "store/conduct/protocol.h"

static const char *const states[] = {"in-use", "quarantined", "stopped", NULL};

const struct field measure_new[] = {
    {.name = "instrument",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning = "An instrument of the protocol"},
    {.name = "task", .type = FIELD_UUID, .meaning = "The participant's task that asked for it"},
    {.name = "collected_at",
        .type = FIELD_MOMENT,
        .flags = FIELD_REQUIRED,
        .meaning = "When it was collected, or the day; not in the future"},
    {.name = "values",
        .type = FIELD_MAP_TEXT,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 1000,
        .meaning = "Items by their numbers, or fields by their names, as text; what was skipped is "
                   "left out"},
    {0},
};

const struct field measure_query[] = {
    {.name = "participant", .type = FIELD_STRING, .max = 40, .meaning = "Only of this participant"},
    {.name = "instrument", .type = FIELD_IDENTIFIER, .meaning = "Only of this instrument"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = states,
        .meaning = "Only those; when absent, all but what was stopped, which coordinators, trial "
                   "managers and auditors can ask for"},
    {0},
};

const struct field measure_release_body[] = {
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "Why it may be used; stands in the trail"},
    {0},
};

const struct field measure_answer[] = {
    {.name = "measure", .type = FIELD_UUID, .meaning = "Its number"},
    {.name = "participant", .type = FIELD_STRING, .meaning = "The participant's code"},
    {.name = "instrument", .type = FIELD_IDENTIFIER, .meaning = "The instrument"},
    {.name = "task",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "The task that asked for it, as the protocol names it"},
    {.name = "occurrence",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "Which repetition of the task, from 1"},
    {.name = "collected_at", .type = FIELD_TIME, .meaning = "When it was collected"},
    {.name = "state",
        .type = FIELD_STRING,
        .choices = states,
        .meaning = "Quarantined data is not used until it is released; stopped, never: the person "
                   "has said so, or was erased"},
    {.name = "quarantine",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = measure_quarantines,
        .meaning = "Why it went to quarantine; null where it never did"},
    {.name = "released_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When it was released"},
    {.name = "released_by", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "By whom"},
    {.name = "released_for", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "Why"},
    {.name = "values",
        .type = FIELD_MAP_TEXT,
        .flags = FIELD_NULLABLE,
        .meaning = "What was measured; null for trial managers, and of data that is not in use for "
                   "all but coordinators and auditors"},
    {.name = "protocol_version",
        .type = FIELD_INTEGER,
        .meaning = "The protocol version whose instrument it is"},
    {.name = "recorded_at", .type = FIELD_TIME, .meaning = "When it was recorded"},
    {.name = "recorded_by", .type = FIELD_STRING, .meaning = "By whom"},
    {0},
};

/* Those who take data in, answer for it or look after them, not those who use it. */
static bool
sees_held(const struct call *call)
{
    return call->role == ROLE_COORDINATOR || call->role == ROLE_TRIAL_MANAGER ||
           call->role == ROLE_AUDITOR;
}

/* What was measured, by id; a trial manager has no privilege to read it. */
static bool
read_values(struct call *call, const struct sql_measure_list_rows *rows, json_t **values)
{
    char id[UUID_TEXT_SIZE];
    struct text ids;
    struct sql_measure_values_rows found;
    *values = NULL;
    if (rows->count == 0 || role_sight(call->role) == SIGHT_PROTOCOL)
        return true;
    text_init(&ids, call->arena);
    text_append(&ids, "[");
    for (size_t i = 0; i < rows->count; i++)
        if (sees_held(call) || text_equal(rows->rows[i].state, "in-use"))
            text_printf(&ids, "%s\"%s\"", ids.length == 1 ? "" : ",",
                uuid_text(rows->rows[i].measure_id, id));
    text_append(&ids, "]");
    if (!sql_measure_values(call->tx,
            &(struct sql_measure_values){.trial_id = call->trial_id, .measures = ids.bytes},
            &found))
        return false;
    *values = json_object();
    for (size_t i = 0; i < found.count; i++)
        json_object_set_new(
            *values, uuid_text(found.rows[i].measure_id, id), json_stored(found.rows[i].measured));
    return true;
}

static json_t *
encode(const struct sql_measure_list_row *row, json_t *values)
{
    char id[UUID_TEXT_SIZE];
    json_t *measured = json_object_get(values, uuid_text(row->measure_id, id));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:O?, s:i, s:o, s:s}",
        "measure", id, "participant", row->code, "instrument", row->instrument, "task",
        json_text(row->task), "occurrence", json_opt_number(row->occurrence), "collected_at",
        json_time(row->collected_at), "state", row->state, "quarantine", json_text(row->quarantine),
        "released_at", json_opt_time(row->released_at), "released_by", json_text(row->released_by),
        "released_for", json_text(row->released_for), "values", measured, "protocol_version",
        (int)row->protocol_version, "recorded_at", json_time(row->recorded_at), "recorded_by",
        row->recorded_by);
}

/* The rows that fit; the caller owns the reference. */
static bool
read_rows(struct call *call, const struct sql_measure_list *query, json_t **items)
{
    struct sql_measure_list_rows rows;
    json_t *values;
    if (!sql_measure_list(call->tx, query, &rows) || !read_values(call, &rows, &values))
        return false;
    *items = json_array();
    for (size_t i = 0; i < rows.count; i++)
        json_array_append_new(*items, encode(&rows.rows[i], values));
    json_decref(values);
    return true;
}

bool
measure_list(struct call *call, struct error *error)
{
    json_t *items;
    const char *state = http_query(call->request, "state");
    const char *code = http_query(call->request, "participant");
    const struct sql_measure_list query = {
        .trial_id = call->trial_id,
        .scope = call->scope,
        .code = code == NULL ? NULL : unit_code(call->arena, PROTOCOL_PARTICIPANT, code),
        .instrument = http_query(call->request, "instrument"),
        .state = state,
        .after = call->list.after_id,
        .most = call->list.most,
    };
    if (text_equal(state, "stopped") && !sees_held(call))
        return error_set(error, ERROR_FORBIDDEN, "measure",
            "Data whose use was stopped is listed for coordinators, trial managers and auditors");
    if (!read_rows(call, &query, &items))
        return call_failed(call, error);
    list_add_all(call, items, "measure");
    return list_answer(call);
}

static bool
answer_one(struct call *call, struct uuid measure_id, int status, struct error *error)
{
    json_t *items;
    if (!read_rows(call,
            &(struct sql_measure_list){.trial_id = call->trial_id,
                .scope = call->scope,
                .most = 1,
                .only = {true, measure_id}},
            &items))
        return call_failed(call, error);
    json_t *one = json_incref(json_array_get(items, 0));
    json_decref(items);
    return call_answer(call, status, one);
}

bool
measure_record(struct call *call, struct error *error)
{
    struct unit unit;
    struct uuid measure_id;
    struct moment collected;
    const char *quarantine;
    int version;
    const char *task = call_text(call, "task");
    struct measure_new new = {
        .instrument = call_text(call, "instrument"),
        .values = json_object_get(call->body, "values"),
        .recorded_by = call->caller.account_id,
    };
    new.task_id.set = task != NULL &&uuid_parse(task, &new.task_id.value);
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return call_failed(call, error);
    if (!moment_read(call, "collected_at", "the collection lies in the future", &collected, error))
        return false;
    new.collected_at = collected.first;
    new.collected_until = collected.last;
    if (!unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], false, &unit) ||
        !measure_add(call->tx, protocol, version, call->trial_id, &unit, &new, &call->faults,
            &measure_id, &quarantine))
        return call_failed(call, error);
    return answer_one(call, measure_id, 201, error);
}

bool
measure_release(struct call *call, struct error *error)
{
    struct uuid measure_id;
    if (!uuid_parse(call->request->parameters[1], &measure_id))
        return error_set(error, ERROR_NOT_FOUND, "measure",
            "There is no measurement with that number for you; `rctctl measure list' shows them");
    if (!measure_let_go(call->tx, call->trial_id, call->scope, measure_id,
            call_text(call, "reason"), call->caller.account_id))
        return call_failed(call, error);
    return answer_one(call, measure_id, 200, error);
}
