/*
 * refusal.c: counts and writes down refused enrolments; the database holds the count.
 */
#include "store/vault/refusal.h"

#include "base/text.h"

bool
refusal_open(struct tx *tx, struct uuid trial_id)
{
    struct sql_enrolment_told_row row;
    if (!sql_enrolment_told(tx, &(struct sql_enrolment_told){.trial_id = trial_id}, &row))
        return false;
    return row.told < REFUSALS_PER_HOUR ||
           tx_fail(tx, ERROR_RATE_LIMITED,
               "Too many of the people whom you entered within the last hour cannot be registered "
               "in this trial. Nobody with an identity number is taken from you for an hour; ask "
               "the trial office");
}

bool
refusal_is(const struct error *error)
{
    return text_equal(error->where, "identity_once");
}

bool
refusal_note(struct tx *tx, struct uuid trial_id, const char *action, size_t met, bool *told)
{
    struct sql_enrolment_refuse_row row;
    if (!sql_enrolment_refuse(tx,
            &(struct sql_enrolment_refuse){.trial_id = trial_id,
                .action = action,
                .met = (int32_t)met,
                .most = REFUSALS_PER_HOUR},
            &row))
        return false;
    *told = row.told > 0;
    return true;
}
