/*
 * workplace.c: reads a workplace and records what happens to it.
 */
#include "store/people/workplace.h"

#include "base/text.h"
#include "store/people/unit.h"
#include "trial/state.h"

#include <string.h>

void
workplace_unit(
    struct arena *arena, const struct sql_workplace_get_row *row, struct readiness_unit *unit)
{
    unit_facts(arena,
        &(struct unit_stored){.kind = PROTOCOL_WORKPLACE,
            .state = row->state,
            .attributes = row->attributes,
            .answers = row->answers,
            .consents = row->agreements,
            .roster_locked = row->roster_locked_at.set,
            .ended = row->ended},
        unit);
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
workplace_lock_roster(
    struct tx *tx, struct uuid trial_id, const struct workplace *workplace, int head_count)
{
    const struct sql_workplace_get_row *row = &workplace->row;
    struct sql_roster_count_row registered;
    if (row->roster_locked_at.set)
        return tx_fail(tx, ERROR_REFUSED, "The roster of %s is locked already, with %lld people",
            row->code, (long long)row->head_count.value);
    if (!state_may_follow(MACHINE_UNIT, row->state, "roster-locked"))
        return tx_fail(tx, ERROR_REFUSED, "%s is %s; a roster is locked before allocation",
            row->code, row->state);
    if (!sql_roster_count(tx,
            &(struct sql_roster_count){.trial_id = trial_id, .unit_id = row->unit_id}, &registered))
        return false;
    if (registered.listed > head_count)
        return tx_fail(tx, ERROR_REFUSED,
            "%lld people are registered in %s today: its roster cannot have only %d; count again, "
            "or move who has left",
            (long long)registered.listed, row->code, head_count);
    return sql_roster_lock(tx,
               &(struct sql_roster_lock){
                   .trial_id = trial_id, .unit_id = row->unit_id, .head_count = head_count},
               NULL) &&
           sql_unit_set_state(tx,
               &(struct sql_unit_set_state){
                   .trial_id = trial_id, .unit_id = row->unit_id, .state = "roster-locked"},
               NULL);
}
