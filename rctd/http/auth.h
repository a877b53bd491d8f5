/*
 * auth.h: bearer tokens: their text form, and how one comes out of a request. A token is shown
 * once, when it is made; stored is only its SHA-256. No function here logs a token or puts it into
 * an error.
 *
 * The text form is "rctd_", 43 characters of base64url (256 random bits) and six hex digits of a
 * checksum, so that a typing error is told from a revoked token and a leaked one is found by a
 * search.
 */
#ifndef RCTD_HTTP_AUTH_H
#define RCTD_HTTP_AUTH_H

#include "base/compiler.h"
#include "base/digest.h"
#include "base/error.h"
#include "http/request.h"

#include <stdbool.h>

#define AUTH_TOKEN_SIZE 55 /* with the NUL */

void auth_token_new(char out[AUTH_TOKEN_SIZE]);

/* Does it have the form and the checksum of a token? Says nothing of whether it is known. */
bool auth_token_check(const char *token);

/* What is stored of a token, and what it is looked up by. */
struct digest auth_token_hash(const char *token);

/*
 * The token of the request's Authorization header (RFC 6750): exactly one such header, the scheme
 * Bearer in any case, 20 to 128 characters. ERROR_UNAUTHENTICATED, saying what is not right.
 */
bool auth_bearer(
    const struct http_request *request, const char **token, struct error *error) MUST_CHECK;

/* auth_bearer, auth_token_check and auth_token_hash in one. ERROR_UNAUTHENTICATED. */
bool auth_request(
    const struct http_request *request, struct digest *hash, struct error *error) MUST_CHECK;

#endif
