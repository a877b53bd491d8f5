/*
 * workplace.c: reads a workplace and records what happens to it.
 */
#include "store/workplace.h"

#include "base/text.h"
#include "store/task.h"
#include "trial/state.h"

#include <jansson.h>
#include <string.h>

void
workplace_values(struct arena *arena, const char *json, struct protocol_values *values)
{
    json_t *object = json_loads(json, 0, NULL);
    struct protocol_value *items = arena_array(arena, json_object_size(object), sizeof *items);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) items[values->count++] = (struct protocol_value){
        .name = arena_strdup(arena, name), .value = arena_strdup(arena, json_string_value(value))};
    values->items = items;
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
read_consents(struct arena *arena, const char *json, struct readiness_unit *unit)
{
    json_t *object = json_loads(json, 0, NULL);
    struct readiness_consent *items = arena_array(arena, json_object_size(object), sizeof *items);
    const char *form;
    json_t *event;
    json_object_foreach(object, form, event)
    {
        struct readiness_consent *consent = &items[unit->consent_count++];
        consent->form = arena_strdup(arena, form);
        consent->version = (unsigned)json_integer_value(json_object_get(event, "version"));
        consent->given = text_equal(json_string_value(json_object_get(event, "decision")), "given");
        read_scopes(arena, json_object_get(event, "scopes"), consent);
    }
    unit->consents = items;
    json_decref(object);
}

void
workplace_unit(
    struct arena *arena, const struct sql_workplace_get_row *row, struct readiness_unit *unit)
{
    *unit = (struct readiness_unit){
        .roster_locked = row->roster_locked_at.set,
        .withdrawn = text_equal(row->state, "withdrawn"),
    };
    workplace_values(arena, row->attributes, &unit->values);
    read_answers(arena, row->answers, &unit->answers);
    read_consents(arena, row->agreements, unit);
}

static bool
get(struct tx *tx, struct uuid trial_id, const char *scope, const char *code,
    struct sql_workplace_get_row *row)
{
    bool found;
    if (!sql_workplace_get(tx,
            &(struct sql_workplace_get){.trial_id = trial_id, .scope = scope, .code = code}, row,
            &found))
        return false;
    bool formed = code[0] == 'W' && strspn(code + 1, "0123456789") == strlen(code + 1);
    return found || tx_fail(tx, ERROR_NOT_FOUND, "There is no workplace %s for you in this trial%s",
                        code, formed ? "" : "; codes look like W0001");
}

bool
workplace_read(struct tx *tx, struct uuid trial_id, const char *scope, const char *code, bool lock,
    struct workplace *workplace)
{
    if (lock && !sql_unit_lock_code(
                    tx, &(struct sql_unit_lock_code){.trial_id = trial_id, .code = code}, NULL))
        return false;
    if (!get(tx, trial_id, scope, code, &workplace->row))
        return false;
    workplace_unit(tx_arena(tx), &workplace->row, &workplace->unit);
    return true;
}

bool
workplace_add_answers(struct tx *tx, struct uuid trial_id, struct uuid unit_id,
    int protocol_version, struct uuid recorded_by, const struct workplace_answer *answers,
    size_t count)
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

static bool
set_state(struct tx *tx, struct uuid trial_id, struct uuid unit_id, const char *state)
{
    return sql_unit_set_state(tx,
        &(struct sql_unit_set_state){.trial_id = trial_id, .unit_id = unit_id, .state = state},
        NULL);
}

bool
workplace_lock_roster(
    struct tx *tx, struct uuid trial_id, const struct workplace *workplace, int head_count)
{
    const struct sql_workplace_get_row *row = &workplace->row;
    if (row->roster_locked_at.set)
        return tx_fail(tx, ERROR_REFUSED, "The roster of %s is locked already, with %lld people",
            row->code, (long long)row->head_count.value);
    if (!state_may_follow(MACHINE_UNIT, row->state, "roster-locked"))
        return tx_fail(tx, ERROR_REFUSED, "%s is %s; a roster is locked before allocation",
            row->code, row->state);
    return sql_roster_lock(tx,
               &(struct sql_roster_lock){
                   .trial_id = trial_id, .unit_id = row->unit_id, .head_count = head_count},
               NULL) &&
           set_state(tx, trial_id, row->unit_id, "roster-locked");
}

bool
workplace_withdraw(struct tx *tx, struct uuid trial_id, struct uuid unit_id)
{
    return set_state(tx, trial_id, unit_id, "withdrawn") && task_cancel_unit(tx, trial_id, unit_id);
}
