/*
 * request.h: one request from the moment it has arrived whole to the moment its answer is given.
 * It has an arena of its own, belongs to one thread at a time, and may be handed from one worker to
 * another. The connection is suspended meanwhile.
 */
#ifndef RCTD_HTTP_REQUEST_H
#define RCTD_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/bits.h"
#include "base/error.h"
#include "base/fault.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_PARAMETERS 4
#define HTTP_RESPONSE_HEADERS 12

struct http_header {
    const char *name;
    const char *value;
};

struct http_request {
    struct arena *arena;
    const struct route *route; /* NULL where no route matched */
    const char *method;
    const char *target;                      /* path and query as sent */
    const char *path;                        /* without the query, as sent */
    const char *parameters[HTTP_PARAMETERS]; /* decoded, in the order of the route's braces */
    const struct http_header *headers;       /* in the order in which they came */
    size_t header_count;
    const struct http_header *query; /* names and values, decoded, in the order of the query */
    size_t query_count;
    const char *body; /* NUL-terminated behind body_size bytes */
    size_t body_size;
    const char *remote; /* the peer's address, or X-Real-IP from a trusted proxy */
    char id[UUID_TEXT_SIZE];
    int64_t received;                   /* clock_monotonic() */
    struct error refused;               /* 404, 405, 413, 415 ...: the server answers these itself;
                                           of a request that a worker gets the code is ERROR_NONE */
    struct http_connection *connection; /* the server's own */
};

struct http_response {
    int status;
    const char *content_type; /* static or in the request's arena */
    const char *body;
    size_t body_size;
    /* Texts in the request's arena. A standing header of the same name gives way. */
    struct http_header headers[HTTP_RESPONSE_HEADERS];
    size_t header_count;
};

/* NULL where it was not sent; the first one where it was sent more than once. Header names in any
 * case. */
const char *http_header(const struct http_request *request, const char *name);
const char *http_query(const struct http_request *request, const char *name);

/* A programmer error when there are HTTP_RESPONSE_HEADERS already. */
void http_add_header(struct http_response *response, const char *name, const char *value);

/* Answers with a JSON document; takes the reference. */
void http_json(
    struct http_request *request, struct http_response *response, int status, json_t *json);

/*
 * Answers with problem+json; `faults` may be NULL. Of a code of 500 and above the caller gets a
 * fixed public sentence, never the error's own detail. What the response held is dropped, but for
 * Allow and Retry-After; 401 adds WWW-Authenticate, and 429, 503 and ERROR_IN_FLIGHT add
 * Retry-After.
 */
void http_problem(struct http_request *request, struct http_response *response,
    const struct error *error, const struct faults *faults);

#endif
