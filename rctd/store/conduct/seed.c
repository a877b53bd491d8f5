/*
 * seed.c: opens a sealed seed, for the next allocation and for its reveal. What does not fit the
 * commitment that was published is not used for either.
 */
#include "store/conduct/seed.h"

#include "base/digest.h"
#include "base/text.h"
#include "trial/commitment.h"

#include <sodium.h>
#include <string.h>

static bool
fits_commitment(const struct sql_scheme_seed_get_row *row, const uint8_t seed[SEED_SIZE])
{
    char hex[DIGEST_HEX_SIZE];
    char committed[DIGEST_HEX_SIZE];
    struct digest document;
    struct digest commitment;
    if (row->sha256.size != DIGEST_SIZE || row->commitment.size != DIGEST_SIZE)
        return false;
    memcpy(document.bytes, row->sha256.data, DIGEST_SIZE);
    memcpy(commitment.bytes, row->commitment.data, DIGEST_SIZE);
    commitment_hex_of(seed, row->label, digest_hex(document, hex), committed);
    return text_equal(committed, digest_hex(commitment, hex));
}

bool
seed_can_open(
    struct session *session, const struct sql_scheme_seed_get_row *row, struct error *error)
{
    const struct seal_key *key = session_master_key(session, error);
    return key != NULL &&
           (text_equal(seal_key_id(key), row->key_id) ||
               error_set(error, ERROR_OTHER_MASTER_KEY, "seed",
                   "The seed of %s was sealed under the master key %s, and this rctd has %s",
                   row->label, row->key_id, seal_key_id(key)));
}

bool
seed_open(struct tx *tx, struct session *session, const struct sql_scheme_seed_get_row *row,
    uint8_t seed[SEED_SIZE])
{
    struct error error = ERROR_CLEAR;
    if (!seed_can_open(session, row, &error))
        return tx_fail(tx, error.code, "%s", error.detail);
    const struct seal_key *key = session_master_key(session, &error);
    if (!seal_open(key, row->sealed.data, row->sealed.size, seed, SEED_SIZE, &error))
        return tx_fail(tx, error.code, "%s", error.detail);
    if (fits_commitment(row, seed))
        return true;
    sodium_memzero(seed, SEED_SIZE);
    return tx_fail(tx, ERROR_NO_MASTER_KEY,
        "The seed of %s does not fit its commitment; allocation is closed until that is explained",
        row->label);
}
