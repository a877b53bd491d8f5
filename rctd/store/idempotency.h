/*
 * idempotency.h: answers kept by idempotency key (IETF draft-07), in the transaction that they
 * speak of.
 */
#ifndef RCTD_STORE_IDEMPOTENCY_H
#define RCTD_STORE_IDEMPOTENCY_H

#include "base/compiler.h"
#include "base/digest.h"
#include "db/transaction.h"

#include <stdbool.h>

struct idempotency_answer {
    bool found;
    int status;
    const char *answer; /* byte for byte */
    bool restricted;    /* names an arm: kept from blinded roles by the database */
    bool for_ever;      /* as long as the trial; else two days */
};

/* Takes the key until the transaction ends; ERROR_IN_FLIGHT while another transaction has it. */
bool idempotency_take(struct tx *tx, struct uuid trial_id, const char *key) MUST_CHECK;

/* ERROR_KEY_REUSED when the key stands for another request, or another account's. */
bool idempotency_find(struct tx *tx, struct uuid trial_id, const char *key, struct uuid account_id,
    struct digest request, struct idempotency_answer *answer) MUST_CHECK;

bool idempotency_store(struct tx *tx, struct uuid trial_id, const char *key, struct uuid account_id,
    struct digest request, const struct idempotency_answer *answer) MUST_CHECK;

#endif
