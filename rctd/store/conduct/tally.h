/*
 * tally.h: what a worker remembers of minimised schemes: how many units with each level are in each
 * arm, up to a position of the ledger, so that an allocation reads only what was added since. The
 * ledger has the truth: a tally may be lost at any time and is counted again from there, and what a
 * transaction added that was not committed is taken back before the next one reads it.
 *
 * Belongs to one thread. It counts what the ledger shows to statisticians and holds no secret.
 */
#ifndef RCTD_STORE_TALLY_H
#define RCTD_STORE_TALLY_H

#include "base/bits.h"
#include "base/compiler.h"
#include "db/transaction.h"
#include "trial/design/minimisation.h"
#include "trial/protocol.h"

struct tally;
struct tallies;

struct tallies *tallies_new(void);
void tallies_free(struct tallies *tallies); /* NULL is allowed */

/* Gives up the tallies of a protocol's schemes: to be called before the protocol goes. */
void tallies_forget(struct tallies *tallies, const struct protocol *protocol);

/*
 * The scheme's tally of positions 1 to `last`, which is the ledger's last. Called under the
 * scheme's lock, before the transaction has allocated in it. Good until the transaction ends or the
 * next call; NULL with the transaction's error.
 */
struct tally *tally_read(struct tx *tx, struct tallies *tallies, struct uuid trial_id,
    const struct protocol *protocol, const struct protocol_scheme *scheme, int64_t last) MUST_CHECK;

const struct minimisation *tally_counts(const struct tally *tally);

/* Adds what this transaction puts at the next position. */
void tally_add(struct tally *tally, struct uuid allocation_id, const size_t *levels, size_t arm);

#endif
