/*
 * vault.c: the keys of a trial's vault: the newest data key and the lookup key, random bytes that
 * are stored sealed under a key derived from the master key. Trial and version are bound in, so
 * that a key moved to another row does not open.
 */
#include "store/vault/vault_private.h"

#include "base/digest.h"
#include "base/text.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WRAP_PURPOSE                                                                               \
    "rctd-vault-key-v1" /* the key that seals the keys, derived from the master key */

/* What a box or a sealed key is about: a word of eight bytes, trial, unit (nil for keys), version.
 */
void
vault_about(unsigned char about[VAULT_ABOUT_SIZE], const char *word, struct uuid trial_id,
    struct uuid unit_id, int version)
{
    memset(about, 0, VAULT_ABOUT_SIZE);
    memcpy(about, word, strlen(word));
    memcpy(about + 8, trial_id.bytes, sizeof trial_id.bytes);
    memcpy(about + 24, unit_id.bytes, sizeof unit_id.bytes);
    for (int i = 0; i < 4; i++)
        about[40 + i] = (unsigned char)((unsigned)version >> (24 - 8 * i));
}

void
vault_wrap(const struct seal_key *master, struct arena *arena, const char *word,
    struct uuid trial_id, int version, const unsigned char key[SEAL_KEY_SIZE], struct bytes *sealed)
{
    unsigned char wrapping[SEAL_KEY_SIZE];
    unsigned char about[VAULT_ABOUT_SIZE];
    vault_about(about, word, trial_id, UUID_NIL, version);
    seal_derive(master, WRAP_PURPOSE, wrapping);
    sealed->data =
        seal_box(wrapping, arena, about, sizeof about, key, SEAL_KEY_SIZE, &sealed->size);
    sodium_memzero(wrapping, sizeof wrapping);
}

bool
vault_unwrap(struct tx *tx, const struct seal_key *master, const char *word, struct uuid trial_id,
    int version, const char *master_key_id, struct bytes sealed, unsigned char key[SEAL_KEY_SIZE])
{
    unsigned char wrapping[SEAL_KEY_SIZE];
    unsigned char about[VAULT_ABOUT_SIZE];
    if (!text_equal(master_key_id, seal_key_id(master)))
        return tx_fail(tx, ERROR_OTHER_MASTER_KEY,
            "The trial's vault was sealed under the master key %s, and this rctd has %s",
            master_key_id, seal_key_id(master));
    vault_about(about, word, trial_id, UUID_NIL, version);
    seal_derive(master, WRAP_PURPOSE, wrapping);
    bool opened = seal_box_content(sealed.size) == SEAL_KEY_SIZE &&
                  seal_unbox(wrapping, about, sizeof about, sealed.data, sealed.size, key);
    sodium_memzero(wrapping, sizeof wrapping);
    return opened || tx_fail(tx, ERROR_NO_MASTER_KEY,
                         "A key of the trial's vault was changed since it was sealed; nothing in "
                         "it is opened until that is explained");
}

/* Another daemon may be making them at the same moment: whose rows are there first stay. */
static bool
make_first_keys(struct tx *tx, const struct seal_key *master, struct uuid trial_id)
{
    unsigned char fresh[2][SEAL_KEY_SIZE];
    struct bytes data, lookup;
    randombytes_buf(fresh, sizeof fresh);
    vault_wrap(master, tx_arena(tx), "data", trial_id, 1, fresh[0], &data);
    vault_wrap(master, tx_arena(tx), "lookup", trial_id, 0, fresh[1], &lookup);
    sodium_memzero(fresh, sizeof fresh);
    return sql_vault_data_key_insert(tx,
               &(struct sql_vault_data_key_insert){.trial_id = trial_id,
                   .version = 1,
                   .master_key_id = seal_key_id(master),
                   .sealed = data},
               NULL) &&
           sql_vault_lookup_key_insert(tx,
               &(struct sql_vault_lookup_key_insert){
                   .trial_id = trial_id, .master_key_id = seal_key_id(master), .sealed = lookup},
               NULL);
}

static bool
read_keys(struct tx *tx, const struct seal_key *master, struct uuid trial_id,
    struct sql_vault_keys_row *row)
{
    const struct sql_vault_keys wanted = {.trial_id = trial_id};
    bool found;
    if (!sql_vault_keys(tx, &wanted, row, &found))
        return false;
    if (found)
        return true;
    if (!make_first_keys(tx, master, trial_id) || !sql_vault_keys(tx, &wanted, row, &found))
        return false;
    return found || tx_fail(tx, ERROR_CONTENTION, "The trial's vault is being opened; try again");
}

bool
vault_enter(struct tx *tx, struct tx_context *caller)
{
    *caller = *tx_context(tx);
    struct tx_context vault = *caller;
    vault.role = DB_ROLE_VAULT;
    return tx_act_as(tx, &vault);
}

bool
vault_leave(struct tx *tx, const struct tx_context *caller)
{
    return tx_act_as(tx, caller);
}

const struct seal_key *
vault_master(struct tx *tx, struct session *session)
{
    struct error error = ERROR_CLEAR;
    const struct seal_key *master = session_master_key(session, &error);
    if (master == NULL)
        tx_fail(tx, error.code, "%s", error.detail);
    return master;
}

bool
vault_open(struct tx *tx, struct session *session, struct uuid trial_id, struct vault_keys **keys)
{
    struct sql_vault_keys_row row;
    struct tx_context caller;
    const struct seal_key *master = vault_master(tx, session);
    *keys = NULL;
    if (master == NULL || !vault_enter(tx, &caller) || !read_keys(tx, master, trial_id, &row) ||
        !vault_leave(tx, &caller))
        return false;
    struct vault_keys *opened = sodium_malloc(sizeof *opened); /* a multiple of its alignment */
    if (opened == NULL)
        abort();
    opened->trial_id = trial_id;
    opened->version = row.version;
    if (!vault_unwrap(tx, master, "data", trial_id, row.version, row.data_key_id, row.data_key,
            opened->data) ||
        !vault_unwrap(
            tx, master, "lookup", trial_id, 0, row.lookup_key_id, row.lookup_key, opened->lookup)) {
        vault_close(opened);
        return false;
    }
    *keys = opened;
    return true;
}

void
vault_close(struct vault_keys *keys)
{
    sodium_free(keys);
}

bool
vault_explain(struct tx *tx)
{
    return tx_explain(tx, "identity_once", ERROR_REFUSED,
        "This person cannot be registered in this trial; ask the trial office");
}

bool
vault_explain_reference(struct tx *tx)
{
    return tx_explain(tx, "reference_form", ERROR_FIELDS,
        "A reference says where the matter is filed, such as KS-2026/417: up to six capitals, then "
        "up to nine digits in up to three groups; nothing that tells who somebody is");
}
