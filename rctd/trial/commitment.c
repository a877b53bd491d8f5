/*
 * commitment.c: binds a seed to its label and to the protocol's exact bytes.
 */
#include "trial/commitment.h"

#include <sodium.h>
#include <string.h>

static void
hash_string(crypto_auth_hmacsha256_state *state, const char *string, size_t size)
{
    crypto_auth_hmacsha256_update(state, (const unsigned char *)string, size);
}

const char *
commitment_hex_of(const uint8_t seed[SEED_SIZE], const char *label,
    const char protocol_sha256[DIGEST_HEX_SIZE], char out[DIGEST_HEX_SIZE])
{
    static const char version[] = "rctd-commitment-v1";
    crypto_auth_hmacsha256_state state;
    struct digest commitment;
    crypto_auth_hmacsha256_init(&state, seed, SEED_SIZE);
    hash_string(&state, version, sizeof version);
    hash_string(&state, label, strlen(label) + 1);
    hash_string(&state, protocol_sha256, strlen(protocol_sha256));
    crypto_auth_hmacsha256_final(&state, commitment.bytes);
    sodium_memzero(&state, sizeof state);
    return digest_hex(commitment, out);
}

const char *
commitment_hex(const uint8_t seed[SEED_SIZE], const char *label, const void *protocol,
    size_t protocol_size, char out[DIGEST_HEX_SIZE])
{
    char sha256[DIGEST_HEX_SIZE];
    digest_hex(digest_sha256(protocol, protocol_size), sha256);
    return commitment_hex_of(seed, label, sha256, out);
}
