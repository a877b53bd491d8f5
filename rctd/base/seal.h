/*
 * seal.h: secrets at rest. The master key seals seeds (libsodium secretbox: 24 bytes nonce, then
 * the box) and the keys of the vaults; base/escrow.h keeps it from being lost. bits_start() comes
 * first.
 *
 * A key lives in locked memory that is wiped when freed. Reading it is safe from several threads.
 */
#ifndef RCTD_BASE_SEAL_H
#define RCTD_BASE_SEAL_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SEAL_KEY_SIZE 32
#define SEAL_ID_SIZE 17 /* 16 hex digits and NUL */

struct seal_key;

/*
 * Reads a master key: 32 bytes as they are, or 64 hex digits with or without a new line, from a
 * file that key_file_read() takes. NULL with ERROR_NO_MASTER_KEY, in words for the operator.
 */
struct seal_key *seal_key_read(const char *path, struct error *error) MUST_CHECK;
void seal_key_free(struct seal_key *key); /* NULL is allowed */

/* Makes a new master key file, mode 0600, 64 hex digits. Refuses a file that is there:
 * ERROR_CONFLICT. */
bool seal_key_create(const char *path, struct error *error) MUST_CHECK;

/* The same of 32 bytes that are there; and the bytes of a key, which the caller wipes. */
bool seal_key_write(
    const char *path, const unsigned char bytes[SEAL_KEY_SIZE], struct error *error) MUST_CHECK;
void seal_key_copy(const struct seal_key *key, unsigned char bytes[SEAL_KEY_SIZE]);

/* First 16 hex digits of HMAC-SHA256(key, "rctd-key-id-v1"): says which key sealed, not what it is.
 */
const char *seal_key_id(const struct seal_key *key);
void seal_id_of(const unsigned char bytes[SEAL_KEY_SIZE], char id[SEAL_ID_SIZE]);

/* Seals `size` bytes; the sealed bytes, `*sealed_size` of them, lie in the arena. */
void *seal_lock(const struct seal_key *key, struct arena *arena, const void *bytes, size_t size,
    size_t *sealed_size);

/*
 * Opens into exactly `size` bytes at `bytes`, which the caller wipes after use. ERROR_NO_MASTER_KEY
 * when the bytes were sealed under another key or changed since; then `bytes` holds zeros.
 */
bool seal_open(const struct seal_key *key, const void *sealed, size_t sealed_size, void *bytes,
    size_t size, struct error *error) MUST_CHECK;

/*
 * Boxes of data, under keys of their own (XChaCha20-Poly1305: 24 bytes nonce, then the box). What
 * the box is `about` is bound in and not stored: who opens it says the same again. `key` is
 * SEAL_KEY_SIZE random bytes; the box, `*box_size` of them, lies in the arena.
 */
void *seal_box(const unsigned char *key, struct arena *arena, const void *about, size_t about_size,
    const void *bytes, size_t size, size_t *box_size);

/* How many bytes are in a box of this size; 0 where it is too small to be one. */
size_t seal_box_content(size_t box_size);

/* Opens into seal_box_content() bytes, which the caller wipes. False where key, box or what it is
 * about are others; then `bytes` holds zeros. */
bool seal_unbox(const unsigned char *key, const void *about, size_t about_size, const void *box,
    size_t box_size, void *bytes) MUST_CHECK;

/* A key of its own for one purpose, made from the master key: SEAL_KEY_SIZE bytes, wiped by the
 * caller. */
void seal_derive(
    const struct seal_key *key, const char *purpose, unsigned char derived[SEAL_KEY_SIZE]);

#define SEAL_SIGNATURE_SIZE 64
#define SEAL_PUBLIC_KEY_SIZE 32

/* Signs with Ed25519. The pair is made from the master key and the purpose: every daemon with the
 * key signs alike, and what is signed for one purpose stands for no other. */
void seal_sign(const struct seal_key *key, const char *purpose, const void *bytes, size_t size,
    unsigned char signature[SEAL_SIGNATURE_SIZE], unsigned char public_key[SEAL_PUBLIC_KEY_SIZE]);

/* Was that signed with the secret key of this public one? */
bool seal_verify(const void *bytes, size_t size, const unsigned char signature[SEAL_SIGNATURE_SIZE],
    const unsigned char public_key[SEAL_PUBLIC_KEY_SIZE]);

#endif
