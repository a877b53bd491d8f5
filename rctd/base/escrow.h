/*
 * escrow.h: a master key kept against its loss: sealed to the public key of one person, or to those
 * of two, one inside the other, so that it takes both (libsodium's crypto_box_seal). Each opens
 * their own seal on their own machine; what goes from the one to the other is still sealed. As it
 * leaves the database it is a text:
 *
 *   rctd-escrow-v1
 *   key 0123456789abcdef          the master key's id (seal_key_id)
 *   in-use                        where something in the database lay under it when this was
 * printed sealed-to PUBLIC_KEY          one line for each seal, the innermost first box HEX
 */
#ifndef RCTD_BASE_ESCROW_H
#define RCTD_BASE_ESCROW_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/seal.h"

#include <stdbool.h>
#include <stddef.h>

#define ESCROW_SEALS_MOST 2
#define ESCROW_HEX_SIZE (SEAL_KEY_SIZE * 2 + 1) /* of a public key */

struct escrow {
    char key_id[SEAL_ID_SIZE];
    bool in_use;
    size_t seals; /* 0: it is open, and box holds the key itself */
    char sealed_to[ESCROW_SEALS_MOST][ESCROW_HEX_SIZE];
    unsigned char box[SEAL_KEY_SIZE + ESCROW_SEALS_MOST * 48];
    size_t box_size;
};

/*
 * Makes a new escrow key pair file, mode 0600: the lines "public HEX" and "secret HEX". It belongs
 * in a safe, not on the daemon's machine; only the public key goes into rctd.conf. `public_key`
 * gets the hex. Refuses a file that is there: ERROR_CONFLICT.
 */
bool escrow_pair_create(
    const char *path, char public_key[ESCROW_HEX_SIZE], struct error *error) MUST_CHECK;

/* Seals to one public key of 64 hex digits, or two: `second` may be NULL. ERROR_CONFIG where one is
 * none, or both are the same. */
bool escrow_seal(const struct seal_key *key, const char *first, const char *second,
    struct escrow *escrow, struct error *error) MUST_CHECK;

/* As the text above, in the arena. */
const char *escrow_text(struct arena *arena, const struct escrow *escrow);

/* Reads the first of such texts, and moves `*text` behind it; false where it is none. */
bool escrow_parse(const char **text, const char *end, struct escrow *escrow) MUST_CHECK;

/*
 * Takes the outer seal off with the pair in that file (as key_file_read). With the last one the key
 * is held against its id; the caller wipes the escrow. In words for the holder of the pair:
 * ERROR_NOT_FOUND of the file, ERROR_FIELDS where it is no pair or another than it takes,
 * ERROR_VERIFICATION where the box was changed.
 */
bool escrow_open(const char *pair, struct escrow *escrow, struct error *error) MUST_CHECK;

#endif
