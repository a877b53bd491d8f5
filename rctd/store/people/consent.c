/*
 * consent.c: adds events to the ledger. What follows from one at once, the database does.
 */
#include "store/people/consent.h"

#include "base/text.h"

bool
consent_add(struct tx *tx, struct uuid trial_id, const struct unit *unit,
    const struct consent_event *event, struct uuid *consent_id, struct consent_effect *effect)
{
    struct sql_unit_planned_row before, planned;
    struct sql_consent_unit_state_row after;
    struct uuid unit_id = unit->row.unit_id;
    const struct sql_unit_planned unit_planned = {.trial_id = trial_id, .unit_id = unit_id};
    bool was_out = text_equal(unit->row.state, "withdrawn");
    *consent_id = uuid_new();
    sql_unit_planned(tx, &unit_planned, &before);
    sql_consent_insert(tx,
        &(struct sql_consent_insert){.trial_id = trial_id,
            .unit_id = unit_id,
            .consent_id = *consent_id,
            .form = event->form,
            .form_version = (int32_t)event->version,
            .language = event->language,
            .decision = event->given ? "given" : "withdrawn",
            .scopes = event->scopes,
            .shown_at = event->shown_at,
            .decided_at = event->decided_at,
            .decided_by = event->decided_by,
            .how = event->how,
            .protocol_version = event->protocol_version,
            .recorded_by = event->recorded_by,
            .text_sha256 = event->text_sha256,
            .decided_on = event->decided_on},
        NULL);
    sql_unit_touch(tx, &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = unit_id}, NULL);
    if (!sql_unit_planned(tx, &unit_planned, &planned) ||
        !sql_consent_unit_state(
            tx, &(struct sql_consent_unit_state){.trial_id = trial_id, .unit_id = unit_id}, &after))
        return false;
    *effect = (struct consent_effect){
        .withdrawn = !was_out && text_equal(after.state, "withdrawn"),
        .was_out = was_out || after.workplace_out,
        .tasks = planned.tasks < before.tasks ? before.tasks - planned.tasks : 0,
        .reminders =
            planned.reminders < before.reminders ? before.reminders - planned.reminders : 0,
    };
    return true;
}
