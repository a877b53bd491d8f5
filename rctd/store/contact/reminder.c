/*
 * reminder.c: what the dispatcher and the people behind it do with reminders, each in its
 * statement.
 */
#include "store/contact/reminder.h"

#include "base/text.h"
#include "store/people/unit.h"
#include "trial/consent.h"
#include "trial/readiness.h"

#include <string.h>

bool
reminder_send_again(struct tx *tx, struct uuid trial_id, const char *scope, struct uuid reminder_id)
{
    bool found = false;
    struct sql_reminder_get_row row;
    if (!sql_reminder_hold_unit(tx,
            &(struct sql_reminder_hold_unit){.trial_id = trial_id, .reminder_id = reminder_id},
            NULL) ||
        !sql_reminder_get(tx,
            &(struct sql_reminder_get){
                .trial_id = trial_id, .scope = scope, .reminder_id = reminder_id},
            &row, &found))
        return false;
    if (!found)
        return tx_fail(tx, ERROR_NOT_FOUND,
            "There is no reminder with that number here; `rctctl reminder list' shows them");
    if (!text_equal(row.state, "dead"))
        return tx_fail(tx, ERROR_REFUSED,
            "The reminder of %s is %s; only a dead one is sent again by hand", row.code, row.state);
    if (text_equal(row.unit_state, "withdrawn"))
        return tx_fail(
            tx, ERROR_REFUSED, "%s has withdrawn: nothing is sent to it any more", row.code);
    if (row.objection != NULL)
        return tx_fail(tx, ERROR_REFUSED, "Nothing is sent to %s: the consent to it %s", row.code,
            consent_objection_words(row.objection));
    return sql_reminder_replay(
        tx, &(struct sql_reminder_replay){.trial_id = trial_id, .reminder_id = reminder_id}, NULL);
}

bool
lease_take(struct tx *tx, struct uuid holder, int64_t fences[REMINDER_SHARDS], int *held)
{
    struct sql_lease_take_rows rows;
    memset(fences, 0, REMINDER_SHARDS * sizeof fences[0]);
    *held = 0;
    if (!sql_lease_take(tx, &(struct sql_lease_take){.holder = holder}, &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (rows.rows[i].shard >= 0 && rows.rows[i].shard < REMINDER_SHARDS)
            fences[rows.rows[i].shard] = rows.rows[i].fence;
    *held = (int)rows.count;
    return true;
}

bool
lease_release(struct tx *tx, struct uuid holder)
{
    return sql_lease_release(tx, &(struct sql_lease_release){.holder = holder}, NULL);
}

bool
lease_has_first(struct tx *tx, struct uuid holder, bool *has)
{
    struct sql_lease_first_row row;
    bool done = sql_lease_first(tx, &(struct sql_lease_first){.holder = holder}, &row);
    *has = row.held;
    return done;
}

bool
dispatch_trials(struct tx *tx, struct sql_dispatch_trials_rows *trials)
{
    return sql_dispatch_trials(tx, trials);
}

bool
reminder_due(struct tx *tx, struct uuid trial_id, const char *shards, const char *paused,
    const char *busy, int most, struct sql_reminder_due_rows *due)
{
    return sql_reminder_due(tx,
        &(struct sql_reminder_due){
            .trial_id = trial_id, .shards = shards, .paused = paused, .busy = busy, .most = most},
        due);
}

static void
append_id(struct text *list, struct uuid id)
{
    char text[UUID_TEXT_SIZE];
    text_printf(list, "%s\"%s\"", list->length == 1 ? "" : ",", uuid_text(id, text));
}

bool
reminder_check(struct tx *tx, struct uuid trial_id, struct uuid holder,
    const struct sql_reminder_due_rows *due, bool ask, struct sql_reminder_check_rows *checked)
{
    struct text units;
    struct text reminders;
    struct sql_reminder_hold_units_rows held;
    text_init(&units, tx_arena(tx));
    text_init(&reminders, tx_arena(tx));
    text_append(&units, "[");
    text_append(&reminders, "[");
    for (size_t i = 0; i < due->count; i++) {
        append_id(&units, due->rows[i].unit_id);
        append_id(&reminders, due->rows[i].reminder_id);
    }
    text_append(&units, "]");
    text_append(&reminders, "]");
    *checked = (struct sql_reminder_check_rows){0};
    return sql_reminder_hold_units(tx,
               &(struct sql_reminder_hold_units){.trial_id = trial_id, .units = units.bytes},
               &held) &&
           sql_reminder_check(tx,
               &(struct sql_reminder_check){.trial_id = trial_id,
                   .holder = holder,
                   .reminders = reminders.bytes,
                   .ask = ask},
               checked);
}

/* Has a workplace said no to a consent that allocation needed? A participant's no is a matter of
 * rctd.may() alone. */
static bool
has_refused(
    struct arena *arena, const struct protocol *protocol, const struct sql_reminder_check_row *row)
{
    struct readiness_unit unit;
    if (!text_equal(row->unit_kind, "workplace"))
        return false;
    unit_facts(arena,
        &(struct unit_stored){.kind = PROTOCOL_WORKPLACE,
            .state = row->unit_state,
            .attributes = "{}",
            .answers = "{}",
            .consents = row->agreements},
        &unit);
    return readiness_consents_refused(
        protocol, PROTOCOL_WORKPLACE, unit.consents, unit.consent_count);
}

const char *
reminder_objection(struct arena *arena, const struct protocol *protocol,
    const struct sql_reminder_check_row *row, bool *waits)
{
    bool person = text_equal(row->unit_kind, "participant");
    *waits = false;
    if (text_equal(row->unit_state, "withdrawn"))
        return person ? "The participant has withdrawn" : "The workplace has withdrawn";
    if (has_refused(arena, protocol, row))
        return "A consent that the protocol needs no longer holds";
    if (!text_equal(row->task_state, "planned") && !text_equal(row->task_state, "missed"))
        return "The task is no longer open";
    if (row->closed)
        return "The task's window has closed";
    *waits = consent_may_come(row->objection);
    return row->objection == NULL ? NULL
                                  : arena_printf(arena, "The consent to it: %s",
                                        consent_objection_words(row->objection));
}

bool
reminder_wait(struct tx *tx, struct uuid trial_id, struct uuid reminder_id)
{
    return sql_reminder_wait(
        tx, &(struct sql_reminder_wait){.trial_id = trial_id, .reminder_id = reminder_id}, NULL);
}

bool
reminder_cancel(struct tx *tx, struct uuid trial_id, struct uuid reminder_id, const char *reason)
{
    struct tx_context context = *tx_context(tx);
    context.action = "reminder.stop";
    context.reason = reason;
    return tx_act_as(tx, &context) &&
           sql_reminder_cancel(tx,
               &(struct sql_reminder_cancel){.trial_id = trial_id, .reminder_id = reminder_id},
               NULL);
}

bool
reminder_hand_over(struct tx *tx, struct uuid trial_id, const char *attempts)
{
    return sql_reminder_hand_over(
        tx, &(struct sql_reminder_hand_over){.trial_id = trial_id, .attempts = attempts}, NULL);
}

bool
reminder_record(struct tx *tx, struct uuid trial_id, struct uuid holder, const char *results)
{
    return sql_reminder_record(tx,
        &(struct sql_reminder_record){.trial_id = trial_id, .holder = holder, .results = results},
        NULL);
}

bool
reminder_stranded(struct tx *tx, struct uuid trial_id, int64_t *stranded)
{
    struct sql_reminder_stranded_row row;
    bool done =
        sql_reminder_stranded(tx, &(struct sql_reminder_stranded){.trial_id = trial_id}, &row);
    *stranded = row.stranded;
    return done;
}

bool
endpoint_gone(struct tx *tx, struct uuid trial_id, struct uuid endpoint_id)
{
    struct tx_context context = *tx_context(tx);
    context.action = "endpoint.gone";
    return tx_act_as(tx, &context) &&
           sql_endpoint_gone(tx,
               &(struct sql_endpoint_gone){.trial_id = trial_id,
                   .endpoint_id = endpoint_id,
                   .disabled_reason = "The receiver answered 410: it is gone for good"},
               NULL);
}
