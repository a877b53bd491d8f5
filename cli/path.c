/*
 * path.c: percent-encoding of paths and queries (RFC 3986, unreserved characters stay as they are).
 */
#include "cli/path.h"

#include <stdarg.h>
#include <string.h>

static void
append_encoded(struct text *text, const char *string)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    /* A segment of dots alone would change the path above it. */
    bool dots = strcmp(string, ".") == 0 || strcmp(string, "..") == 0;
    for (const char *c = string; *c != '\0'; c++)
        if (!dots && strchr(unreserved, *c) != NULL)
            text_append_bytes(text, c, 1);
        else
            text_printf(text, "%%%02X", (unsigned)(unsigned char)*c);
}

char *
path_of(struct arena *arena, const char *segment, ...)
{
    struct text text;
    text_init(&text, arena);
    va_list segments;
    va_start(segments, segment);
    for (const char *each = segment; each != NULL; each = va_arg(segments, const char *)) {
        text_append(&text, "/");
        append_encoded(&text, each);
    }
    va_end(segments);
    return text.bytes;
}

char *
path_query(struct arena *arena, const char *path, const char *name, const char *value)
{
    struct text text;
    text_init(&text, arena);
    text_append(&text, path);
    if (value == NULL)
        return text.bytes;
    text_printf(&text, "%c%s=", strchr(path, '?') == NULL ? '?' : '&', name);
    append_encoded(&text, value);
    return text.bytes;
}

bool
path_narrows(const char *path)
{
    return strchr(path, '?') != NULL;
}
