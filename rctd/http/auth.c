/*
 * auth.c: bearer tokens. The checksum is no secret and protects nothing; it only tells a mistyped
 * token from a revoked one before the database is asked.
 */
#include "http/auth.h"

#include "base/bits.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PREFIX "rctd_"
#define SECRET_BYTES 32
#define SECRET_CHARACTERS 43
#define CHECKSUM_CHARACTERS 6
#define SUMMED (sizeof PREFIX - 1 + SECRET_CHARACTERS)

_Static_assert(SUMMED + CHECKSUM_CHARACTERS + 1 == AUTH_TOKEN_SIZE, "the parts make up a token");

static void
write_checksum(const char *token, char out[CHECKSUM_CHARACTERS + 1])
{
    struct digest digest = digest_sha256(token, SUMMED);
    sodium_bin2hex(out, CHECKSUM_CHARACTERS + 1, digest.bytes, CHECKSUM_CHARACTERS / 2);
}

void
auth_token_new(char out[AUTH_TOKEN_SIZE])
{
    unsigned char secret[SECRET_BYTES];
    bits_random(secret, sizeof secret);
    memcpy(out, PREFIX, sizeof PREFIX - 1);
    sodium_bin2base64(out + sizeof PREFIX - 1, SECRET_CHARACTERS + 1, secret, sizeof secret,
        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    write_checksum(out, out + SUMMED);
    sodium_memzero(secret, sizeof secret);
}

bool
auth_token_check(const char *token)
{
    char checksum[CHECKSUM_CHARACTERS + 1];
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (strlen(token) != AUTH_TOKEN_SIZE - 1 || strncmp(token, PREFIX, sizeof PREFIX - 1) != 0)
        return false;
    if (strspn(token + sizeof PREFIX - 1, alphabet) < SECRET_CHARACTERS)
        return false;
    write_checksum(token, checksum);
    return strcmp(token + SUMMED, checksum) == 0;
}

struct digest
auth_token_hash(const char *token)
{
    return digest_sha256(token, strlen(token));
}

static bool
refuse(struct error *error, const char *detail)
{
    return error_set(error, ERROR_UNAUTHENTICATED, "Authorization", "%s", detail);
}

/* RFC 6750, 2.1: letters, digits and - . _ ~ + /, then any number of =. */
static bool
is_b64token(const char *text)
{
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
    size_t length = strlen(text);
    size_t body = strspn(text, characters);
    return length >= 20 && length <= 128 && body > 0 && body + strspn(text + body, "=") == length;
}

bool
auth_bearer(const struct http_request *request, const char **token, struct error *error)
{
    const char *value = NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "Authorization") != 0)
            continue;
        if (value != NULL)
            return refuse(error, "The Authorization header was sent more than once; send it once.");
        value = request->headers[i].value;
    }
    if (value == NULL)
        return refuse(error, "Send your token in the header Authorization: Bearer TOKEN.");
    if (strncasecmp(value, "Bearer", 6) != 0 || value[6] != ' ')
        return refuse(error, "The Authorization header must have the form Bearer TOKEN.");
    value += 6 + strspn(value + 6, " ");
    if (!is_b64token(value))
        return refuse(error, "This is not a token; copy it whole, as one line and without quotes.");
    *token = value;
    return true;
}

bool
auth_request(const struct http_request *request, struct digest *hash, struct error *error)
{
    const char *token;
    if (!auth_bearer(request, &token, error))
        return false;
    if (!auth_token_check(token))
        return refuse(
            error, "This is not a token of rctd, or a character of it is wrong; copy it whole.");
    *hash = auth_token_hash(token);
    return true;
}
