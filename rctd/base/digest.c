/*
 * digest.c: thin names over libsodium's hashes and encodings.
 */
#include "base/digest.h"

#include <sodium.h>
#include <string.h>

struct digest
digest_sha256(const void *bytes, size_t size)
{
    struct digest digest;
    crypto_hash_sha256(digest.bytes, bytes, size);
    return digest;
}

struct digest
digest_hmac(const void *key, size_t key_size, const void *bytes, size_t size)
{
    crypto_auth_hmacsha256_state state;
    struct digest digest;
    crypto_auth_hmacsha256_init(&state, key, key_size);
    crypto_auth_hmacsha256_update(&state, bytes, size);
    crypto_auth_hmacsha256_final(&state, digest.bytes);
    sodium_memzero(&state, sizeof state);
    return digest;
}

const char *
digest_hex(struct digest digest, char out[DIGEST_HEX_SIZE])
{
    return sodium_bin2hex(out, DIGEST_HEX_SIZE, digest.bytes, sizeof digest.bytes);
}

bool
digest_equal(struct digest a, struct digest b)
{
    return sodium_memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

char *
hex_encode(struct arena *arena, const void *bytes, size_t size)
{
    char *text = arena_alloc(arena, size * 2 + 1);
    return sodium_bin2hex(text, size * 2 + 1, bytes, size);
}

bool
hex_decode(const char *text, void *bytes, size_t size)
{
    size_t length = strlen(text);
    size_t decoded;
    const char *end;
    if (length != size * 2)
        return false;
    if (sodium_hex2bin(bytes, size, text, length, NULL, &decoded, &end) != 0)
        return false;
    return decoded == size && *end == '\0';
}

char *
base64_encode(struct arena *arena, const void *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(arena, room);
    return sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

bool
base64_decode(const char *text, void *bytes, size_t *size)
{
    size_t decoded;
    const char *end;
    if (sodium_base642bin(bytes, *size, text, strlen(text), NULL, &decoded, &end,
            sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    if (*end != '\0')
        return false;
    *size = decoded;
    return true;
}
