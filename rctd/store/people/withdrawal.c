/*
 * withdrawal.c: adds rows to the ledger of stops and counts what they did.
 */
#include "store/people/withdrawal.h"

#include "base/text.h"
#include "trial/consent.h"

#include <stdlib.h>

static bool
names(json_t *stops, const char *name)
{
    size_t index;
    json_t *value;
    json_array_foreach(
        stops, index, value) if (text_equal(json_string_value(value), name)) return true;
    return false;
}

/* The stops that are meant, as a JSON array of names. */
static const char *
meant(struct arena *arena, json_t *stops)
{
    bool everything = names(stops, WITHDRAWAL_EVERYTHING);
    struct text list;
    text_init(&list, arena);
    text_append(&list, "[");
    for (int stop = 0; stop < CONSENT_STOP_COUNT; stop++) {
        const char *name = consent_stop_name((enum consent_stop)stop);
        if (names(stops, name) || (everything && stop != CONSENT_STOP_DATA_USE))
            text_printf(&list, "%s\"%s\"", list.length == 1 ? "" : ",", name);
    }
    text_append(&list, "]");
    return list.bytes;
}

static bool
in_force(struct tx *tx, struct uuid trial_id, struct uuid unit_id, json_t **stops)
{
    struct sql_stop_in_force_rows rows;
    *stops = NULL;
    if (!sql_stop_in_force(
            tx, &(struct sql_stop_in_force){.trial_id = trial_id, .unit_id = unit_id}, &rows))
        return false;
    *stops = json_array();
    for (size_t i = 0; i < rows.count; i++)
        json_array_append_new(*stops, json_string(rows.rows[i].stop));
    return true;
}

/* Only what is stopped can go on. */
static bool
check_resume(struct tx *tx, struct uuid trial_id, const struct unit *unit, json_t *wanted)
{
    json_t *stops;
    size_t index;
    json_t *value;
    const char *not_stopped = NULL;
    if (text_equal(unit->row.state, "withdrawn"))
        return tx_fail(tx, ERROR_REFUSED,
            "%s has withdrawn altogether; nobody is brought back into a trial", unit->row.code);
    if (!in_force(tx, trial_id, unit->row.unit_id, &stops))
        return false;
    json_array_foreach(wanted, index, value) if (!names(stops, json_string_value(value)))
        not_stopped = json_string_value(value);
    json_decref(stops);
    return not_stopped == NULL ||
           tx_fail(tx, ERROR_REFUSED, "%s has not stopped %s; there is nothing to resume",
               unit->row.code, not_stopped);
}

static bool
count(struct tx *tx, struct uuid trial_id, struct uuid unit_id, struct sql_unit_planned_row *row)
{
    return sql_unit_planned(
        tx, &(struct sql_unit_planned){.trial_id = trial_id, .unit_id = unit_id}, row);
}

bool
withdrawal_record(struct tx *tx, struct uuid trial_id, const struct unit *unit,
    const struct withdrawal *withdrawal, struct withdrawal_effect *effect)
{
    struct uuid unit_id = unit->row.unit_id;
    struct sql_unit_planned_row before, after;
    bool was_out = text_equal(unit->row.state, "withdrawn");
    bool leaves = !withdrawal->resume && names(withdrawal->stops, WITHDRAWAL_EVERYTHING);
    *effect = (struct withdrawal_effect){.withdrawn = was_out || leaves};
    if ((withdrawal->resume && !check_resume(tx, trial_id, unit, withdrawal->stops)) ||
        !count(tx, trial_id, unit_id, &before) ||
        !sql_stop_insert(tx,
            &(struct sql_stop_insert){.trial_id = trial_id,
                .unit_id = unit_id,
                .stops = meant(tx_arena(tx), withdrawal->stops),
                .decision = withdrawal->resume ? "resume" : "stop",
                .decided_by = withdrawal->decided_by,
                .how = withdrawal->how,
                .reason = withdrawal->reason,
                .decided_at = withdrawal->decided_at,
                .recorded_by = withdrawal->recorded_by,
                .decided_on = withdrawal->decided_on},
            NULL))
        return false;
    if (leaves && !was_out
            ? !unit_withdraw(tx, trial_id, unit_id)
            : !sql_unit_touch(
                  tx, &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = unit_id}, NULL))
        return false;
    if (!count(tx, trial_id, unit_id, &after) || !in_force(tx, trial_id, unit_id, &effect->stops))
        return false;
    effect->tasks = llabs(after.tasks - before.tasks);
    effect->reminders = llabs(after.reminders - before.reminders);
    return true;
}
