/*
 * session.h: what one worker keeps for its life: its database connection, the protocols it has
 * parsed, and the master key that all share. A session belongs to one thread.
 */
#ifndef RCTD_STORE_SESSION_H
#define RCTD_STORE_SESSION_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/seal.h"
#include "db/connection.h"
#include "db/transaction.h"
#include "store/conduct/tally.h"
#include "trial/bookmark.h"
#include "trial/protocol.h"

struct session;

struct session_options {
    struct db_options database;
    const struct seal_key *master_key;      /* NULL: seeds stay sealed, allocation is refused */
    const struct error *master_key_problem; /* where it is NULL: why, for the operator; borrowed */
};

struct session *session_new(const struct session_options *options);
void session_free(struct session *session); /* NULL is allowed */

/* db_transact() on the session's connection. */
bool session_transact(struct session *session, struct arena *arena,
    const struct tx_context *context, tx_body body, void *data, struct error *error) MUST_CHECK;

/* Is the database there, with this program's schema? */
bool session_ready(struct session *session, struct error *error) MUST_CHECK;

/* The master key, or NULL with ERROR_NO_MASTER_KEY; ERROR_OTHER_MASTER_KEY where the one that came
 * is not the database's (store/vault/master_key.h). */
const struct seal_key *session_master_key(const struct session *session, struct error *error);

/* Where the walks through strata have come to (trial/bookmark.h); this worker's own. */
struct bookmarks *session_bookmarks(struct session *session);

/* What minimised schemes have counted so far (store/conduct/tally.h); this worker's own. */
struct tallies *session_tallies(struct session *session);

/*
 * A locked protocol version, parsed; kept for the next time, since it never changes. NULL when the
 * transaction has failed: the caller's role may read no protocol, or there is no such version.
 * Good until the next call of this function.
 */
const struct protocol *session_protocol(
    struct session *session, struct tx *tx, struct uuid trial_id, int version);

#endif
