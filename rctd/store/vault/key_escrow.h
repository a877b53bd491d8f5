/*
 * key_escrow.h: the master key as it lies in the database, sealed to those who keep it against its
 * loss (base/escrow.h); with the database it is in every backup.
 */
#ifndef RCTD_STORE_KEY_ESCROW_H
#define RCTD_STORE_KEY_ESCROW_H

#include "base/compiler.h"
#include "base/escrow.h"
#include "db/statement.h"

#include <stdbool.h>

/* What a daemon seals at its start: its own key, to the public keys of its configuration. */
struct key_escrow {
    const struct seal_key *key;
    const char *first;
    const char *second; /* NULL: one person opens it alone */
};

/* Stores `data`, a struct key_escrow, where the database has none of that key for those people. For
 * session_transact(), as DB_ROLE_VAULT. */
bool key_escrow_keep(struct tx *tx, void *data) MUST_CHECK;

/* The texts of all master keys that were sealed, the newest of each, those in use first, into
 * `*data`, a const char * of the transaction's arena; "" where there is none. For
 * session_transact(), as DB_ROLE_VAULT. */
bool key_escrow_texts(struct tx *tx, void *data) MUST_CHECK;

#endif
