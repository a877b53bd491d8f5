/*
 * allocation.c: the ledger by role, dry runs, and the record of attempts. Roles that may know arms
 * get the whole row; for others a statement runs that does not name arm, stratum or position, and
 * the database would refuse one that did.
 */
#include "api/allocation.h"

#include "api/handlers.h"
#include "store/protocol.h"

const struct field allocation_new[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .min = 2,
        .max = 16,
        .meaning = "A workplace's code; either this or participant"},
    {.name = "participant",
        .type = FIELD_STRING,
        .min = 2,
        .max = 16,
        .meaning = "A participant's code, where the scheme allocates participants"},
    {.name = "scheme",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning = "The scheme, such as rct"},
    {0},
};

const struct field allocation_query[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "Only this scheme"},
    {.name = "workplace", .type = FIELD_STRING, .max = 16, .meaning = "Only this workplace"},
    {.name = "participant", .type = FIELD_STRING, .max = 16, .meaning = "Only this participant"},
    {0},
};

const struct field allocation_answer[] = {
    {.name = "allocation", .type = FIELD_UUID, .meaning = "The ledger row's id"},
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "phase", .type = FIELD_IDENTIFIER, .meaning = "Its phase"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's code; null where a participant is the unit"},
    {.name = "name",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's name; null where a participant is the unit"},
    {.name = "participant",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The participant's code; null where a workplace is the unit"},
    {.name = "protocol_version",
        .type = FIELD_INTEGER,
        .meaning = "The version in force at allocation"},
    {.name = "allocated_at", .type = FIELD_TIME, .meaning = "When it was allocated"},
    {.name = "allocated_by", .type = FIELD_STRING, .meaning = "The account that allocated"},
    {.name = "stratum",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning =
            "factor=level joined with | (rctd-allocation(7)); absent for roles that may not know"},
    {.name = "position",
        .type = FIELD_INTEGER,
        .flags = FIELD_RESTRICTED,
        .meaning =
            "Counts from 1 in the stratum, without gaps; absent for roles that may not know"},
    {.name = "arm",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_RESTRICTED,
        .meaning = "The arm; absent for roles that may not know"},
    {.name = "arm_label",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning = "The arm's label in English or the protocol's first language; absent likewise"},
    {.name = "decision",
        .type = FIELD_OBJECT,
        .flags = FIELD_RESTRICTED,
        .meaning = "What it was decided on: counts of each arm before; for statisticians and "
                   "auditors, never for who enrols"},
    {.name = "receipt",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning = "First 16 hex digits of the row's hash in the trail, in fours; absent likewise"},
    {0},
};

const struct field dry_run_answer[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's code; null where a participant is the unit"},
    {.name = "participant",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The participant's code; null where a workplace is the unit"},
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "stratum",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The stratum; null where a factor is not known"},
    {.name = "eligible", .type = FIELD_BOOLEAN, .meaning = "Nothing is missing"},
    {.name = "missing", .type = FIELD_ARRAY, .meaning = "What is missing, in sentences"},
    {0},
};

const struct field attempt_answer[] = {
    {.name = "attempt", .type = FIELD_UUID, .meaning = "The record's id"},
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"dry-run", "refused", NULL},
        .meaning = "A dry run, or a request that was refused"},
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The workplace's code; null where a participant is the unit"},
    {.name = "participant",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The participant's code; null where a workplace is the unit"},
    {.name = "stratum",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The stratum that was shown"},
    {.name = "missing", .type = FIELD_ARRAY, .meaning = "What was missing"},
    {.name = "at", .type = FIELD_TIME, .meaning = "When"},
    {.name = "account", .type = FIELD_STRING, .meaning = "Who asked"},
    {.name = "followed",
        .type = FIELD_BOOLEAN,
        .meaning = "It was allocated in the scheme afterwards; false: abandoned so far"},
    {0},
};

bool
allocation_read_unit(
    struct call *call, enum protocol_unit *kind, const char **code, struct error *error)
{
    const char *workplace = call_text(call, "workplace");
    const char *participant = call_text(call, "participant");
    *kind = participant != NULL ? PROTOCOL_PARTICIPANT : PROTOCOL_WORKPLACE;
    *code = participant != NULL ? participant : workplace;
    if (workplace == NULL && participant == NULL)
        return call_fault(call, error, "/workplace", "give the code of a workplace, or participant",
            "is missing");
    return workplace == NULL || participant == NULL ||
           call_fault(call, error, "/participant", "leave one of them out",
               "stands beside workplace; one unit is allocated at a time");
}

/* What every role may see of a row. A participant has no name. */
static json_t *
encode_open(struct uuid id, const char *scheme, const char *phase, const char *code,
    const char *name, int version, int64_t at, const char *by)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:s}", "allocation", json_id(id),
        "scheme", scheme, "phase", phase, "workplace", json_text(name == NULL ? NULL : code),
        "name", json_text(name), "participant", json_text(name == NULL ? code : NULL),
        "protocol_version", version, "allocated_at", json_time(at), "allocated_by", by);
}

json_t *
allocation_encode_made(const struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, const struct allocation_made *made)
{
    const struct protocol_arm *arm = &scheme->protocol->arms[made->arm];
    json_t *json = encode_open(made->allocation_id, scheme->scheme->name, scheme->seed.phase,
        candidate->unit.row.code, candidate->unit.row.name, scheme->version, made->allocated_at,
        call->caller.name);
    json_object_set_new(json, "stratum", json_string(candidate->stratum));
    json_object_set_new(json, "position", json_integer((json_int_t)made->position));
    json_object_set_new(json, "arm", json_string(arm->id));
    json_object_set_new(json, "arm_label", json_string(protocol_text_in(&arm->label, "en")));
    json_object_set_new(json, "receipt", json_string(made->receipt));
    return json;
}

bool
allocation_dry_run(struct call *call, struct error *error)
{
    struct allocation_scheme scheme;
    struct allocation_candidate candidate;
    enum protocol_unit kind;
    const char *code;
    if (!allocation_read_unit(call, &kind, &code, error))
        return false;
    if (!allocation_scheme_read(call->tx, call->session, call->trial_id, call->caller.time_zone,
            call_text(call, "scheme"), &scheme) ||
        !allocation_candidate_read(call->tx, &scheme, call->scope, kind, code, false, &candidate) ||
        !allocation_record_attempt(
            call->tx, &scheme, &candidate, true, call->caller.account_id, call->request->id))
        return call_failed(call, error);
    json_t *missing = json_array();
    for (size_t i = 0; i < candidate.missing_count; i++)
        json_array_append_new(missing, json_string(candidate.missing[i]));
    return call_answer(call, 200,
        json_pack("{s:o, s:o, s:s, s:o, s:b, s:o}", "workplace",
            json_text(kind == PROTOCOL_WORKPLACE ? candidate.unit.row.code : NULL), "participant",
            json_text(kind == PROTOCOL_PARTICIPANT ? candidate.unit.row.code : NULL), "scheme",
            scheme.scheme->name, "stratum", json_text(candidate.stratum), "eligible",
            candidate.missing_count == 0, "missing", missing));
}

/* What an arm was decided on tells of method and blocks, and counts arms in counties that a bounded
 * role does not see: it is for those who may read the protocol, and nobody who enrols. */
static bool
sees_decisions(const struct call *call)
{
    return call->role != ROLE_COORDINATOR;
}

static void
add_restricted(struct call *call, json_t *json, const struct sql_ledger_list_row *row,
    const struct protocol *protocol)
{
    char receipt[ALLOCATION_RECEIPT_SIZE];
    size_t arm = protocol_arm_index(protocol, row->arm);
    const char *label =
        arm == PROTOCOL_NONE ? row->arm : protocol_text_in(&protocol->arms[arm].label, "en");
    allocation_receipt(row->receipt, receipt);
    json_object_set_new(json, "stratum", json_string(row->stratum));
    json_object_set_new(json, "position", json_integer(row->position));
    json_object_set_new(json, "arm", json_string(row->arm));
    json_object_set_new(json, "arm_label", json_string(label));
    if (sees_decisions(call))
        json_object_set_new(json, "decision", json_stored(row->decision));
    json_object_set_new(json, "receipt", json_string(receipt));
}

struct ledger_query {
    struct uuid after;
    int most;
    const char *scheme;
    const char *unit;
};

/* The caller's rows as JSON; NULL when the transaction has failed. */
static json_t *
read_ledger(struct call *call, const struct ledger_query *query)
{
    struct sql_ledger_list_rows rows;
    int version;
    if (!sql_ledger_list(call->tx,
            &(struct sql_ledger_list){
                call->trial_id, call->scope, query->after, query->most, query->scheme, query->unit},
            &rows))
        return NULL;
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_ledger_list_row *row = &rows.rows[i];
        json_t *item = encode_open(row->allocation_id, row->scheme, row->phase, row->code,
            row->name, row->protocol_version, row->allocated_at, row->allocated_by);
        add_restricted(call, item, row, protocol);
        json_array_append_new(items, item);
    }
    return items;
}

static json_t *
read_ledger_blinded(struct call *call, const struct ledger_query *query)
{
    struct sql_ledger_list_blinded_rows rows;
    if (!sql_ledger_list_blinded(call->tx,
            &(struct sql_ledger_list_blinded){
                call->trial_id, call->scope, query->after, query->most, query->scheme, query->unit},
            &rows))
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_ledger_list_blinded_row *row = &rows.rows[i];
        json_array_append_new(
            items, encode_open(row->allocation_id, row->scheme, row->phase, row->code, row->name,
                       row->protocol_version, row->allocated_at, row->allocated_by));
    }
    return items;
}

static json_t *
read_by_role(struct call *call, const struct ledger_query *query)
{
    return call_sees_arms(call) ? read_ledger(call, query) : read_ledger_blinded(call, query);
}

bool
allocation_list(struct call *call, struct error *error)
{
    struct page page;
    struct ledger_query query = {
        .scheme = http_query(call->request, "scheme"),
        .unit = http_query(call->request, "workplace"),
    };
    if (query.unit == NULL)
        query.unit = http_query(call->request, "participant");
    if (!page_read(call->request, &page, &call->faults, error))
        return false;
    if (page.after != NULL && !uuid_parse(page.after, &query.after))
        return error_set(error, ERROR_MALFORMED, "page", "That is no cursor of this list");
    query.most = page.limit + 1;
    json_t *items = read_by_role(call, &query);
    if (items == NULL)
        return call_failed(call, error);
    const char *last = NULL;
    if (json_array_size(items) > (size_t)page.limit) {
        json_array_remove(items, (size_t)page.limit);
        json_t *item = json_array_get(items, (size_t)page.limit - 1);
        last = arena_strdup(call->arena, json_string_value(json_object_get(item, "allocation")));
    }
    page_answer(call->request, call->response, items, last);
    return true;
}

/* The UUID just before this one: a list that starts behind it starts with this one. */
static struct uuid
before(struct uuid id)
{
    for (size_t i = sizeof id.bytes; i-- > 0;)
        if (id.bytes[i]-- > 0)
            break;
    return id;
}

bool
allocation_show(struct call *call, struct error *error)
{
    struct uuid id;
    const char *text = call->request->parameters[1];
    if (!uuid_parse(text, &id))
        return error_set(
            error, ERROR_NOT_FOUND, "allocation", "There is no allocation %s for you", text);
    json_t *items = read_by_role(call, &(struct ledger_query){.after = before(id), .most = 1});
    if (items == NULL)
        return call_failed(call, error);
    json_t *item = json_incref(json_array_get(items, 0));
    json_decref(items);
    char canonical[UUID_TEXT_SIZE];
    if (!text_equal(
            json_string_value(json_object_get(item, "allocation")), uuid_text(id, canonical))) {
        json_decref(item);
        return error_set(
            error, ERROR_NOT_FOUND, "allocation", "There is no allocation %s for you", text);
    }
    return call_answer(call, 200, item);
}

bool
attempt_list(struct call *call, struct error *error)
{
    struct page page;
    struct sql_attempt_list_rows rows;
    struct uuid after = UUID_NIL;
    char last[UUID_TEXT_SIZE];
    if (!page_read(call->request, &page, &call->faults, error))
        return false;
    if (page.after != NULL && !uuid_parse(page.after, &after))
        return error_set(error, ERROR_MALFORMED, "page", "That is no cursor of this list");
    if (!sql_attempt_list(call->tx,
            &(struct sql_attempt_list){
                .trial_id = call->trial_id, .after = after, .most = page.limit + 1},
            &rows))
        return call_failed(call, error);
    json_t *items = json_array();
    size_t shown = call_page_size(rows.count, &page);
    for (size_t i = 0; i < shown; i++) {
        const struct sql_attempt_list_row *row = &rows.rows[i];
        bool workplace = text_equal(row->unit, "workplace");
        json_array_append_new(
            items, json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b}", "attempt",
                       json_id(row->attempt_id), "kind", row->kind, "scheme", row->scheme,
                       "workplace", json_text(workplace ? row->code : NULL), "participant",
                       json_text(workplace ? NULL : row->code), "stratum", json_text(row->stratum),
                       "missing", json_stored(row->missing), "at", json_time(row->at), "account",
                       row->account, "followed", row->followed));
    }
    page_answer(call->request, call->response, items,
        shown < rows.count ? uuid_text(rows.rows[shown - 1].attempt_id, last) : NULL);
    return true;
}
