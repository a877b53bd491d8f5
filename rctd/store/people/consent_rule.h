/*
 * consent_rule.h: what a locked protocol version asks for before each action, in the database,
 * where rctd.may() reads it.
 */
#ifndef RCTD_STORE_CONSENT_RULE_H
#define RCTD_STORE_CONSENT_RULE_H

#include "base/compiler.h"
#include "db/statement.h"
#include "trial/protocol.h"

#include <stdbool.h>

/* Stores the rules of a version that this transaction has locked. */
bool consent_rule_store(
    struct tx *tx, struct uuid trial_id, int version, const struct protocol *protocol) MUST_CHECK;

/* Stores those of all locked versions that have none, and their calendars: an older rctd has locked
 * them. For
 * session_transact(), as DB_ROLE_MANAGER. */
bool consent_rule_fill(struct tx *tx, void *unused) MUST_CHECK;

#endif
