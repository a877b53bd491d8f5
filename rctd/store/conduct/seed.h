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

/* Is the master key there, and the one that the seed lies under? ERROR_NO_MASTER_KEY,
 * ERROR_OTHER_MASTER_KEY. */
bool seed_can_open(struct session *session, const struct sql_scheme_seed_get_row *row,
    struct error *error) MUST_CHECK;

/*
 * Opens a scheme's seed with the master key and holds it against its commitment: a seed that was
 * moved from one scheme to another is found out here. ERROR_NO_MASTER_KEY where the key is not
 * there or the seed does not fit, ERROR_OTHER_MASTER_KEY where it lies under another one; then
 * `seed` holds nothing. Whoever opens it wipes it after use.
 */
bool seed_open(struct tx *tx, struct session *session, const struct sql_scheme_seed_get_row *row,
    uint8_t seed[SEED_SIZE]) MUST_CHECK;

#endif
