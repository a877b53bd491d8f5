/*
 * idempotency.c: the same key gives the same answer; the same key with another request is refused.
 */
#include "store/idempotency.h"

#include "db/statement.h"

#include <string.h>

#define KEY_REUSED                                                                                 \
    "This Idempotency-Key was used for another request; use a new key for a new request"

bool
idempotency_take(struct tx *tx, struct uuid trial_id, const char *key)
{
    struct sql_idempotency_take_row row;
    if (!sql_idempotency_take(
            tx, &(struct sql_idempotency_take){.trial_id = trial_id, .key = key}, &row))
        return false;
    if (!row.taken)
        return tx_fail(tx, ERROR_IN_FLIGHT,
            "A request with this Idempotency-Key is being worked on; ask again with the same key");
    return true;
}

bool
idempotency_find(struct tx *tx, struct uuid trial_id, const char *key, struct uuid account_id,
    struct digest request, struct idempotency_answer *answer)
{
    struct sql_idempotency_find_row row;
    bool found;
    *answer = (struct idempotency_answer){0};
    if (!sql_idempotency_find(
            tx, &(struct sql_idempotency_find){.trial_id = trial_id, .key = key}, &row, &found))
        return false;
    if (!found)
        return true;
    bool same_request = row.request.size == DIGEST_SIZE &&
                        memcmp(row.request.data, request.bytes, DIGEST_SIZE) == 0;
    if (!same_request || !uuid_equal(row.account_id, account_id))
        return tx_fail(tx, ERROR_KEY_REUSED, KEY_REUSED);
    *answer = (struct idempotency_answer){
        .found = true, .status = row.status, .answer = row.answer, .restricted = row.restricted};
    return true;
}

bool
idempotency_store(struct tx *tx, struct uuid trial_id, const char *key, struct uuid account_id,
    struct digest request, const struct idempotency_answer *answer)
{
    /* Where the answer that has the key names an arm, this role could not find it. */
    return tx_explain_later(tx, "idempotency_pkey", ERROR_KEY_REUSED, KEY_REUSED) &&
           sql_idempotency_store(tx,
               &(struct sql_idempotency_store){.trial_id = trial_id,
                   .key = key,
                   .account_id = account_id,
                   .request = {request.bytes, sizeof request.bytes},
                   .status = answer->status,
                   .answer = answer->answer,
                   .restricted = answer->restricted,
                   .for_ever = answer->for_ever},
               NULL);
}
