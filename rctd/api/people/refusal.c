/*
 * refusal.c: the refusal of a second enrolment ends its transaction; the record of it has one of
 * its own, before the answer.
 */
#include "api/people/refusal.h"

#include "store/vault/refusal.h"

struct note {
    struct call *call;
    size_t met;
    bool told;
};

static bool
note_in_transaction(struct tx *tx, void *data)
{
    struct note *note = data;
    return refusal_note(
        tx, note->call->trial_id, note->call->request->route->id, note->met, &note->told);
}

void
refusal_settle(struct call *call, struct error *error)
{
    struct error trouble = ERROR_CLEAR;
    struct note note = {.call = call, .met = call->enrolments_refused};
    const struct tx_context context = {.role = DB_ROLE_APP,
        .account_id = call->caller.account_id,
        .actor = call->caller.name,
        .actor_role = role_name(call->role),
        .organisation = call->caller.organisation,
        .action = call->request->route->id,
        .request_id = call->request->id};
    if (refusal_is(error))
        note.met = 1;
    else if (error->code != ERROR_FIELDS)
        note.met = 0;
    if (note.met == 0)
        return;
    if (!session_transact(
            call->session, call->arena, &context, note_in_transaction, &note, &trouble))
        *error = trouble;
    else if (!note.told)
        error_set(error, ERROR_RATE_LIMITED, "refusal",
            "Of the people whom you entered within the last hour, this time included, more than %d "
            "cannot be registered in this trial. Nothing was stored, and which they are is not "
            "told. "
            "Was this table imported before? Else ask the trial office",
            REFUSALS_PER_HOUR);
    if (error->code != ERROR_FIELDS)
        faults_init(&call->faults, call->arena);
}
