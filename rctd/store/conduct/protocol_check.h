/*
 * protocol_check.h: may a document become a draft, may a draft be locked, and what would follow.
 */
#ifndef RCTD_STORE_PROTOCOL_CHECK_H
#define RCTD_STORE_PROTOCOL_CHECK_H

#include "base/compiler.h"
#include "base/fault.h"
#include "store/conduct/protocol.h"
#include "trial/protocol.h"

#include <stdbool.h>

/*
 * Reads a document that is to come into force: also its time zone and its list of holidays must be
 * there. NULL where it has faults, or, without one, where the database failed. In the transaction's
 * arena.
 */
const struct protocol *protocol_read_new(
    struct tx *tx, const char *document, struct faults *faults) MUST_CHECK;

/*
 * Beyond the grammar: the trial's name, and, where a version is locked
 * already, what an amendment may not touch. False only where the database failed.
 */
bool protocol_check_here(struct tx *tx, struct session *session,
    const struct protocol_origin *origin, const struct protocol *protocol,
    struct faults *faults) MUST_CHECK;

/* Can this daemon run every scheme? */
void protocol_check_runnable(const struct protocol *protocol, struct faults *faults);

/* A scheme that has allocated keeps the seed that it did so with; one that is closed gets no other.
 */
bool protocol_keeps_seed(const struct sql_scheme_list_rows *before, const char *scheme);

/* What a lock would do. */
struct protocol_preview {
    const char *state; /* draft or locked */
    struct bytes sha256;
    const struct protocol *protocol; /* NULL where the document has faults */
    bool *keeps_seed;                /* per scheme: no new seed is made for it */
};

/*
 * Looks ahead at the lock of a version; nothing is locked and nothing is changed. All that would
 * stand in its way goes into `faults`. False where there is no such version (ERROR_NOT_FOUND) or
 * the database failed. In the transaction's arena.
 */
bool protocol_preview(struct tx *tx, struct session *session, const struct protocol_origin *origin,
    int version, struct faults *faults, struct protocol_preview *out) MUST_CHECK;

#endif
