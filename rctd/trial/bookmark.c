/*
 * bookmark.c: a table with one place per hash. What a bookmark belongs to is told by a hash of all
 * that decides a stratum's arms, so that a bookmark never serves another scheme, seed or stratum.
 */
#include "trial/bookmark.h"

#include "base/digest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 1024 /* strata that a worker remembers; more than most trials have */

struct place {
    struct digest owner;
    struct allocate_bookmark bookmark;
};

struct bookmarks {
    struct place places[PLACES];
};

struct bookmarks *
bookmarks_new(void)
{
    return memory_get(sizeof(struct bookmarks));
}

void
bookmarks_free(struct bookmarks *bookmarks)
{
    if (bookmarks == NULL)
        return;
    sodium_memzero(bookmarks, sizeof *bookmarks);
    free(bookmarks);
}

static void
hash_bytes(crypto_auth_hmacsha256_state *state, const void *bytes, size_t size)
{
    crypto_auth_hmacsha256_update(state, bytes, size);
}

static struct digest
owner_of(const struct protocol_scheme *scheme, const uint8_t seed[SEED_SIZE], const char *label,
    const char *stratum)
{
    static const char purpose[] = "rctd-bookmark";
    const struct protocol_design *design = &scheme->design;
    const unsigned numbers[] = {design->limit, design->size, design->alpha, design->beta,
        design->length, design->balanced_end};
    crypto_auth_hmacsha256_state state;
    struct digest owner;
    crypto_auth_hmacsha256_init(&state, seed, SEED_SIZE);
    hash_bytes(&state, purpose, sizeof purpose);
    hash_bytes(&state, label, strlen(label) + 1);
    hash_bytes(&state, stratum, strlen(stratum) + 1);
    hash_bytes(&state, &scheme->method, sizeof scheme->method);
    hash_bytes(&state, scheme->ratio, sizeof scheme->ratio);
    hash_bytes(&state, &design->p, sizeof design->p);
    hash_bytes(&state, numbers, sizeof numbers);
    hash_bytes(&state, design->blocks, design->block_count * sizeof *design->blocks);
    crypto_auth_hmacsha256_final(&state, owner.bytes);
    sodium_memzero(&state, sizeof state);
    return owner;
}

struct allocate_bookmark *
bookmarks_find(struct bookmarks *bookmarks, const struct protocol_scheme *scheme,
    const uint8_t seed[SEED_SIZE], const char *label, const char *stratum)
{
    struct digest owner = owner_of(scheme, seed, label, stratum);
    size_t index = ((size_t)owner.bytes[0] << 8 | owner.bytes[1]) % PLACES;
    struct place *place = &bookmarks->places[index];
    if (!digest_equal(place->owner, owner))
        *place = (struct place){.owner = owner};
    return &place->bookmark;
}
