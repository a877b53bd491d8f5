/*
 * offline.c: seed and protocol from files or the command line.
 */
#include "cli/offline.h"

#include "base/digest.h"
#include "base/text.h"

#include <sodium.h>
#include <string.h>

#define SEED_DIGITS ((size_t)SEED_SIZE * 2)

/* What is in a seed file: the seed as hex digits, or its bytes. */
static bool
decode_seed(const char *bytes, size_t size, uint8_t seed[SEED_SIZE])
{
    if (size == SEED_SIZE) {
        memcpy(seed, bytes, SEED_SIZE);
        return true;
    }
    char hex[SEED_DIGITS + 1];
    size_t length = strnlen(bytes, size);
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
        length--;
    if (length != SEED_DIGITS)
        return false;
    memcpy(hex, bytes, length);
    hex[length] = '\0';
    bool ok = hex_decode(hex, seed, SEED_SIZE);
    sodium_memzero(hex, sizeof hex);
    return ok;
}

bool
offline_seed(struct session *session, const char *given, uint8_t seed[SEED_SIZE])
{
    const char *bytes = given;
    size_t size = strlen(given);
    if (given[0] == '@')
        bytes = session_read_file(session, given + 1, 4096, &size);
    if (bytes == NULL)
        return false;
    if ((given[0] == '@' || size == SEED_DIGITS) && decode_seed(bytes, size, seed))
        return true;
    return error_set(&session->error, given[0] == '@' ? ERROR_FIELDS : ERROR_MALFORMED, "--seed",
        "the seed is not one: it must be 64 hex digits, or @FILE with a file that holds them");
}

const struct protocol *
offline_protocol(struct session *session, const char *path)
{
    size_t size;
    const char *bytes = session_read_file(session, path, PROTOCOL_SIZE_MAX, &size);
    if (bytes == NULL)
        return NULL;
    const struct protocol *protocol = protocol_parse(session->arena, bytes, size, &session->faults);
    if (protocol == NULL)
        error_set(&session->error, ERROR_FIELDS, path, "the protocol %s has faults", path);
    return protocol;
}

const struct protocol_scheme *
offline_scheme(struct session *session, const struct protocol *protocol, const char *name)
{
    const struct protocol_scheme *scheme = protocol_scheme_by_name(protocol, name);
    if (scheme != NULL)
        return scheme;
    struct text names;
    text_init(&names, session->arena);
    for (size_t i = 0; i < protocol->scheme_count; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : ", ", protocol->schemes[i].name);
    error_set(&session->error, ERROR_NOT_FOUND, "--scheme",
        "the protocol has no scheme %s; its schemes are: %s", name, names.bytes);
    return NULL;
}

int
offline_fail(struct session *session)
{
    return session->error.code == ERROR_MALFORMED
               ? session_usage(session, "%s", session->error.detail)
               : session_fail(session);
}
