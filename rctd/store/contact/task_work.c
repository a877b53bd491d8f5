/*
 * task_work.c: claims, appointments and outcomes of tasks, each one statement; triggers check and
 * do the rest.
 */
#include "store/contact/task_work.h"

#include "base/text.h"
#include "store/people/unit.h"

#include <stdlib.h>

bool
task_work_find(struct tx *tx, struct task_work *work, const char *text)
{
    bool found = false;
    struct uuid task_id;
    if (uuid_parse(text, &task_id) &&
        !sql_task_work_find(tx,
            &(struct sql_task_work_find){
                .trial_id = work->trial_id, .scope = work->scope, .task_id = task_id},
            &work->task, &found))
        return false;
    return found || tx_fail(tx, ERROR_NOT_FOUND,
                        "There is no task %.40s for you here that somebody is met or called for; "
                        "`rctctl task mine' lists yours",
                        text);
}

bool
task_work_claim(struct tx *tx, const struct task_work *work)
{
    return sql_task_claim_insert(tx,
        &(struct sql_task_claim_insert){.trial_id = work->trial_id,
            .claim_id = uuid_new(),
            .task_id = work->task.task_id,
            .unit_id = work->task.unit_id,
            .account_id = work->account_id},
        NULL);
}

bool
task_work_release(struct tx *tx, const struct task_work *work)
{
    int64_t released;
    if (!sql_task_claim_release(tx,
            &(struct sql_task_claim_release){
                .trial_id = work->trial_id, .task_id = work->task.task_id},
            &released))
        return false;
    return released == 1 || tx_fail(tx, ERROR_REFUSED, "Nobody has claimed this task");
}

/* An array of ids as text; in the arena. */
static const char *
dump(struct arena *arena, json_t *ids)
{
    char *dumped = json_dumps(ids, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(ids);
    return text;
}

static const char *
one_member(struct tx *tx, struct uuid unit_id)
{
    char id[UUID_TEXT_SIZE];
    return dump(tx_arena(tx), json_pack("[s]", uuid_text(unit_id, id)));
}

static bool
is_among(const struct sql_booking_members_rows *found, const char *code)
{
    for (size_t i = 0; i < found->count; i++)
        if (text_equal(found->rows[i].code, code))
            return true;
    return false;
}

/* The ids of the participants of these codes; NULL where the transaction has failed. */
static const char *
read_members(
    struct tx *tx, const struct task_work *work, const json_t *members, struct faults *faults)
{
    struct arena *arena = tx_arena(tx);
    struct sql_booking_members_rows found;
    json_t *codes = json_array(), *ids = json_array();
    size_t index;
    json_t *item;
    char id[UUID_TEXT_SIZE];
    json_array_foreach(members, index, item) json_array_append_new(
        codes, json_string(unit_code(arena, PROTOCOL_PARTICIPANT, json_string_value(item))));
    bool ok = sql_booking_members(tx,
        &(struct sql_booking_members){.trial_id = work->trial_id,
            .scope = work->scope,
            .codes = dump(arena, json_incref(codes))},
        &found);
    json_array_foreach(codes, index, item) if (ok && !is_among(&found, json_string_value(item)))
        faults_add(faults, arena_printf(arena, "/participants/%zu", index), 0, 0,
            "codes look like PK7H3WAT", "there is no participant %.40s for you in this trial",
            json_string_value(item));
    for (size_t i = 0; ok && i < found.count; i++)
        json_array_append_new(ids, json_string(uuid_text(found.rows[i].unit_id, id)));
    json_decref(codes);
    const char *text = dump(arena, ids);
    if (ok && faults->total > 0)
        ok = tx_fail(tx, ERROR_FIELDS, "Nobody was booked");
    return ok ? text : NULL;
}

bool
task_work_book(struct tx *tx, const struct task_work *work,
    const struct task_appointment *appointment, struct faults *faults)
{
    const char *units = appointment->members == NULL
                            ? one_member(tx, work->task.unit_id)
                            : read_members(tx, work, appointment->members, faults);
    return units != NULL &&
           sql_booking_insert(tx,
               &(struct sql_booking_insert){.trial_id = work->trial_id,
                   .task_id = work->task.task_id,
                   .units = units,
                   .account_id = work->task.claimed_by_id.set ? work->task.claimed_by_id.value
                                                              : work->account_id,
                   .at = appointment->at,
                   .booked_by = work->account_id,
                   .outside_hours = appointment->outside_hours},
               NULL);
}

bool
task_work_cancel(struct tx *tx, const struct task_work *work, const char *member)
{
    struct unit unit;
    struct opt_uuid unit_id = {0};
    int64_t cancelled;
    if (member != NULL) {
        if (!unit_read(tx, work->trial_id, work->scope, PROTOCOL_PARTICIPANT, member, false, &unit))
            return false;
        unit_id = (struct opt_uuid){true, unit.row.unit_id};
    }
    if (!sql_booking_cancel(tx,
            &(struct sql_booking_cancel){
                .trial_id = work->trial_id, .task_id = work->task.task_id, .unit_id = unit_id},
            &cancelled))
        return false;
    return cancelled > 0 || tx_fail(tx, ERROR_REFUSED, "There is no appointment to cancel");
}

bool
task_work_end(struct tx *tx, const struct task_work *work, const char *outcome, const char *guess,
    struct opt_bool revealed)
{
    return sql_contact_insert(tx,
        &(struct sql_contact_insert){.trial_id = work->trial_id,
            .task_id = work->task.task_id,
            .contact_id = uuid_new(),
            .unit_id = work->task.unit_id,
            .account_id = work->account_id,
            .outcome = outcome,
            .guess = guess,
            .revealed = revealed},
        NULL);
}
