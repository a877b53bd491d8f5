/*
 * seal.c: the master key, and what is sealed with libsodium's secretbox and AEAD.
 */
#include "base/seal.h"

#include "base/digest.h"
#include "base/key_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NONCE crypto_secretbox_NONCEBYTES
#define MAC crypto_secretbox_MACBYTES
#define HEX_SIZE ((size_t)SEAL_KEY_SIZE * 2)

_Static_assert(crypto_secretbox_KEYBYTES == SEAL_KEY_SIZE, "a master key is a secretbox key");
_Static_assert(crypto_sign_SEEDBYTES == DIGEST_SIZE, "a digest is a seed of a pair");
_Static_assert(crypto_sign_BYTES == SEAL_SIGNATURE_SIZE, "a signature is Ed25519's");
_Static_assert(crypto_sign_PUBLICKEYBYTES == SEAL_PUBLIC_KEY_SIZE, "so is its public key");

/* Only bytes: libsodium gives memory that ends at a guard page, aligned for nothing else. */
struct seal_key {
    unsigned char bytes[SEAL_KEY_SIZE];
    char id[SEAL_ID_SIZE];
};

/* 64 hex digits at the start of the text. */
static bool
decode_hex(const char *text, size_t length, unsigned char key[SEAL_KEY_SIZE])
{
    size_t used;
    return length >= HEX_SIZE &&
           sodium_hex2bin(key, SEAL_KEY_SIZE, text, HEX_SIZE, NULL, &used, NULL) == 0 &&
           used == SEAL_KEY_SIZE;
}

static bool
is_line_end(const char *text, size_t length)
{
    return length == 0 || (length == 1 && text[0] == '\n') ||
           (length == 2 && text[0] == '\r' && text[1] == '\n');
}

static bool
decode_key(const char *bytes, size_t size, unsigned char key[SEAL_KEY_SIZE])
{
    if (size == SEAL_KEY_SIZE) {
        memcpy(key, bytes, size);
        return true;
    }
    return size >= HEX_SIZE && is_line_end(bytes + HEX_SIZE, size - HEX_SIZE) &&
           decode_hex(bytes, size, key);
}

void
seal_id_of(const unsigned char bytes[SEAL_KEY_SIZE], char id[SEAL_ID_SIZE])
{
    static const char purpose[] = "rctd-key-id-v1";
    char hex[DIGEST_HEX_SIZE];
    digest_hex(digest_hmac(bytes, SEAL_KEY_SIZE, purpose, sizeof purpose - 1), hex);
    memcpy(id, hex, SEAL_ID_SIZE - 1);
    id[SEAL_ID_SIZE - 1] = '\0';
}

struct seal_key *
seal_key_read(const char *path, struct error *error)
{
    char bytes[KEY_FILE_MAX];
    size_t size;
    if (!key_file_read(path, bytes, &size, error)) {
        sodium_memzero(bytes, sizeof bytes);
        return NULL;
    }
    struct seal_key *key = sodium_malloc(sizeof *key);
    if (key == NULL)
        abort();
    bool decoded = decode_key(bytes, size, key->bytes);
    sodium_memzero(bytes, sizeof bytes);
    if (!decoded || sodium_is_zero(key->bytes, sizeof key->bytes)) {
        sodium_free(key);
        error_set(error, ERROR_NO_MASTER_KEY, path,
            "the file %s is no master key: it must hold 64 hex digits, or 32 random bytes", path);
        return NULL;
    }
    seal_id_of(key->bytes, key->id);
    sodium_mprotect_readonly(key);
    return key;
}

void
seal_key_free(struct seal_key *key)
{
    sodium_free(key);
}

const char *
seal_key_id(const struct seal_key *key)
{
    return key->id;
}

bool
seal_key_write(const char *path, const unsigned char bytes[SEAL_KEY_SIZE], struct error *error)
{
    char line[HEX_SIZE + 2];
    sodium_bin2hex(line, HEX_SIZE + 1, bytes, SEAL_KEY_SIZE);
    line[HEX_SIZE] = '\n';
    bool ok = key_file_create(path, line, HEX_SIZE + 1, error);
    sodium_memzero(line, sizeof line);
    return ok;
}

bool
seal_key_create(const char *path, struct error *error)
{
    unsigned char key[SEAL_KEY_SIZE];
    randombytes_buf(key, sizeof key);
    bool ok = seal_key_write(path, key, error);
    sodium_memzero(key, sizeof key);
    return ok;
}

void
seal_key_copy(const struct seal_key *key, unsigned char bytes[SEAL_KEY_SIZE])
{
    memcpy(bytes, key->bytes, SEAL_KEY_SIZE);
}

void *
seal_lock(const struct seal_key *key, struct arena *arena, const void *bytes, size_t size,
    size_t *sealed_size)
{
    *sealed_size = NONCE + MAC + size;
    unsigned char *sealed = arena_alloc(arena, *sealed_size);
    randombytes_buf(sealed, NONCE);
    crypto_secretbox_easy(sealed + NONCE, bytes, size, sealed, key->bytes);
    return sealed;
}

bool
seal_open(const struct seal_key *key, const void *sealed, size_t sealed_size, void *bytes,
    size_t size, struct error *error)
{
    const unsigned char *box = sealed;
    if (sealed_size == NONCE + MAC + size &&
        crypto_secretbox_open_easy(bytes, box + NONCE, MAC + size, box, key->bytes) == 0)
        return true;
    sodium_memzero(bytes, size);
    return error_set(error, ERROR_NO_MASTER_KEY, "seal",
        "the seed was sealed under another master key than %s, or was changed since", key->id);
}

#define BOX_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define BOX_MAC crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SEAL_KEY_SIZE, "a box's key is as long");

void *
seal_box(const unsigned char *key, struct arena *arena, const void *about, size_t about_size,
    const void *bytes, size_t size, size_t *box_size)
{
    *box_size = BOX_NONCE + size + BOX_MAC;
    unsigned char *box = arena_alloc(arena, *box_size);
    randombytes_buf(box, BOX_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        box + BOX_NONCE, NULL, bytes, size, about, about_size, NULL, box, key);
    return box;
}

size_t
seal_box_content(size_t box_size)
{
    return box_size < BOX_NONCE + BOX_MAC ? 0 : box_size - BOX_NONCE - BOX_MAC;
}

bool
seal_unbox(const unsigned char *key, const void *about, size_t about_size, const void *box,
    size_t box_size, void *bytes)
{
    const unsigned char *nonce = box;
    if (box_size >= BOX_NONCE + BOX_MAC &&
        crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, NULL, NULL, nonce + BOX_NONCE,
            box_size - BOX_NONCE, about, about_size, nonce, key) == 0)
        return true;
    sodium_memzero(bytes, seal_box_content(box_size));
    return false;
}

void
seal_derive(const struct seal_key *key, const char *purpose, unsigned char derived[SEAL_KEY_SIZE])
{
    struct digest digest = digest_hmac(key->bytes, sizeof key->bytes, purpose, strlen(purpose));
    memcpy(derived, digest.bytes, SEAL_KEY_SIZE);
    sodium_memzero(&digest, sizeof digest);
}

void
seal_sign(const struct seal_key *key, const char *purpose, const void *bytes, size_t size,
    unsigned char signature[SEAL_SIGNATURE_SIZE], unsigned char public_key[SEAL_PUBLIC_KEY_SIZE])
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    struct digest seed = digest_hmac(key->bytes, sizeof key->bytes, purpose, strlen(purpose));
    crypto_sign_seed_keypair(public_key, secret, seed.bytes);
    crypto_sign_detached(signature, NULL, bytes, size, secret);
    sodium_memzero(&seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
}

bool
seal_verify(const void *bytes, size_t size, const unsigned char signature[SEAL_SIGNATURE_SIZE],
    const unsigned char public_key[SEAL_PUBLIC_KEY_SIZE])
{
    return crypto_sign_verify_detached(signature, bytes, size, public_key) == 0;
}
