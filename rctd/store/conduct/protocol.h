/*
 * protocol.h: protocol versions in the database: drafts, locking, and what a lock makes: seeds,
 * phases, schemes.
 */
#ifndef RCTD_STORE_PROTOCOL_H
#define RCTD_STORE_PROTOCOL_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/statement.h"
#include "store/session.h"

#include <stdbool.h>

struct protocol_origin {
    struct uuid trial_id;
    const char *trial; /* the slug: the protocol must bear it */
    struct uuid account_id;
    const char *account;
};

/*
 * Checks a document and stores it as the trial's draft, in place of an earlier draft. Against the
 * version in force it is checked as an amendment; a version after the first needs a reason.
 * ERROR_FIELDS with `faults` (line and column of the document).
 */
bool protocol_draft(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    const char *document, const char *reason, struct faults *faults, int *version) MUST_CHECK;

/*
 * Locks the draft: freezes the version, makes, seals and commits to a seed for each scheme that has
 * no allocations, and makes phases and schemes. `sha256` is the hex digest of the draft that is
 * meant, or NULL; ERROR_STALE where the draft is another. ERROR_NO_MASTER_KEY without a key to seal
 * under.
 */
bool protocol_lock_version(struct tx *tx, struct session *session,
    const struct protocol_origin *origin, int version, const char *sha256,
    struct faults *faults) MUST_CHECK;

/* The version in force, parsed; NULL with the transaction's error where none is locked. */
const struct protocol *protocol_in_force(
    struct tx *tx, struct session *session, struct uuid trial_id, int *version);

#endif
