/*
 * idempotency.h: the Idempotency-Key header (IETF draft-07) and the digest by which a repeated
 * request is told from another one that carries the same key.
 */
#ifndef RCTD_HTTP_IDEMPOTENCY_H
#define RCTD_HTTP_IDEMPOTENCY_H

#include "base/compiler.h"
#include "base/digest.h"
#include "base/error.h"
#include "http/request.h"

#include <stdbool.h>

/* Longest key, in characters. */
#define IDEMPOTENCY_KEY_MAX 128

/*
 * The request's key, in its arena: a quoted string, as the draft writes it, or the bare characters;
 * both give the same key of 1 to 128 visible ASCII characters. NULL where none was sent and the
 * route does not need one, and where the route has no use for one. ERROR_KEY_MISSING,
 * ERROR_MALFORMED.
 */
bool idempotency_key(
    const struct http_request *request, const char **key, struct error *error) MUST_CHECK;

/* SHA-256 over method, path with query, and body. */
struct digest idempotency_digest(const struct http_request *request);

#endif
