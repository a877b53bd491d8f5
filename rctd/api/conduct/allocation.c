/*
 * allocation.c: the ledger by role. Roles that may know arms get the whole row; for others a
 * statement runs that does not name arm, stratum or position, and the database would refuse one
 * that did.
 */
#include "api/conduct/allocation.h"

#include "api/handlers.h"
#include "api/people/unit.h"
#include "store/conduct/protocol.h"

#include <string.h>

const struct field allocation_query[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "Only this scheme"},
    {.name = "workplace", .type = FIELD_STRING, .max = 16, .meaning = "Only this workplace"},
    {.name = "participant", .type = FIELD_STRING, .max = 16, .meaning = "Only this participant"},
    {.name = "order",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"position", NULL},
        .meaning = "By scheme, stratum and position, for exports by roles that know arms; "
                   "otherwise by id"},
    {0},
};

const struct field allocation_answer[] = {
    {.name = "allocation", .type = FIELD_UUID, .meaning = "The ledger row's id"},
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "phase", .type = FIELD_IDENTIFIER, .meaning = "Its phase"},
    {.name = "kind",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"workplace", "participant", NULL},
        .meaning = "What kind of unit it is"},
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
    {.name = "randomised",
        .type = FIELD_BOOLEAN,
        .flags = FIELD_RESTRICTED,
        .meaning = "False of a comparison that nobody randomised: never pooled with the others; "
                   "absent likewise"},
    {.name = "method",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning = "The scheme's method; for statisticians and auditors, never for who enrols"},
    {.name = "decision",
        .type = FIELD_OBJECT,
        .flags = FIELD_RESTRICTED,
        .meaning = "What it was decided on: counts of each arm before; for statisticians and "
                   "auditors, never for who enrols"},
    {.name = "key",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning = "The Idempotency-Key of the request; absent for roles that may not know"},
    {.name = "receipt",
        .type = FIELD_STRING,
        .flags = FIELD_RESTRICTED,
        .meaning = "First 16 hex digits of the row's hash in the trail, in fours; absent likewise"},
    {0},
};

/* What every role may see of a row of the ledger, by whichever statement it was read. */
struct entry {
    struct uuid id;
    const char *scheme, *phase, *kind, *code, *name, *by;
    int version;
    int64_t at;
};

#define ENTRY(row)                                                                                 \
    (&(struct entry){.id = (row)->allocation_id,                                                   \
        .scheme = (row)->scheme,                                                                   \
        .phase = (row)->phase,                                                                     \
        .kind = (row)->kind,                                                                       \
        .code = (row)->code,                                                                       \
        .name = (row)->name,                                                                       \
        .version = (row)->protocol_version,                                                        \
        .at = (row)->allocated_at,                                                                 \
        .by = (row)->allocated_by})

/* What every role may see of a row. A participant has no name. */
static json_t *
encode_open(const struct entry *entry)
{
    bool workplace = text_equal(entry->kind, protocol_unit_name(PROTOCOL_WORKPLACE));
    return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:s}", "allocation",
        json_id(entry->id), "scheme", entry->scheme, "phase", entry->phase, "kind", entry->kind,
        "workplace", json_text(workplace ? entry->code : NULL), "name", json_text(entry->name),
        "participant", json_text(workplace ? NULL : entry->code), "protocol_version",
        entry->version, "allocated_at", json_time(entry->at), "allocated_by", entry->by);
}

json_t *
allocation_encode_made(const struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, const struct allocation_made *made)
{
    const struct protocol_arm *arm = &scheme->protocol->arms[made->arm];
    json_t *json = encode_open(&(struct entry){.id = made->allocation_id,
        .scheme = scheme->scheme->name,
        .phase = scheme->seed.phase,
        .kind = protocol_unit_name(scheme->scheme->unit),
        .code = candidate->unit.row.code,
        .name = candidate->unit.row.name,
        .version = scheme->version,
        .at = made->allocated_at,
        .by = call->caller.name});
    json_object_set_new(json, "stratum", json_string(candidate->stratum));
    json_object_set_new(json, "position", json_integer((json_int_t)made->position));
    json_object_set_new(json, "arm", json_string(arm->id));
    json_object_set_new(json, "arm_label", json_string(protocol_text_in(&arm->label, "en")));
    json_object_set_new(json, "randomised", json_boolean(allocation_is_random(scheme)));
    json_object_set_new(json, "receipt", json_string(made->receipt));
    return json;
}

/* What an arm was decided on tells of method and blocks, and counts arms in counties that a bounded
 * role does not see: it is for those who may read the protocol, and nobody who enrols. */
static bool
sees_decisions(const struct call *call)
{
    return call->role != ROLE_COORDINATOR;
}

static void
add_restricted(const struct call *call, json_t *json, const struct sql_ledger_list_row *row,
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
    json_object_set_new(json, "randomised",
        json_boolean(!text_equal(row->method, protocol_method_name(METHOD_NONRANDOM))));
    if (sees_decisions(call)) {
        json_object_set_new(json, "method", json_string(row->method));
        json_object_set_new(json, "decision", json_stored(row->decision));
    }
    json_object_set_new(json, "key", json_string(row->key));
    json_object_set_new(json, "receipt", json_string(receipt));
}

/* Where a page of the order by position starts: behind this row. */
struct place {
    const char *scheme;
    const char *stratum;
    long long position;
};

struct ledger_query {
    struct uuid after;
    struct place place;
    bool by_position;
    int most;
    const char *scheme;
    const char *unit;
};

/* The rows in the order that is asked for; false when the transaction has failed. */
static bool
read_rows(struct call *call, const struct ledger_query *query,
    const struct sql_ledger_list_row **rows, size_t *count)
{
    struct sql_ledger_list_rows by_id = {0};
    struct sql_ledger_by_position_rows by_position = {0};
    bool ok = query->by_position
                  ? sql_ledger_by_position(call->tx,
                        &(struct sql_ledger_by_position){call->trial_id, call->scope,
                            query->place.scheme, query->place.stratum, query->place.position,
                            query->most, query->scheme, query->unit},
                        &by_position)
                  : sql_ledger_list(call->tx,
                        &(struct sql_ledger_list){call->trial_id, call->scope, query->after,
                            query->most, query->scheme, query->unit},
                        &by_id);
    *rows = query->by_position ? by_position.rows : by_id.rows;
    *count = query->by_position ? by_position.count : by_id.count;
    return ok;
}

/* The caller's rows as JSON; NULL when the transaction has failed. */
static json_t *
read_ledger(struct call *call, const struct ledger_query *query)
{
    const struct sql_ledger_list_row *rows;
    size_t count;
    int version;
    if (!read_rows(call, query, &rows, &count))
        return NULL;
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL)
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *item = encode_open(ENTRY(&rows[i]));
        add_restricted(call, item, &rows[i], protocol);
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
    for (size_t i = 0; i < rows.count; i++)
        json_array_append_new(items, encode_open(ENTRY(&rows.rows[i])));
    return items;
}

static json_t *
read_by_role(struct call *call, const struct ledger_query *query)
{
    return call_sees_arms(call) ? read_ledger(call, query) : read_ledger_blinded(call, query);
}

/* The sort key of a row in the order of the query; a page behind it starts with the next. */
static const char *
place_key(struct call *call, const struct ledger_query *query, const json_t *item)
{
    if (!query->by_position)
        return arena_strdup(call->arena, json_string_value(json_object_get(item, "allocation")));
    return arena_printf(call->arena, "%lld %s %s",
        (long long)json_integer_value(json_object_get(item, "position")),
        json_string_value(json_object_get(item, "scheme")),
        json_string_value(json_object_get(item, "stratum")));
}

/* Reads what place_key() wrote. Neither scheme nor stratum has a blank in it. */
static bool
read_place(struct call *call, const char *after, struct place *place)
{
    const char *scheme = strchr(after, ' ');
    const char *stratum = scheme == NULL ? NULL : strchr(scheme + 1, ' ');
    if (stratum == NULL)
        return false;
    place->scheme = arena_strndup(call->arena, scheme + 1, (size_t)(stratum - scheme - 1));
    place->stratum = stratum + 1;
    return text_to_int64(
        arena_strndup(call->arena, after, (size_t)(scheme - after)), &place->position);
}

static bool
read_query(struct call *call, struct ledger_query *query, struct error *error)
{
    *query = (struct ledger_query){
        .place = {.scheme = "", .stratum = ""},
        .by_position = http_query(call->request, "order") != NULL,
        .scheme = http_query(call->request, "scheme"),
    };
    if (query->by_position && !call_sees_arms(call))
        return error_set(error, ERROR_FORBIDDEN, "allocation",
            "Strata and positions, and an order by them, are for roles that know arms");
    if (!unit_query(call, &query->unit, error))
        return false;
    query->most = call->list.most;
    const char *after = call->list.after;
    if (after[0] == '\0')
        return true;
    if (query->by_position ? read_place(call, after, &query->place)
                           : uuid_parse(after, &query->after))
        return true;
    return list_no_cursor(call, error);
}

bool
allocation_list(struct call *call, struct error *error)
{
    struct ledger_query query;
    if (!read_query(call, &query, error))
        return false;
    json_t *items = read_by_role(call, &query);
    if (items == NULL)
        return call_failed(call, error);
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        list_add(call, place_key(call, &query, item), json_incref(item));
    }
    json_decref(items);
    return list_answer(call);
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
