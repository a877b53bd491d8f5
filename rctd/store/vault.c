/*
 * vault.c: opens keys and seals people. A box holds the fields in their order, each as its length
 * plus one in two bytes (0: not given) and its bytes, padded so that its size tells little; trial,
 * unit and key version are bound in, so that a box moved to another row does not open.
 */
#include "store/vault.h"

#include "base/digest.h"
#include "base/text.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WRAP_PURPOSE                                                                               \
    "rctd-vault-key-v1" /* the key that seals the keys, derived from the master key */
#define ABOUT_SIZE 48
#define BOX_FORMAT 1
#define PADDING 128
#define VALUE_MOST 2000 /* bytes of one value */
#define PLAIN_MOST (1 + PERSON_FIELD_COUNT * (2 + VALUE_MOST) + PADDING)

struct vault_keys {
    unsigned char data[SEAL_KEY_SIZE];
    unsigned char lookup[SEAL_KEY_SIZE];
    struct uuid trial_id;
    int version;
};

const char **
vault_person_field(struct vault_person *person, enum person_field field)
{
    switch (field) {
    case PERSON_NUMBER:
        return &person->number;
    case PERSON_NAME:
        return &person->name;
    case PERSON_PHONE:
        return &person->phone;
    case PERSON_EMAIL:
        return &person->email;
    default:
        return &person->address;
    }
}

bool
vault_person_is_empty(const struct vault_person *person)
{
    return person->number == NULL && person->name == NULL && person->phone == NULL &&
           person->email == NULL && person->address == NULL;
}

/* What a box or a sealed key is about: a word of eight bytes, trial, unit (nil for keys), version.
 */
static void
say_about(unsigned char about[ABOUT_SIZE], const char *word, struct uuid trial_id,
    struct uuid unit_id, int version)
{
    memset(about, 0, ABOUT_SIZE);
    memcpy(about, word, strlen(word));
    memcpy(about + 8, trial_id.bytes, sizeof trial_id.bytes);
    memcpy(about + 24, unit_id.bytes, sizeof unit_id.bytes);
    for (int i = 0; i < 4; i++)
        about[40 + i] = (unsigned char)((unsigned)version >> (24 - 8 * i));
}

static void
wrap(const struct seal_key *master, struct arena *arena, const char *word, struct uuid trial_id,
    int version, const unsigned char key[SEAL_KEY_SIZE], struct bytes *sealed)
{
    unsigned char wrapping[SEAL_KEY_SIZE];
    unsigned char about[ABOUT_SIZE];
    say_about(about, word, trial_id, UUID_NIL, version);
    seal_derive(master, WRAP_PURPOSE, wrapping);
    sealed->data =
        seal_box(wrapping, arena, about, sizeof about, key, SEAL_KEY_SIZE, &sealed->size);
    sodium_memzero(wrapping, sizeof wrapping);
}

static bool
unwrap(struct tx *tx, const struct seal_key *master, const char *word, struct uuid trial_id,
    int version, const char *master_key_id, struct bytes sealed, unsigned char key[SEAL_KEY_SIZE])
{
    unsigned char wrapping[SEAL_KEY_SIZE];
    unsigned char about[ABOUT_SIZE];
    if (!text_equal(master_key_id, seal_key_id(master)))
        return tx_fail(tx, ERROR_NO_MASTER_KEY,
            "This rctd's master key is not the one that the trial's vault was sealed under");
    say_about(about, word, trial_id, UUID_NIL, version);
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
    wrap(master, tx_arena(tx), "data", trial_id, 1, fresh[0], &data);
    wrap(master, tx_arena(tx), "lookup", trial_id, 0, fresh[1], &lookup);
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
vault_open(struct tx *tx, struct session *session, struct uuid trial_id, struct vault_keys **keys)
{
    struct error error = ERROR_CLEAR;
    struct sql_vault_keys_row row;
    const struct tx_context caller = *tx_context(tx);
    struct tx_context vault = caller;
    const struct seal_key *master = session_master_key(session, &error);
    *keys = NULL;
    if (master == NULL)
        return tx_fail(tx, ERROR_NO_MASTER_KEY,
            "Identities are kept sealed, and this rctd has no master key to do so; its operator "
            "sets master_key_file");
    vault.role = DB_ROLE_VAULT;
    if (!tx_act_as(tx, &vault) || !read_keys(tx, master, trial_id, &row) || !tx_act_as(tx, &caller))
        return false;
    struct vault_keys *opened = sodium_malloc(sizeof *opened);
    if (opened == NULL)
        abort();
    opened->trial_id = trial_id;
    opened->version = row.version;
    if (!unwrap(tx, master, "data", trial_id, row.version, row.data_key_id, row.data_key,
            opened->data) ||
        !unwrap(
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

static bool
put_value(unsigned char *plain, size_t *used, const char *value)
{
    size_t length = value == NULL ? 0 : strlen(value);
    if (length > VALUE_MOST)
        return false;
    size_t told = value == NULL ? 0 : length + 1;
    plain[(*used)++] = (unsigned char)(told >> 8);
    plain[(*used)++] = (unsigned char)told;
    if (value != NULL)
        memcpy(plain + *used, value, length);
    *used += length;
    return true;
}

static const uint8_t *
hash_number(const struct vault_keys *keys, struct arena *arena, const char *number)
{
    struct digest hash = digest_hmac(keys->lookup, sizeof keys->lookup, number, strlen(number));
    uint8_t *kept = arena_alloc(arena, VAULT_HASH_SIZE);
    memcpy(kept, hash.bytes, VAULT_HASH_SIZE);
    return kept;
}

bool
vault_seal(const struct vault_keys *keys, struct arena *arena, struct uuid unit_id,
    const struct vault_person *person, struct vault_sealed *sealed)
{
    unsigned char plain[PLAIN_MOST];
    unsigned char about[ABOUT_SIZE];
    struct vault_person kept = *person;
    size_t used = 0;
    size_t padded = 0;
    if (person->hash_only)
        kept.number = NULL;
    plain[used++] = BOX_FORMAT;
    bool fits = true;
    for (int field = 0; fits && field < PERSON_FIELD_COUNT; field++)
        fits = put_value(plain, &used, *vault_person_field(&kept, (enum person_field)field));
    if (fits && sodium_pad(&padded, plain, used, PADDING, sizeof plain) == 0) {
        say_about(about, "person", keys->trial_id, unit_id, keys->version);
        *sealed = (struct vault_sealed){.key_version = keys->version};
        sealed->box =
            seal_box(keys->data, arena, about, sizeof about, plain, padded, &sealed->box_size);
        if (person->number != NULL)
            sealed->number_hash = hash_number(keys, arena, person->number);
    }
    sodium_memzero(plain, sizeof plain);
    return padded > 0;
}

bool
vault_explain(struct tx *tx)
{
    return tx_explain(tx, "identity_once", ERROR_REFUSED,
        "This person cannot be registered in this trial; ask the trial office");
}
