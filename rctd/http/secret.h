/*
 * secret.h: bodies with a password in them: fields that are FIELD_SECRET. They are left out of what
 * is kept of a request, and wiped when it is done.
 */
#ifndef RCTD_HTTP_SECRET_H
#define RCTD_HTTP_SECRET_H

#include "base/digest.h"
#include "http/request.h"
#include "http/route.h"

#include <stdbool.h>

/* Has the table, or an object in it, a secret field? */
bool secret_in_fields(const struct field *fields);

/* SHA-256 of a JSON body without its secrets: whoever has it cannot try passwords against it. A
 * body that is not JSON has the digest of its bytes: it is refused anyway. */
struct digest secret_digest(const char *body, size_t size, const struct field *fields);

/* Overwrites the secrets of a parsed body, and the bytes that it came in. Of a route without
 * secrets nothing is touched. `body` may be NULL. */
void secret_wipe(struct http_request *request, json_t *body);

#endif
