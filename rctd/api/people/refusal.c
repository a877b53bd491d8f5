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

/* How many people the refusal would tell of. */
static size_t
count_met(const struct call *call, const struct error *error)
{
    if (refusal_is(error))
        return 1;
    return error->code == ERROR_FIELDS ? call->enrolments_refused : 0;
}

static bool
write_down(struct note *note, struct error *error)
{
    const struct call *call = note->call;
    const struct tx_context context = {.role = DB_ROLE_APP,
        .account_id = call->caller.account_id,
        .actor = call->caller.name,
        .actor_role = role_name(call->role),
        .organisation = call->caller.organisation,
        .action = call->request->route->id,
        .request_id = call->request->id};
    return session_transact(call->session, call->arena, &context, note_in_transaction, note, error);
}

void
refusal_settle(struct call *call, struct error *error)
{
    struct error trouble = ERROR_CLEAR;
    struct note note = {.call = call, .met = count_met(call, error)};
    if (note.met == 0)
        return;
    if (!write_down(&note, &trouble))
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
