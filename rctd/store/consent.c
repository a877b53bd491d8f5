/*
 * consent.c: adds events to the ledger and lets a withdrawal take effect at once.
 */
#include "store/consent.h"

#include "base/text.h"

bool
consent_add(struct tx *tx, const struct protocol *protocol, struct uuid trial_id, const char *scope,
    const struct unit *unit, const struct consent_event *event, struct uuid *consent_id,
    bool *withdrawn)
{
    struct unit after;
    *consent_id = uuid_new();
    *withdrawn = false;
    sql_consent_insert(tx,
        &(struct sql_consent_insert){.trial_id = trial_id,
            .unit_id = unit->row.unit_id,
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
            .recorded_by = event->recorded_by},
        NULL);
    sql_unit_touch(
        tx, &(struct sql_unit_touch){.trial_id = trial_id, .unit_id = unit->row.unit_id}, NULL);
    if (!text_equal(unit->row.state, "allocated"))
        return tx_ok(tx);
    if (!unit_read(tx, trial_id, scope, unit->kind, unit->row.code, false, &after))
        return false;
    *withdrawn = readiness_consents_refused(
        protocol, unit->kind, after.facts.consents, after.facts.consent_count);
    return !*withdrawn || unit_withdraw(tx, trial_id, unit->row.unit_id);
}
