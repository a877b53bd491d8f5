/*
 * vault_box.c: a person's box: the fields in their order, each as its length plus one in two bytes
 * (0: not given) and its bytes, padded so that the box's size tells little. Trial, unit and key
 * version are bound in: a box moved to another row does not open.
 */
#include "store/vault/vault_private.h"

#include "base/digest.h"

#include <sodium.h>
#include <string.h>

#define BOX_FORMAT 1
#define PADDING 128
#define VALUE_MOST 2000 /* bytes of one value */
#define PLAIN_MOST (1 + PERSON_FIELD_COUNT * (2 + VALUE_MOST) + PADDING)

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

const uint8_t *
vault_hash(const struct vault_keys *keys, struct arena *arena, const char *number)
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
    unsigned char about[VAULT_ABOUT_SIZE];
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
        vault_about(about, "person", keys->trial_id, unit_id, keys->version);
        *sealed = (struct vault_sealed){.key_version = keys->version};
        sealed->box =
            seal_box(keys->data, arena, about, sizeof about, plain, padded, &sealed->box_size);
        if (person->number != NULL)
            sealed->number_hash = vault_hash(keys, arena, person->number);
    }
    sodium_memzero(plain, sizeof plain);
    return padded > 0;
}

static bool
take_value(
    struct arena *arena, const unsigned char *plain, size_t size, size_t *used, const char **value)
{
    *value = NULL;
    if (*used + 2 > size)
        return false;
    size_t told = (size_t)plain[*used] << 8 | plain[*used + 1];
    *used += 2;
    if (told == 0)
        return true;
    if (*used + told - 1 > size)
        return false;
    *value = arena_strndup(arena, (const char *)plain + *used, told - 1);
    *used += told - 1;
    return true;
}

static bool
take_person(
    struct arena *arena, const unsigned char *plain, size_t padded, struct vault_person *person)
{
    size_t size;
    size_t used = 1;
    if (sodium_unpad(&size, plain, padded, PADDING) != 0 || size < 1 || plain[0] != BOX_FORMAT)
        return false;
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        if (!take_value(
                arena, plain, size, &used, vault_person_field(person, (enum person_field)field)))
            return false;
    return used == size;
}

bool
vault_open_box(const unsigned char key[SEAL_KEY_SIZE], struct arena *arena, struct uuid trial_id,
    struct uuid unit_id, int version, struct bytes box, struct vault_person *person)
{
    unsigned char about[VAULT_ABOUT_SIZE];
    size_t padded = seal_box_content(box.size);
    unsigned char *plain = arena_alloc(arena, padded);
    *person = (struct vault_person){0};
    vault_about(about, "person", trial_id, unit_id, version);
    bool opened = padded > 0 && seal_unbox(key, about, sizeof about, box.data, box.size, plain) &&
                  take_person(arena, plain, padded, person);
    sodium_memzero(plain, padded);
    return opened;
}

bool
vault_unseal(struct tx *tx, struct session *session, struct uuid trial_id, struct uuid unit_id,
    const struct sql_identity_box_row *row, struct vault_person *person)
{
    unsigned char key[SEAL_KEY_SIZE];
    const struct seal_key *master = vault_master(tx, session);
    if (master == NULL || !vault_unwrap(tx, master, "data", trial_id, row->key_version,
                              row->master_key_id, row->data_key, key))
        return false;
    bool opened =
        vault_open_box(key, tx_arena(tx), trial_id, unit_id, row->key_version, row->box, person);
    sodium_memzero(key, sizeof key);
    return opened || tx_fail(tx, ERROR_NO_MASTER_KEY,
                         "This identity was changed since it was sealed; it is not opened until "
                         "that is explained");
}
