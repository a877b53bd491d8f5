/*
 * trial.c: makes trials and moves their phases.
 */
#include "store/conduct/trial.h"

#include "base/text.h"
#include "trial/state.h"

bool
trial_create(struct tx *tx, struct uuid trial_id, const char *name, const char *title,
    const char *organisation)
{
    int64_t made;
    if (!sql_trial_insert(tx,
            &(struct sql_trial_insert){.trial_id = trial_id,
                .name = name,
                .title = title,
                .organisation = organisation == NULL ? "" : organisation},
            &made))
        return false;
    if (made == 0)
        return tx_fail(tx, ERROR_CONFLICT, "There is a trial called %s already", name);
    return true;
}

static bool
refuse_unknown_phase(struct tx *tx, struct uuid trial_id, const char *phase)
{
    struct text names;
    struct sql_phase_list_rows phases;
    text_init(&names, tx_arena(tx));
    if (!sql_phase_list(tx, &(struct sql_phase_list){.trial_id = trial_id}, &phases))
        return false;
    for (size_t i = 0; i < phases.count; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : ", ", phases.rows[i].phase);
    if (phases.count == 0)
        return tx_fail(tx, ERROR_REFUSED,
            "The trial has no phase yet: its trial manager locks a protocol first");
    return tx_fail(
        tx, ERROR_NOT_FOUND, "The trial has no phase called %s; it has %s", phase, names.bytes);
}

static bool
refuse_move(struct tx *tx, const char *phase, const char *from, const char *to)
{
    if (text_equal(from, to))
        return tx_fail(tx, ERROR_REFUSED, "The phase %s is %s already", phase, from);
    if (text_equal(from, "closed"))
        return tx_fail(
            tx, ERROR_REFUSED, "The phase %s is closed for good; it cannot be opened again", phase);
    return tx_fail(
        tx, ERROR_REFUSED, "The phase %s was never open; there is nothing to close", phase);
}

bool
phase_move(struct tx *tx, struct uuid trial_id, const char *phase, const char *state)
{
    struct sql_phase_get_row row;
    bool found;
    /* Allocations share the trial's lock: those under way come first, those after see the change.
     */
    if (!sql_trial_lock(tx, &(struct sql_trial_lock){.trial_id = trial_id}, NULL) ||
        !sql_phase_get(
            tx, &(struct sql_phase_get){.trial_id = trial_id, .phase = phase}, &row, &found))
        return false;
    if (!found)
        return refuse_unknown_phase(tx, trial_id, phase);
    if (!state_may_follow(MACHINE_PHASE, row.state, state))
        return refuse_move(tx, phase, row.state, state);
    return sql_phase_set_state(tx,
        &(struct sql_phase_set_state){.trial_id = trial_id, .phase = phase, .state = state}, NULL);
}
