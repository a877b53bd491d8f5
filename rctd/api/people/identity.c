/*
 * identity.c: who participants are: entered and corrected by coordinators, who are not shown what
 * is there, and read by who holds the role for the purpose; each reading is in the trail, its
 * answer nowhere.
 */
#include "store/people/identity.h"

#include "api/handlers.h"
#include "api/people/reference.h"
#include "http/body.h"
#include "store/conduct/protocol.h"
#include "store/people/unit.h"

#define PURPOSE_NAME(name, text, action, fields) text,
static const char *const purpose_names[] = {PURPOSES(PURPOSE_NAME) NULL};
#undef PURPOSE_NAME

const struct field identity_fields[] = {
    {.name = "number",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE | FIELD_IDENTITY,
        .max = 100,
        .meaning = "The identity number, as people write it"},
    {.name = "name",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE | FIELD_IDENTITY,
        .max = 200,
        .meaning = "Name"},
    {.name = "phone",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE | FIELD_IDENTITY,
        .max = 60,
        .meaning = "Phone number; digits with the country as +46 in front, or a 0"},
    {.name = "email",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE | FIELD_IDENTITY,
        .max = 254,
        .meaning = "E-mail address"},
    {.name = "address",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE | FIELD_IDENTITY,
        .max = 500,
        .meaning = "Postal address"},
    {0},
};

const struct field identity_new[] = {
    {.name = "identity",
        .type = FIELD_OBJECT,
        .flags = FIELD_REQUIRED,
        .children = identity_fields,
        .meaning = "What is added or corrected; null takes a value away, what is left out stays. "
                   "Only the number where the protocol has `identity`, and what its `contact` "
                   "names"},
    {0},
};

const struct field identity_answer[] = {
    {.name = "participant", .type = FIELD_STRING, .meaning = "The participant's code"},
    {.name = "revision", .type = FIELD_INTEGER, .meaning = "How often it was entered or corrected"},
    {.name = "changed", .type = FIELD_ARRAY, .meaning = "The names of the fields, never values"},
    {0},
};

const struct field reading_new[] = {
    {.name = "purpose",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = purpose_names,
        .meaning = "What it is read for; the role must be held for that purpose. contact gives "
                   "name, phone, e-mail and address; linkage the number; verification number and "
                   "name; safety all"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = reading_reasons,
        .meaning = "Why, in one word; stands in the trail"},
    REFERENCE_FIELD(0),
    {0},
};

const struct field reading_made[] = {
    {.name = "reading", .type = FIELD_UUID, .meaning = "The number of this reading in the ledger"},
    {.name = "participant", .type = FIELD_STRING, .meaning = "The participant's code"},
    {.name = "purpose", .type = FIELD_STRING, .meaning = "What it was read for"},
    {.name = "identity",
        .type = FIELD_OBJECT,
        .children = identity_fields,
        .meaning = "The fields that the purpose needs; null where nothing is kept"},
    {0},
};

const struct field reading_query[] = {
    {.name = "participant",
        .type = FIELD_STRING,
        .max = 16,
        .meaning = "Only readings of this participant"},
    {.name = "purpose",
        .type = FIELD_STRING,
        .choices = purpose_names,
        .meaning = "Only readings for this purpose"},
    {0},
};

const struct field reading_answer[] = {
    {.name = "reading", .type = FIELD_UUID, .meaning = "Its number"},
    {.name = "participant", .type = FIELD_STRING, .meaning = "Whose identity, by code"},
    {.name = "purpose", .type = FIELD_STRING, .meaning = "What it was read for"},
    {.name = "fields", .type = FIELD_ARRAY, .meaning = "The names of the fields, never values"},
    {.name = "account",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Who read; null where an endpoint got contact details"},
    {.name = "endpoint",
        .type = FIELD_UUID,
        .flags = FIELD_NULLABLE,
        .meaning = "The endpoint that got contact details; null where a person read"},
    {.name = "reminder",
        .type = FIELD_UUID,
        .flags = FIELD_NULLABLE,
        .meaning = "The reminder that the endpoint got them for; null where a person read"},
    {.name = "reason", .type = FIELD_STRING, .meaning = "Why, in one word"},
    REFERENCE_FIELD(FIELD_NULLABLE),
    {.name = "read_at", .type = FIELD_TIME, .meaning = "When"},
    {0},
};

bool
identity_set(struct call *call, struct error *error)
{
    struct unit unit;
    struct sql_trial_today_row today;
    struct vault_person person;
    unsigned changed = 0;
    unsigned cleared;
    int version, revision;
    const struct protocol *protocol =
        protocol_in_force(call->tx, call->session, call->trial_id, &version);
    if (protocol == NULL ||
        !unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], true, &unit) ||
        !sql_trial_today(call->tx, &(struct sql_trial_today){.trial_id = call->trial_id}, &today))
        return call_failed(call, error);
    identity_check(call->arena, protocol, json_object_get(call->body, "identity"), today.today,
        "/identity", &call->faults, &person, &cleared);
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        if (*vault_person_field(&person, (enum person_field)field) != NULL)
            changed |= 1U << field;
    changed |= cleared;
    if (changed == 0)
        return call_fault(call, error, "/identity", "give at least one field", "is empty");
    if (!identity_change(
            call->tx, call->session, call->trial_id, unit.row.unit_id, &person, cleared, &revision))
        return call_failed(call, error);
    return call_answer(call, 200,
        json_pack("{s:s, s:i, s:o}", "participant", unit.row.code, "revision", revision, "changed",
            identity_field_names(changed)));
}

static json_t *
encode(struct vault_person *person)
{
    json_t *json = json_object();
    for (int at = 0; at < PERSON_FIELD_COUNT; at++) {
        enum person_field field = (enum person_field)at;
        json_object_set_new(
            json, person_field_name(field), json_text(*vault_person_field(person, field)));
    }
    return json;
}

bool
identity_reading_add(struct call *call, struct error *error)
{
    struct unit unit;
    struct uuid reading_id;
    struct vault_person person;
    struct identity_reading reading = {.trial_id = call->trial_id,
        .purpose = purpose_by_name(call_text(call, "purpose")),
        .account_id = call->caller.account_id,
        .reason = call_text(call, "reason"),
        .reference = call_text(call, "reference")};
    const char *scope;
    if (!call_purpose_scope(call, reading.purpose, &scope))
        return error_set(error, ERROR_FORBIDDEN, "purpose",
            "You may not read identities for %s; an administrator grants identity-reader for a "
            "purpose",
            purpose_name(reading.purpose));
    if (!unit_read(call->tx, call->trial_id, scope, PROTOCOL_PARTICIPANT,
            call->request->parameters[1], false, &unit))
        return call_failed(call, error);
    reading.unit_id = unit.row.unit_id;
    reading.fields = purpose_fields(reading.purpose);
    if (!identity_read(call->tx, call->session, &reading, &reading_id, &person))
        return call_failed(call, error);
    json_t *identity = encode(&person);
    return call_answer(call, 201,
        json_pack("{s:o, s:s, s:s, s:o}", "reading", json_id(reading_id), "participant",
            unit.row.code, "purpose", purpose_name(reading.purpose), "identity", identity));
}

bool
identity_reading_list(struct call *call, struct error *error)
{
    struct tx_context caller;
    struct sql_identity_readings_rows rows;
    const char *code = http_query(call->request, "participant");
    if (!vault_enter(call->tx, &caller) ||
        !sql_identity_readings(call->tx,
            &(struct sql_identity_readings){.trial_id = call->trial_id,
                .after = call->list.after_id,
                .most = call->list.most,
                .code = code == NULL ? NULL : unit_code(call->arena, PROTOCOL_PARTICIPANT, code),
                .purpose = http_query(call->request, "purpose")},
            &rows) ||
        !vault_leave(call->tx, &caller))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_identity_readings_row *row = &rows.rows[i];
        list_add_id(call, row->reading_id,
            json_pack("{s:o, s:s, s:s, s:o, s:s?, s:o, s:o, s:s, s:s?, s:o}", "reading",
                json_id(row->reading_id), "participant", row->code, "purpose", row->purpose,
                "fields", json_stored(row->fields), "account", row->account, "endpoint",
                row->endpoint_id.set ? json_id(row->endpoint_id.value) : json_null(), "reminder",
                row->reminder_id.set ? json_id(row->reminder_id.value) : json_null(), "reason",
                row->reason, "reference", row->reference, "read_at", json_time(row->read_at)));
    }
    return list_answer(call);
}
