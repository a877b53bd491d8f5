/*
 * etag.c: makes entity tags and compares them with If-Match, strongly: a change must never rest on
 * a weak tag.
 */
#include "http/etag.h"

#include <inttypes.h>
#include <string.h>

const char *
etag_version(struct arena *arena, int64_t version)
{
    return arena_printf(arena, "\"v%" PRId64 "\"", version);
}

const char *
etag_digest(struct arena *arena, struct digest digest)
{
    char hex[DIGEST_HEX_SIZE];
    return arena_printf(arena, "\"%.32s\"", digest_hex(digest, hex));
}

void
etag_add(struct http_response *response, const char *etag)
{
    http_add_header(response, "ETag", etag);
}

static bool
malformed(struct error *error)
{
    return error_set(error, ERROR_MALFORMED, "If-Match",
        "The If-Match header is not well formed; send the ETag of the answer as it came, with its "
        "quotes.");
}

static bool
is_tag_character(unsigned char c)
{
    return c == 0x21 || (c >= 0x23 && c != 0x7f);
}

/* One tag of the list; moves on behind it. */
static bool
take_tag(const char **at, const char *current, bool *matches)
{
    bool weak = strncmp(*at, "W/", 2) == 0;
    const char *open = *at + (weak ? 2 : 0);
    if (*open != '"')
        return false;
    const char *close = open + 1;
    while (is_tag_character((unsigned char)*close))
        close++;
    if (*close != '"')
        return false;
    size_t length = (size_t)(close + 1 - open);
    if (!weak && strlen(current) == length && strncmp(open, current, length) == 0)
        *matches = true;
    *at = close + 1;
    return true;
}

bool
etag_if_match(const struct http_request *request, const char *current, struct error *error)
{
    const char *at = http_header(request, "If-Match");
    bool matches = false;
    if (at == NULL)
        return error_set(error, ERROR_PRECONDITION_REQUIRED, "If-Match",
            "Read it first and send its ETag in the header If-Match, so that nobody's change is "
            "lost.");
    if (strcmp(at, "*") == 0)
        return true;
    for (;;) {
        at += strspn(at, " \t");
        if (!take_tag(&at, current, &matches))
            return malformed(error);
        at += strspn(at, " \t");
        if (*at == '\0')
            break;
        if (*at++ != ',')
            return malformed(error);
    }
    if (!matches)
        return error_set(error, ERROR_STALE, "If-Match",
            "Somebody else changed it since you read it. Read it again, then decide.");
    return true;
}
