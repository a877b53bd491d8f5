/*
 * sign.h: signatures of webhooks (Standard Webhooks 1.0.0): "v1," and the base64 of HMAC-SHA256
 * over "ID.TIMESTAMP.BODY". While a key rotates there are several, with blanks between them.
 */
#ifndef RCTD_WORK_SIGN_H
#define RCTD_WORK_SIGN_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGN_KEY_LEAST 24
#define SIGN_KEY_MOST 64

struct sign_key {
    uint8_t bytes[SIGN_KEY_MOST];
    size_t size;
};

/* Reads a secret's text form: "whsec_" and the base64 of 24 to 64 bytes. */
bool sign_key_read(const char *secret, struct sign_key *key) MUST_CHECK;

/* The header's value, one signature for each key; in the arena. `timestamp` in seconds since 1970.
 */
const char *sign_webhook(struct arena *arena, const struct sign_key *keys, size_t count,
    const char *id, int64_t timestamp, const char *body);

#endif
