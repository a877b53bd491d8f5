/*
 * allocation_private.h: what allocating one unit and allocating a batch have in common. For
 * store/allocation_*.c alone.
 */
#ifndef RCTD_STORE_ALLOCATION_PRIVATE_H
#define RCTD_STORE_ALLOCATION_PRIVATE_H

#include "store/conduct/allocation.h"

/* A decision as the ledger keeps it. */
struct allocation_row {
    struct uuid allocation_id;
    const struct unit *unit;
    const char *stratum;
    int64_t position;
    size_t arm;
    const char *decision; /* JSON; lives until the transaction ends */
    struct uuid account_id;
    const char *key; /* the request's */
};

/* Freezes flags, writes ledger, state and tasks; queued: what fails of it fails with the next
 * statement. */
bool allocation_write(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_row *row) MUST_CHECK;

/* After a statement that sent such rows failed: a key that was used before is said in words. Always
 * false. */
bool allocation_explain(struct tx *tx);

#endif
