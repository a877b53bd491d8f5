/*
 * idempotency.c: reads the Idempotency-Key header and digests requests. The bare form is taken
 * besides the draft's quoted one because most clients in use send it.
 */
#include "http/idempotency.h"

#include "base/personal.h"
#include "http/route.h"
#include "http/secret.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

static bool
malformed(struct error *error, const char *what)
{
    return error_set(error, ERROR_MALFORMED, "Idempotency-Key",
        "The Idempotency-Key %s. Send 1 to %d visible ASCII characters, best a new UUID in quotes.",
        what, IDEMPOTENCY_KEY_MAX);
}

static bool
is_visible(char c)
{
    return c > 0x20 && c < 0x7f;
}

/* The characters of a structured-field string (RFC 8941, 3.3.3), which a quote closes. */
static bool
read_quoted(const char *value, char *key, struct error *error)
{
    size_t length = 0;
    const char *at = value + 1;
    for (; *at != '"'; at++) {
        if (*at == '\\' && at[1] != '"' && at[1] != '\\')
            return malformed(error, "holds a backslash that escapes nothing");
        if (*at == '\\')
            at++;
        if (!is_visible(*at))
            return malformed(
                error, *at == '\0' ? "has no closing quote"
                                   : "holds a space or another character that cannot be in a key");
        if (length == IDEMPOTENCY_KEY_MAX)
            return malformed(error, "is too long");
        key[length++] = *at;
    }
    if (at[1] != '\0')
        return malformed(error, "goes on behind the closing quote");
    if (length == 0)
        return malformed(error, "is empty");
    return true;
}

static bool
read_bare(const char *value, char *key, struct error *error)
{
    size_t length = strlen(value);
    if (length == 0)
        return malformed(error, "is empty");
    if (length > IDEMPOTENCY_KEY_MAX)
        return malformed(error, "is too long");
    for (size_t i = 0; i < length; i++)
        if (!is_visible(value[i]) || value[i] == '"')
            return malformed(
                error, "holds a space, a quote or another character that cannot be in a key");
    memcpy(key, value, length);
    return true;
}

bool
idempotency_key(const struct http_request *request, const char **key, struct error *error)
{
    const char *value = NULL;
    *key = NULL;
    if (request->route != NULL && request->route->key == KEY_UNUSED)
        return true;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "Idempotency-Key") != 0)
            continue;
        if (value != NULL)
            return malformed(error, "was sent twice");
        value = request->headers[i].value;
    }
    if (value == NULL && request->route != NULL && request->route->key == KEY_REQUIRED)
        return error_set(error, ERROR_KEY_MISSING, "Idempotency-Key",
            "Send the header Idempotency-Key with a new UUID. If no answer comes, send the same "
            "request "
            "with the same key again: it is carried out once.");
    if (value == NULL)
        return true;
    char *room = arena_alloc(request->arena, IDEMPOTENCY_KEY_MAX + 1);
    if (value[0] == '"' ? !read_quoted(value, room, error) : !read_bare(value, room, error))
        return false;
    if (personal_number_in(room))
        return malformed(error, PERSONAL_NUMBER_FOUND);
    *key = room;
    return true;
}

struct digest
idempotency_digest(const struct http_request *request)
{
    crypto_hash_sha256_state state;
    struct digest digest;
    crypto_hash_sha256_init(&state);
    /* Neither a method nor a target can hold a NUL, so the parts cannot run into each other. */
    crypto_hash_sha256_update(
        &state, (const unsigned char *)request->method, strlen(request->method) + 1);
    crypto_hash_sha256_update(
        &state, (const unsigned char *)request->target, strlen(request->target) + 1);
    if (request->route != NULL && secret_in_fields(request->route->fields)) {
        struct digest body =
            secret_digest(request->body, request->body_size, request->route->fields);
        crypto_hash_sha256_update(&state, body.bytes, sizeof body.bytes);
    } else {
        crypto_hash_sha256_update(&state, (const unsigned char *)request->body, request->body_size);
    }
    crypto_hash_sha256_final(&state, digest.bytes);
    return digest;
}
