/*
 * vault_private.h: what the files of the vault share.
 */
#ifndef RCTD_STORE_VAULT_PRIVATE_H
#define RCTD_STORE_VAULT_PRIVATE_H

#include "base/seal.h"
#include "store/vault/vault.h"

#define VAULT_ABOUT_SIZE 48

struct vault_keys {
    unsigned char data[SEAL_KEY_SIZE];
    unsigned char lookup[SEAL_KEY_SIZE];
    struct uuid trial_id;
    int version;
};

/* What a box or a sealed key is about: a word of at most eight letters, trial, unit (nil for keys),
 * version. */
void vault_about(unsigned char about[VAULT_ABOUT_SIZE], const char *word, struct uuid trial_id,
    struct uuid unit_id, int version);

/* The master key; NULL with the transaction failed. */
const struct seal_key *vault_master(struct tx *tx, struct session *session);

/* Seals a key under the master key, in the arena; opens one, which the caller wipes. */
void vault_wrap(const struct seal_key *master, struct arena *arena, const char *word,
    struct uuid trial_id, int version, const unsigned char key[SEAL_KEY_SIZE],
    struct bytes *sealed);
bool vault_unwrap(struct tx *tx, const struct seal_key *master, const char *word,
    struct uuid trial_id, int version, const char *master_key_id, struct bytes sealed,
    unsigned char key[SEAL_KEY_SIZE]) MUST_CHECK;

/* Opens a box into texts in the arena; false where anything of it was changed. */
bool vault_open_box(const unsigned char key[SEAL_KEY_SIZE], struct arena *arena,
    struct uuid trial_id, struct uuid unit_id, int version, struct bytes box,
    struct vault_person *person) MUST_CHECK;

#endif
