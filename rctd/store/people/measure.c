/*
 * measure.c: what is asked before data is stored or released, in words that say what to do.
 */
#include "store/people/measure.h"

#include "base/text.h"
#include "trial/consent.h"
#include "trial/measure.h"

#include <stdlib.h>

const char *const measure_quarantines[] = {"before-consent", "never-asked", "old-version", NULL};

static bool
fault(struct faults *faults, struct tx *tx, const char *pointer, const char *remedy,
    const char *message)
{
    faults_add(faults, pointer, 0, 0, remedy, "%s", message);
    return tx_fail(tx, ERROR_FIELDS, "The measurement cannot be stored as it is");
}

static const char *
list_instruments(struct arena *arena, const struct protocol *protocol)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < protocol->instrument_count; i++)
        text_printf(
            &list, "%s%s", i == 0 ? "the instruments are " : ", ", protocol->instruments[i].name);
    return list.bytes;
}

/* A task of the participant that asks for the instrument. */
static bool
check_task(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    const struct unit *unit, const struct protocol_instrument *instrument, struct uuid task_id,
    struct faults *faults, size_t *instruments)
{
    struct sql_measure_task_row row;
    bool found;
    const struct protocol_task *task = NULL;
    if (!sql_measure_task(tx,
            &(struct sql_measure_task){
                .trial_id = trial_id, .unit_id = unit->row.unit_id, .task_id = task_id},
            &row, &found))
        return false;
    if (!found)
        return fault(faults, tx, "/task", "`rctctl task list' shows them",
            arena_printf(tx_arena(tx), "%s has no such task", unit->row.code));
    for (size_t i = 0; i < protocol->task_count; i++)
        if (text_equal(protocol->tasks[i].name, row.task))
            task = &protocol->tasks[i];
    *instruments = task == NULL ? 0 : task->instrument_count;
    return measure_is_of_task(protocol, task, instrument) ||
           fault(faults, tx, "/task", "leave it out, or name the task that asks for it",
               arena_printf(
                   tx_arena(tx), "the task %s does not ask for %s", row.task, instrument->name));
}

/* Is it asked for only by tasks that need a consent of their own? Then one of them is named, so
 * that the consent is asked for. */
static bool
needs_task(const struct protocol *protocol, const struct protocol_instrument *instrument)
{
    bool asked = false;
    for (size_t i = 0; i < protocol->task_count; i++) {
        const struct protocol_task *task = &protocol->tasks[i];
        if (!measure_is_of_task(protocol, task, instrument))
            continue;
        if (task->scope == NULL)
            return false;
        asked = true;
    }
    return asked;
}

static const char *
dump(struct arena *arena, const struct protocol_values *values)
{
    json_t *object = json_object();
    for (size_t i = 0; i < values->count; i++)
        json_object_set_new(object, values->items[i].name, json_string(values->items[i].value));
    char *text = json_dumps(object, JSON_COMPACT);
    const char *kept = arena_strdup(arena, text);
    free(text);
    json_decref(object);
    return kept;
}

static struct protocol_values
given(struct arena *arena, json_t *object)
{
    struct protocol_value *items = arena_array(arena, json_object_size(object), sizeof *items);
    struct protocol_values values = {.items = items};
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) items[values.count++] =
        (struct protocol_value){.name = name, .value = json_string_value(value)};
    return values;
}

static bool
ask(struct tx *tx, struct uuid trial_id, const struct unit *unit, const struct measure_new *new,
    int64_t collected, struct sql_measure_standing_row *row)
{
    return sql_measure_standing(tx,
        &(struct sql_measure_standing){.trial_id = trial_id,
            .unit_id = unit->row.unit_id,
            .collected_at = collected,
            .task_id = new->task_id},
        row);
}

/* What the unit's consents make of it, which from here on is held. Where it matters at what time of
 * a day it was collected, that is asked for. */
static bool
stand(struct tx *tx, struct uuid trial_id, const struct unit *unit, const struct measure_new *new,
    struct faults *faults, const char **quarantine)
{
    struct sql_measure_standing_row row, late;
    *quarantine = NULL;
    if (!ask(tx, trial_id, unit, new, new->collected_at, &row) ||
        !ask(tx, trial_id, unit, new, new->collected_until, &late))
        return false;
    if ((row.standing == NULL) != (late.standing == NULL))
        return fault(faults, tx, "/collected_at", "write the time of day as well",
            arena_printf(tx_arena(tx), "a consent of %s changed on that day", unit->row.code));
    *quarantine = row.standing;
    if (row.standing == NULL)
        return true;
    for (size_t i = 0; measure_quarantines[i] != NULL; i++)
        if (text_equal(row.standing, measure_quarantines[i]))
            return true;
    return tx_fail(tx, ERROR_REFUSED, "No data of %s is taken: %s", unit->row.code,
        consent_objection_words(row.standing));
}

bool
measure_add(struct tx *tx, const struct protocol *protocol, int version, struct uuid trial_id,
    const struct unit *unit, const struct measure_new *new, struct faults *faults,
    struct uuid *measure_id, const char **quarantine)
{
    struct arena *arena = tx_arena(tx);
    struct protocol_values values = given(arena, new->values), normal;
    const struct protocol_instrument *instrument = measure_instrument(protocol, new->instrument);
    size_t instruments = 0;
    *measure_id = uuid_new();
    *quarantine = NULL;
    if (instrument == NULL)
        return fault(faults, tx, "/instrument", list_instruments(arena, protocol),
            arena_printf(arena, "the protocol has no instrument called %s", new->instrument));
    if (!measure_check(arena, instrument, &values, faults, &normal))
        return tx_fail(tx, ERROR_FIELDS, "The measurement cannot be stored as it is");
    if (!new->task_id.set && needs_task(protocol, instrument))
        return fault(faults, tx, "/task", "name the task that it was for",
            arena_printf(arena, "%s is asked for by tasks that need a consent of their own",
                new->instrument));
    if (new->task_id.set && !check_task(tx, protocol, trial_id, unit, instrument,
                                new->task_id.value, faults, &instruments))
        return false;
    if (!stand(tx, trial_id, unit, new, faults, quarantine) ||
        !sql_measure_insert(tx,
            &(struct sql_measure_insert){.trial_id = trial_id,
                .measure_id = *measure_id,
                .unit_id = unit->row.unit_id,
                .instrument = instrument->name,
                .task_id = new->task_id,
                .collected_at = new->collected_at,
                .measured = dump(arena, &normal),
                .quarantine = *quarantine,
                .arm_specific = measure_tells_arm(protocol, instrument),
                .protocol_version = version,
                .recorded_by = new->recorded_by},
            NULL))
        return false;
    return !new->task_id.set || sql_measure_ends_task(tx,
                                    &(struct sql_measure_ends_task){.trial_id = trial_id,
                                        .task_id = new->task_id.value,
                                        .instruments = (int32_t)instruments},
                                    NULL);
}

bool
measure_let_go(struct tx *tx, struct uuid trial_id, const char *scope, struct uuid measure_id,
    const char *reason, struct uuid account_id)
{
    struct sql_measure_list_rows rows;
    struct sql_measure_objection_row now;
    if (!sql_measure_list(tx,
            &(struct sql_measure_list){
                .trial_id = trial_id, .scope = scope, .most = 1, .only = {true, measure_id}},
            &rows))
        return false;
    if (rows.count == 0)
        return tx_fail(tx, ERROR_NOT_FOUND,
            "There is no measurement with that number for you; `rctctl measure list' shows them");
    const struct sql_measure_list_row *row = &rows.rows[0];
    if (text_equal(row->state, "in-use"))
        return tx_fail(tx, ERROR_REFUSED, "This measurement of %s is in use already", row->code);
    if (!sql_measure_objection(tx,
            &(struct sql_measure_objection){.trial_id = trial_id, .unit_id = row->unit_id}, &now))
        return false;
    if (now.objection != NULL)
        return tx_fail(tx, ERROR_REFUSED,
            "Data of %s stays in quarantine while the consent to it does not hold: %s", row->code,
            consent_objection_words(now.objection));
    return sql_measure_release(tx,
        &(struct sql_measure_release){.trial_id = trial_id,
            .measure_id = measure_id,
            .unit_id = row->unit_id,
            .reason = reason,
            .released_by = account_id},
        NULL);
}
