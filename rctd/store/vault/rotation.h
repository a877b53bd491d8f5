/*
 * rotation.h: a trial's data key is changed without standing still: a newer key is made at once,
 * all that is sealed from then on is sealed under it, and what is there is sealed anew in batches,
 * each in a short transaction of its own, by any daemon. When nothing is left under the older key
 * its sealed bytes are destroyed. A batch is whole or not there: a crash anywhere loses nothing.
 */
#ifndef RCTD_STORE_ROTATION_H
#define RCTD_STORE_ROTATION_H

#include "base/compiler.h"
#include "store/session.h"

#include <stdbool.h>
#include <stdint.h>

/* Makes the newer key and the job. ERROR_CONFLICT while a rotation is under way, ERROR_REFUSED
 * where the trial's vault has no key yet. Acts as the caller, in the vault. */
bool rotation_start(struct tx *tx, struct session *session, struct uuid trial_id,
    struct uuid account_id, const char *reason, int *version) MUST_CHECK;

/* Where a daemon has come to in one rotation; zero to begin with. */
struct rotation_place {
    struct uuid trial_id;
    int to_version;
    int after_version;
    struct uuid after_unit;
};

/*
 * Seals the next batch of the rotation anew and moves the place on; `*resealed` says how many boxes
 * it was. At the end of the walk the place goes back to the beginning, for what somebody held; when
 * nothing is left at all the older key is destroyed, the rotation finished, and `*finished` set.
 */
bool rotation_step(struct tx *tx, struct session *session, struct rotation_place *place,
    int64_t *resealed, bool *finished) MUST_CHECK;

/* What there is to do in the vaults. */
struct vault_work {
    struct rotation_place *places; /* of rotations under way, in the transaction's arena */
    size_t count;
    bool residue; /* what was deleted is still in the files of tables */
};

bool vault_look(struct tx *tx, struct vault_work *work) MUST_CHECK;

enum scrub { SCRUB_NOTHING, SCRUB_LATER, SCRUB_CLEAN };

/* Writes the vault's tables anew where something was deleted. SCRUB_LATER: an open transaction may
 * still see it. SCRUB_NOTHING: there is nothing to do, or another daemon is at it. */
bool vault_scrub(struct tx *tx, enum scrub *scrub) MUST_CHECK;

#endif
