/*
 * target.h: takes the target of a request line apart: path, query, percent-encoding, UTF-8.
 */
#ifndef RCTD_HTTP_TARGET_H
#define RCTD_HTTP_TARGET_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "http/request.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Sets the request's target, path and query from what stands in the request line: the origin form
 * ("/v1/me?limit=5") or the absolute form ("http://host/v1/me"). ERROR_MALFORMED: anything else, a
 * percent sign without two hex digits, bytes that are not UTF-8 once decoded, control characters in
 * the path, a NUL anywhere, a fragment, more than 64 pairs in the query.
 */
bool target_parse(struct http_request *request, const char *raw, struct error *error) MUST_CHECK;

/* Decoded, in the arena; NULL when the percent-encoding is broken or the result is not UTF-8.
 * `form`: a plus sign is a space, as in a query. */
char *target_decode(struct arena *arena, const char *bytes, size_t length, bool form);

#endif
