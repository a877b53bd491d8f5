/*
 * screen.h: looks at the head of a request (method, target, headers, how the body is framed) before
 * a byte of the body is read, and says what is to be refused. Works on plain values, so that tests
 * need no socket.
 */
#ifndef RCTD_HTTP_SCREEN_H
#define RCTD_HTTP_SCREEN_H

#include "base/compiler.h"
#include "base/error.h"
#include "http/request.h"
#include "http/route.h"

#include <stdbool.h>
#include <stdint.h>

struct framing {
    uint64_t declared; /* Content-Length; 0 where there is none */
    bool chunked;
};

/*
 * Where the body ends. False (ERROR_MALFORMED) when two readers could disagree on it: more than one
 * Content-Length, one beside Transfer-Encoding, or any Transfer-Encoding but a single "chunked".
 * The connection must be closed then.
 */
bool screen_framing(
    const struct http_request *request, struct framing *framing, struct error *error) MUST_CHECK;

/* A method, header names and values that are well formed; headers that may come only once; a Host
 * where the version is HTTP/1.1. ERROR_MALFORMED; the connection must be closed then too. */
bool screen_headers(
    const struct http_request *request, const char *version, struct error *error) MUST_CHECK;

/* The body against what the route takes: ERROR_MEDIA_TYPE, ERROR_TOO_LARGE, ERROR_MALFORMED. */
bool screen_body(const struct http_request *request, const struct framing *framing,
    struct error *error) MUST_CHECK;

/* Is `value` this media type, without parameters but for charset=utf-8? */
bool screen_is_type(const char *value, const char *type);

/* What a request is refused with whose body is larger than its route takes; always false. */
bool screen_too_large(const struct http_request *request, struct error *error);

#endif
