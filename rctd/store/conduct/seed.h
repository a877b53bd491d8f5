/*
 * seed.h: the one place where a sealed seed is opened.
 */
#ifndef RCTD_STORE_SEED_H
#define RCTD_STORE_SEED_H

#include "base/compiler.h"
#include "db/statement.h"
#include "store/session.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens a scheme's seed with the master key and holds it against its commitment: a seed that was
 * moved from one scheme to another is found out here. ERROR_NO_MASTER_KEY where the key is not
 * there, is another one, or the seed does not fit; then `seed` holds nothing. Whoever opens it
 * wipes it after use.
 */
bool seed_open(struct tx *tx, struct session *session, const struct sql_scheme_seed_get_row *row,
    uint8_t seed[SEED_SIZE]) MUST_CHECK;

#endif
