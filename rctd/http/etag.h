/*
 * etag.h: strong entity tags (RFC 9110, 8.8.3) and the If-Match header, so that two people who
 * change the same thing do not overwrite each other.
 */
#ifndef RCTD_HTTP_ETAG_H
#define RCTD_HTTP_ETAG_H

#include "base/compiler.h"
#include "base/digest.h"
#include "base/error.h"
#include "http/request.h"

#include <stdbool.h>
#include <stdint.h>

/* The quoted tag of a row's version, or of a document; in the arena. */
const char *etag_version(struct arena *arena, int64_t version);
const char *etag_digest(struct arena *arena, struct digest digest);

/* Adds the ETag header. */
void etag_add(struct http_response *response, const char *etag);

/*
 * Is the thing with the tag `current` the one the client has seen? The header may hold a list of
 * tags, or *, which matches anything that is there. ERROR_PRECONDITION_REQUIRED (no header),
 * ERROR_STALE (none matches; a weak tag never does), ERROR_MALFORMED.
 */
bool etag_if_match(
    const struct http_request *request, const char *current, struct error *error) MUST_CHECK;

#endif
