/*
 * master_key.h: which master keys the database is sealed under. A trial's own keys, seeds and
 * endpoint secrets each name the key that they lie under; an escrow names one that was there, and
 * not that anything lies under it.
 */
#ifndef RCTD_STORE_MASTER_KEY_H
#define RCTD_STORE_MASTER_KEY_H

#include "base/compiler.h"
#include "base/seal.h"
#include "db/statement.h"

#include <stdbool.h>

/* The key that a daemon was started with, and what the database says to it. */
struct master_key {
    const struct seal_key *key;
    bool opens; /* something that is sealed there, or nothing is sealed yet */
    char expected[4 * SEAL_ID_SIZE +
                  16]; /* where not: the ids of the keys that would, the one with the most first */
};

/* Holds `data`, a struct master_key, against the database. For session_transact(), as
 * DB_ROLE_VAULT. */
bool master_key_hold(struct tx *tx, void *data) MUST_CHECK;

#endif
