/*
 * digest.h: SHA-256, HMAC-SHA256 and the text forms of bytes (hex, base64). libsodium does the
 * work.
 */
#ifndef RCTD_BASE_DIGEST_H
#define RCTD_BASE_DIGEST_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32
#define DIGEST_HEX_SIZE 65

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

struct digest digest_sha256(const void *bytes, size_t size);
struct digest digest_hmac(const void *key, size_t key_size, const void *bytes, size_t size);

/* Lower-case hex of a digest; returns `out`. */
const char *digest_hex(struct digest digest, char out[DIGEST_HEX_SIZE]);

/* In constant time. */
bool digest_equal(struct digest a, struct digest b);

char *hex_encode(struct arena *arena, const void *bytes, size_t size);

/* Exactly `size` bytes as 2*size hex digits, either case; nothing around them. */
bool hex_decode(const char *text, void *bytes, size_t size) MUST_CHECK;

/* Standard base64 with padding. */
char *base64_encode(struct arena *arena, const void *bytes, size_t size);

/* Strict: padding required, nothing around it. `*size` is the room at `bytes`, then what was used.
 */
bool base64_decode(const char *text, void *bytes, size_t *size) MUST_CHECK;

#endif
