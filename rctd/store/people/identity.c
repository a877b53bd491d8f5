/*
 * identity.c: what goes into the vault and what comes out. A reading is written down before a box
 * is opened, in the same transaction; the database asks for consent as it takes that row.
 */
#include "store/people/identity.h"

#include "base/digest.h"
#include "store/vault/refusal.h"

#include <stdlib.h>

static void
check_field(struct arena *arena, const struct protocol_subject *people, enum person_field field,
    json_t *value, int year, const char *pointer, struct faults *faults,
    struct vault_person *person, unsigned *cleared)
{
    const char *name = person_field_name(field);
    const char *normal;
    const char *at = arena_printf(arena, "%s/%s", pointer, name);
    if (value == NULL)
        return;
    if (!person_field_taken(people, field))
        faults_add(faults, at, 0, 0, "leave it out",
            "the protocol does not ask for the %s of people", name);
    else if (json_is_null(value) && cleared != NULL)
        *cleared |= 1U << field;
    else if (!json_is_string(value))
        faults_add(faults, at, 0, 0, NULL, "is no text");
    else if (person_check(arena, people, field, json_string_value(value), year, &normal))
        *vault_person_field(person, field) = normal;
    else
        faults_add(faults, at, 0, 0, NULL, "%s", normal);
}

void
identity_check(struct arena *arena, const struct protocol *protocol, json_t *entered,
    const char *today, const char *pointer, struct faults *faults, struct vault_person *person,
    unsigned *cleared)
{
    const struct protocol_subject *people = &protocol->subjects[PROTOCOL_PARTICIPANT];
    bool numbered = people->identifier_count > 0;
    *person = (struct vault_person){.hash_only = people->store == PROTOCOL_STORE_HASH};
    if (cleared != NULL)
        *cleared = 0;
    if (entered != NULL && !numbered && people->contact_count == 0) {
        faults_add(faults, pointer, 0, 0, "leave it out",
            "this trial's protocol keeps no identity of participants");
        return;
    }
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        check_field(arena, people, (enum person_field)field,
            json_object_get(entered, person_field_name((enum person_field)field)),
            (int)strtol(today, NULL, 10), pointer, faults, person, cleared);
    if (cleared == NULL && numbered && people->identifiers[0].required &&
        json_object_get(entered, "number") == NULL)
        faults_add(faults, arena_printf(arena, "%s/number", pointer), 0, 0,
            "enter it: the protocol requires it", "the identity number is missing");
}

static bool
insert(struct tx *tx, struct uuid trial_id, struct uuid unit_id, const struct vault_sealed *sealed)
{
    char id[UUID_TEXT_SIZE];
    struct arena *arena = tx_arena(tx);
    json_t *rows = json_pack("[{s:s, s:i, s:s, s:s?}]", "unit_id", uuid_text(unit_id, id),
        "key_version", sealed->key_version, "box", hex_encode(arena, sealed->box, sealed->box_size),
        "number_hash",
        sealed->number_hash == NULL ? NULL
                                    : hex_encode(arena, sealed->number_hash, VAULT_HASH_SIZE));
    char *text = json_dumps(rows, JSON_COMPACT);
    bool ok = sql_identity_insert(
        tx, &(struct sql_identity_insert){.trial_id = trial_id, .rows = text}, NULL);
    free(text);
    json_decref(rows);
    tx_explain(tx, "identity_stays_erased", ERROR_REFUSED,
        "Who this participant is was erased, at their word; it is not entered again");
    return ok || vault_explain(tx);
}

static bool
seal(struct tx *tx, struct session *session, struct uuid trial_id, struct uuid unit_id,
    const struct vault_person *person, struct vault_sealed *sealed)
{
    struct vault_keys *keys;
    if (!vault_open(tx, session, trial_id, &keys))
        return false;
    bool ok = vault_seal(keys, tx_arena(tx), unit_id, person, sealed);
    vault_close(keys);
    return ok || tx_fail(tx, ERROR_FIELDS, "A value of the identity is too long");
}

static void
merge(struct vault_person *kept, const struct vault_person *given, unsigned cleared)
{
    struct vault_person fresh = *given;
    kept->hash_only = given->hash_only;
    for (int at = 0; at < PERSON_FIELD_COUNT; at++) {
        enum person_field field = (enum person_field)at;
        if ((cleared & 1U << field) != 0)
            *vault_person_field(kept, field) = NULL;
        if (*vault_person_field(&fresh, field) != NULL)
            *vault_person_field(kept, field) = *vault_person_field(&fresh, field);
    }
}

static bool
store_change(struct tx *tx, struct uuid trial_id, struct uuid unit_id, bool number,
    const struct vault_sealed *sealed)
{
    struct bytes box = {sealed->box, sealed->box_size};
    struct bytes hash = {
        sealed->number_hash, sealed->number_hash == NULL ? 0 : (size_t)VAULT_HASH_SIZE};
    bool ok = number ? sql_identity_change_number(tx,
                           &(struct sql_identity_change_number){.trial_id = trial_id,
                               .unit_id = unit_id,
                               .key_version = sealed->key_version,
                               .box = box,
                               .number_hash = hash},
                           NULL)
                     : sql_identity_change(tx,
                           &(struct sql_identity_change){.trial_id = trial_id,
                               .unit_id = unit_id,
                               .key_version = sealed->key_version,
                               .box = box},
                           NULL);
    return ok || vault_explain(tx);
}

bool
identity_change(struct tx *tx, struct session *session, struct uuid trial_id, struct uuid unit_id,
    const struct vault_person *given, unsigned cleared, int *revision)
{
    const struct sql_identity_lock held = {.trial_id = trial_id, .unit_id = unit_id};
    struct tx_context caller;
    struct sql_identity_box_row row;
    struct vault_person person = {0};
    struct vault_sealed sealed;
    bool found;
    bool number = given->number != NULL || (cleared & PERSON_BIT(NUMBER)) != 0;
    if ((given->number != NULL && !refusal_open(tx, trial_id)) || !vault_enter(tx, &caller) ||
        !sql_identity_lock(tx, &held, NULL) ||
        !sql_identity_box(tx, &(struct sql_identity_box){.trial_id = trial_id, .unit_id = unit_id},
            &row, &found) ||
        (found && !vault_unseal(tx, session, trial_id, unit_id, &row, &person)))
        return false;
    merge(&person, given, cleared);
    *revision = found ? row.revision + 1 : 1;
    return seal(tx, session, trial_id, unit_id, &person, &sealed) &&
           (found ? store_change(tx, trial_id, unit_id, number, &sealed)
                  : insert(tx, trial_id, unit_id, &sealed)) &&
           vault_leave(tx, &caller);
}

json_t *
identity_field_names(unsigned fields)
{
    json_t *names = json_array();
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        if ((fields & 1U << field) != 0)
            json_array_append_new(names, json_string(person_field_name((enum person_field)field)));
    return names;
}

static bool
record(struct tx *tx, const struct identity_reading *reading, struct uuid reading_id)
{
    json_t *names = identity_field_names(reading->fields);
    char *text = json_dumps(names, JSON_COMPACT);
    bool ok = sql_identity_reading_insert(tx,
        &(struct sql_identity_reading_insert){.trial_id = reading->trial_id,
            .reading_id = reading_id,
            .unit_id = reading->unit_id,
            .purpose = purpose_name(reading->purpose),
            .fields = text,
            .account_id = {!uuid_is_nil(reading->account_id), reading->account_id},
            .endpoint_id = {!uuid_is_nil(reading->endpoint_id), reading->endpoint_id},
            .reminder_id = {!uuid_is_nil(reading->reminder_id), reading->reminder_id},
            .reason = reading->reason,
            .reference = reading->reference},
        NULL);
    free(text);
    json_decref(names);
    vault_explain_reference(tx);
    return ok || tx_explain(tx, IDENTITY_REFUSED, ERROR_REFUSED,
                     "The participant has not agreed to be read for this purpose, or has stopped "
                     "it");
}

bool
identity_look(struct tx *tx, struct session *session, const struct identity_reading *reading,
    struct uuid *reading_id, struct vault_person *person, bool *found)
{
    struct tx_context caller;
    struct sql_identity_box_row row;
    *reading_id = uuid_new();
    *person = (struct vault_person){0};
    if (!vault_enter(tx, &caller) ||
        !sql_identity_box(tx,
            &(struct sql_identity_box){.trial_id = reading->trial_id, .unit_id = reading->unit_id},
            &row, found))
        return false;
    if (*found &&
        (!record(tx, reading, *reading_id) ||
            !vault_unseal(tx, session, reading->trial_id, reading->unit_id, &row, person)))
        return false;
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        if ((reading->fields & 1U << field) == 0)
            *vault_person_field(person, (enum person_field)field) = NULL;
    return vault_leave(tx, &caller);
}

bool
identity_read(struct tx *tx, struct session *session, const struct identity_reading *reading,
    struct uuid *reading_id, struct vault_person *person)
{
    bool found;
    if (!identity_look(tx, session, reading, reading_id, person, &found))
        return false;
    return found || tx_fail(tx, ERROR_NOT_FOUND,
                        "Nothing is kept of who this participant is, or it was erased");
}
