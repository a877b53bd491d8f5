/*
 * unit.c: reads a unit, whatever its kind, and turns what is stored into what the rules take.
 */
#include "store/people/unit.h"

#include "base/text.h"
#include "store/contact/task.h"
#include "trial/code.h"

#include <jansson.h>
#include <string.h>

void
unit_values_of(struct arena *arena, json_t *object, int year, struct protocol_values *values)
{
    struct protocol_value *items = arena_array(arena, json_object_size(object) + 1, sizeof *items);
    const char *name;
    json_t *value;
    *values = (struct protocol_values){.items = items};
    json_object_foreach(object, name, value) items[values->count++] = (struct protocol_value){
        .name = arena_strdup(arena, name), .value = arena_strdup(arena, json_string_value(value))};
    const char *age = protocol_age(arena, values, year);
    if (age != NULL)
        items[values->count++] = (struct protocol_value){.name = PROTOCOL_AGE, .value = age};
}

void
unit_values(struct arena *arena, const char *json, int year, struct protocol_values *values)
{
    json_t *object = json_loads(json, 0, NULL);
    unit_values_of(arena, object, year, values);
    json_decref(object);
}

static void
read_answers(struct arena *arena, const char *json, struct protocol_answers *answers)
{
    json_t *object = json_loads(json, 0, NULL);
    struct protocol_answer *items = arena_array(arena, json_object_size(object), sizeof *items);
    const char *id;
    json_t *value;
    json_object_foreach(object, id, value) items[answers->count++] =
        (struct protocol_answer){.id = arena_strdup(arena, id), .yes = json_is_true(value)};
    answers->items = items;
    json_decref(object);
}

static void
read_scopes(struct arena *arena, json_t *scopes, struct readiness_consent *consent)
{
    const char *name;
    json_t *value;
    consent->scopes = arena_array(arena, json_object_size(scopes), sizeof *consent->scopes);
    json_object_foreach(scopes, name, value) if (json_is_true(value))
        consent->scopes[consent->scope_count++] = arena_strdup(arena, name);
}

static void
read_consents(struct arena *arena, const char *json, struct readiness_unit *facts)
{
    json_t *object = json_loads(json, 0, NULL);
    struct readiness_consent *items = arena_array(arena, json_object_size(object), sizeof *items);
    const char *form;
    json_t *event;
    json_object_foreach(object, form, event)
    {
        struct readiness_consent *consent = &items[facts->consent_count++];
        consent->form = arena_strdup(arena, form);
        consent->version = (unsigned)json_integer_value(json_object_get(event, "version"));
        consent->given = text_equal(json_string_value(json_object_get(event, "decision")), "given");
        read_scopes(arena, json_object_get(event, "scopes"), consent);
    }
    facts->consents = items;
    json_decref(object);
}

static uint32_t
read_stops(const char *json)
{
    json_t *names = json == NULL ? NULL : json_loads(json, 0, NULL);
    uint32_t stops = 0;
    size_t index;
    json_t *name;
    json_array_foreach(names, index, name)
    {
        enum consent_stop stop = consent_stop_by_name(json_string_value(name));
        if (stop < CONSENT_STOP_COUNT)
            stops |= UINT32_C(1) << stop;
    }
    json_decref(names);
    return stops;
}

void
unit_facts(struct arena *arena, const struct unit_stored *stored, struct readiness_unit *facts)
{
    *facts = (struct readiness_unit){
        .kind = stored->kind,
        .roster_locked = stored->roster_locked,
        .withdrawn = text_equal(stored->state, "withdrawn"),
        .ended = stored->ended,
        .employer_out = stored->employer_out,
        .stops = read_stops(stored->stops),
    };
    unit_values(arena, stored->attributes, stored->year, &facts->values);
    read_answers(arena, stored->answers, &facts->answers);
    read_consents(arena, stored->consents, facts);
}

static bool
not_found(struct tx *tx, enum protocol_unit kind, const char *code)
{
    const char *fault = NULL;
    char read[CODE_SIZE];
    bool numbered = code[0] == 'W' && strspn(code + 1, "0123456789") == strlen(code + 1);
    if (kind == PROTOCOL_WORKPLACE && !numbered)
        fault = "codes look like W0001";
    if (kind == PROTOCOL_PARTICIPANT && !code_read(code, read))
        fault = code_fault(code);
    return tx_fail(tx, ERROR_NOT_FOUND, "There is no %s %.40s for you in this trial%s%s",
        protocol_unit_name(kind), code, fault == NULL ? "" : "; ", fault == NULL ? "" : fault);
}

const char *
unit_code(struct arena *arena, enum protocol_unit kind, const char *code)
{
    char read[CODE_SIZE];
    return kind == PROTOCOL_PARTICIPANT && code_read(code, read) ? arena_strdup(arena, read) : code;
}

bool
unit_read(struct tx *tx, struct uuid trial_id, const char *scope, enum protocol_unit kind,
    const char *code, bool lock, struct unit *unit)
{
    struct sql_unit_get_row *row = &unit->row;
    bool found;
    code = unit_code(tx_arena(tx), kind, code);
    if (lock && !sql_unit_lock_code(
                    tx, &(struct sql_unit_lock_code){.trial_id = trial_id, .code = code}, NULL))
        return false;
    if (!sql_unit_get(tx,
            &(struct sql_unit_get){.trial_id = trial_id,
                .scope = scope,
                .kind = protocol_unit_name(kind),
                .code = code},
            row, &found))
        return false;
    if (!found)
        return not_found(tx, kind, code);
    unit->kind = kind;
    unit_facts(tx_arena(tx),
        &(struct unit_stored){.kind = kind,
            .state = row->state,
            .attributes = row->attributes,
            .answers = row->answers,
            .consents = row->consents,
            .roster_locked = row->roster_locked_at.set,
            .ended = row->ended,
            .employer_out = row->employer_out,
            .stops = row->stops,
            .year = row->year},
        &unit->facts);
    return true;
}

bool
unit_add_answers(struct tx *tx, struct uuid trial_id, struct uuid unit_id, int protocol_version,
    struct uuid recorded_by, const struct unit_answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sql_answer_insert(tx,
            &(struct sql_answer_insert){.trial_id = trial_id,
                .unit_id = unit_id,
                .question = answers[i].question,
                .answer = answers[i].answer,
                .protocol_version = protocol_version,
                .answered_by = answers[i].answered_by,
                .recorded_by = recorded_by},
            NULL);
    return sql_unit_touch(
        tx, &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = unit_id}, NULL);
}

bool
unit_withdraw(struct tx *tx, struct uuid trial_id, struct uuid unit_id)
{
    return sql_unit_set_state(tx,
               &(struct sql_unit_set_state){
                   .trial_id = trial_id, .unit_id = unit_id, .state = "withdrawn"},
               NULL) &&
           task_cancel_unit(tx, trial_id, unit_id);
}
