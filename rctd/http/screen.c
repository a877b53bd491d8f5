/*
 * screen.c: the checks of a request's head.
 */
#include "http/screen.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
malformed(struct error *error, const char *what)
{
    return error_set(error, ERROR_MALFORMED, "head", "%s", what);
}

static size_t
count_of(const struct http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += strcasecmp(request->headers[i].name, name) == 0;
    return count;
}

static bool
is_digits(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= 18 && strspn(text, "0123456789") == length;
}

bool
screen_framing(const struct http_request *request, struct framing *framing, struct error *error)
{
    size_t lengths = count_of(request, "Content-Length");
    size_t encodings = count_of(request, "Transfer-Encoding");
    *framing = (struct framing){.chunked = encodings > 0};
    if (lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0))
        return malformed(error, "The request says more than once how long its body is.");
    if (encodings > 0 && strcasecmp(http_header(request, "Transfer-Encoding"), "chunked") != 0)
        return malformed(error, "The only Transfer-Encoding that is taken is chunked.");
    if (lengths == 0)
        return true;
    long long declared;
    const char *text = http_header(request, "Content-Length");
    if (!is_digits(text) || !text_to_int64(text, &declared))
        return malformed(error, "The Content-Length is not a number of bytes.");
    framing->declared = (uint64_t)declared;
    return true;
}

static bool
is_token(const char *text)
{
    static const char characters[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t length = strlen(text);
    return length > 0 && strspn(text, characters) == length;
}

static bool
is_value(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if ((*c < 0x20 && *c != '\t') || *c == 0x7f)
            return false;
    return true;
}

bool
screen_headers(const struct http_request *request, const char *version, struct error *error)
{
    static const char *const once[] = {"Host", "Content-Type", "Content-Encoding", "Authorization",
        "Idempotency-Key", "If-Match", "Expect", "X-Request-Id", "X-Real-IP"};
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_token(request->headers[i].name))
            return malformed(error, "The name of a header holds a character that cannot be there.");
        if (!is_value(request->headers[i].value))
            return malformed(error, "A header holds a control character.");
    }
    for (size_t i = 0; i < COUNT_OF(once); i++)
        if (count_of(request, once[i]) > 1)
            return error_set(
                error, ERROR_MALFORMED, "head", "The header %s was sent more than once.", once[i]);
    if (strcmp(version, "HTTP/1.1") == 0 && http_header(request, "Host") == NULL)
        return malformed(error, "The header Host is missing.");
    return is_token(request->method) || malformed(error, "The method is not well formed.");
}

static const char *
skip_space(const char *at)
{
    return at + strspn(at, " \t");
}

bool
screen_is_type(const char *value, const char *type)
{
    const char *at = skip_space(value);
    size_t length = strlen(type);
    if (strncasecmp(at, type, length) != 0)
        return false;
    at = skip_space(at + length);
    if (*at == '\0')
        return true;
    if (*at != ';')
        return false;
    at = skip_space(at + 1);
    if (strncasecmp(at, "charset=", 8) != 0)
        return *at == '\0';
    at += 8;
    bool quoted = *at == '"';
    at += quoted;
    if (strncasecmp(at, "utf-8", 5) != 0)
        return false;
    at += 5;
    if (quoted && *at++ != '"')
        return false;
    return *skip_space(at) == '\0';
}

bool
screen_too_large(const struct http_request *request, struct error *error)
{
    return error_set(error, ERROR_TOO_LARGE, "body", "The body may have at most %zu bytes here.",
        route_body_limit(request->route));
}

bool
screen_body(const struct http_request *request, const struct framing *framing, struct error *error)
{
    const struct route *route = request->route;
    const char *type = http_header(request, "Content-Type");
    const char *encoding = http_header(request, "Content-Encoding");
    if (!framing->chunked && framing->declared == 0)
        return true;
    if (route->body == BODY_NONE)
        return malformed(error, "This address takes no body.");
    const char *wanted = route->body == BODY_JSON ? "application/json" : "text/csv";
    if (type == NULL || !screen_is_type(type, wanted))
        return error_set(error, ERROR_MEDIA_TYPE, "Content-Type",
            "Send the body as %s in UTF-8, and say so in the header Content-Type.", wanted);
    if (encoding != NULL && strcasecmp(encoding, "identity") != 0)
        return error_set(error, ERROR_MEDIA_TYPE, "Content-Encoding",
            "Send the body as it is, without Content-Encoding.");
    if (framing->declared > route_body_limit(route))
        return screen_too_large(request, error);
    return true;
}
