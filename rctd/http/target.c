/*
 * target.c: request targets. Everything is decoded and checked before any route is looked for, so
 * that no later part sees bytes that are not UTF-8.
 */
#include "http/target.h"

#include "base/personal.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

/* More pairs than this no route has a use for. */
#define QUERY_PAIRS 64

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

char *
target_decode(struct arena *arena, const char *bytes, size_t length, bool form)
{
    char *decoded = arena_alloc(arena, length + 1);
    size_t used = 0;
    for (size_t at = 0; at < length; at++) {
        char c = bytes[at];
        if (c == '%') {
            int high = at + 1 < length ? hex_value(bytes[at + 1]) : -1;
            int low = at + 2 < length ? hex_value(bytes[at + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            at += 2;
        } else if (form && c == '+') {
            c = ' ';
        }
        decoded[used++] = c;
    }
    return text_is_utf8(decoded, used) ? decoded : NULL;
}

static bool
has_control(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return true;
    return false;
}

static bool
malformed(struct error *error, const char *what)
{
    return error_set(error, ERROR_MALFORMED, "target", "%s", what);
}

static bool
holds_number(struct error *error)
{
    return malformed(error, "The address " PERSONAL_NUMBER_FOUND
                            "; addresses are kept in logs. Ask by the participant's code.");
}

/* Behind the authority of the absolute form; NULL when it is neither form. */
static const char *
skip_authority(const char *raw)
{
    if (raw[0] == '/')
        return raw;
    size_t scheme = strncasecmp(raw, "http://", 7) == 0    ? 7
                    : strncasecmp(raw, "https://", 8) == 0 ? 8
                                                           : 0;
    if (scheme == 0)
        return NULL;
    const char *path = raw + scheme + strcspn(raw + scheme, "/?");
    return *path == '/' ? path : NULL;
}

static bool
parse_query(struct http_request *request, const char *text, struct error *error)
{
    struct http_header *pairs = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "&");
        size_t name = strcspn(at, "=&");
        const char *value = name < length ? at + name + 1 : at + length;
        if (length > 0) {
            if (count == QUERY_PAIRS)
                return malformed(error, "The query has too many parts; no more than 64 are taken.");
            pairs = arena_grow(request->arena, pairs, count, &capacity, sizeof *pairs);
            pairs[count].name = target_decode(request->arena, at, name, true);
            pairs[count].value =
                target_decode(request->arena, value, (size_t)(at + length - value), true);
            if (pairs[count].name == NULL || pairs[count].value == NULL)
                return malformed(error, "The query is not well formed: each % needs two hex "
                                        "digits, and the text must be "
                                        "UTF-8.");
            if (personal_number_in(pairs[count].name) || personal_number_in(pairs[count].value))
                return holds_number(error);
            count++;
        }
        at += length + (at[length] == '&');
    }
    request->query = pairs;
    request->query_count = count;
    return true;
}

bool
target_parse(struct http_request *request, const char *raw, struct error *error)
{
    const char *start = skip_authority(raw);
    if (start == NULL)
        return malformed(error, "The address must start with a slash.");
    if (start[strcspn(start, " #<>\"\\")] != '\0' || has_control(start))
        return malformed(error, "The address holds a character that must be percent-encoded, such "
                                "as # < > \" or a backslash.");
    size_t path = strcspn(start, "?");
    const char *decoded = target_decode(request->arena, start, path, false);
    if (decoded == NULL || has_control(decoded))
        return malformed(error,
            "The path is not well formed: each % needs two hex digits, and the text must be UTF-8 "
            "without control characters.");
    if (personal_number_in(decoded))
        return holds_number(error);
    request->target = start;
    request->path = arena_strndup(request->arena, start, path);
    return start[path] != '?' || parse_query(request, start + path + 1, error);
}
