/*
 * text.c: growable strings over an arena, UTF-8 checks, identifiers.
 */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_init(struct text *text, struct arena *arena)
{
    *text = (struct text){.arena = arena, .capacity = 64};
    text->bytes = arena_alloc(arena, text->capacity);
}

static void
reserve(struct text *text, size_t more)
{
    if (text->capacity - text->length > more)
        return;
    while (text->capacity - text->length <= more)
        text->capacity *= 2;
    char *larger = arena_alloc(text->arena, text->capacity);
    memcpy(larger, text->bytes, text->length);
    text->bytes = larger;
}

void
text_append_bytes(struct text *text, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void
text_append(struct text *text, const char *string)
{
    text_append_bytes(text, string, strlen(string));
}

void
text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    reserve(text, (size_t)length);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
    va_end(again);
}

/* Length of the UTF-8 character at the start of the bytes; 0 when there is none. */
static size_t
character_length(const unsigned char *bytes, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t wanted;
    uint32_t point;
    if (bytes[0] < 0x80)
        return bytes[0] == 0 ? 0 : 1;
    if ((bytes[0] & 0xe0) == 0xc0) {
        wanted = 2;
        point = bytes[0] & 0x1f;
    } else if ((bytes[0] & 0xf0) == 0xe0) {
        wanted = 3;
        point = bytes[0] & 0x0f;
    } else if ((bytes[0] & 0xf8) == 0xf0) {
        wanted = 4;
        point = bytes[0] & 0x07;
    } else {
        return 0;
    }
    if (wanted > length)
        return 0;
    for (size_t i = 1; i < wanted; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3f);
    }
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < least[wanted] || point > 0x10ffff || surrogate ? 0 : wanted;
}

size_t
text_utf8_prefix(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t step = character_length((const unsigned char *)bytes + at, length - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}

bool
text_is_utf8(const char *bytes, size_t length)
{
    return text_utf8_prefix(bytes, length) == length;
}

size_t
text_characters(const char *string)
{
    size_t count = 0;
    for (const char *c = string; *c != '\0'; c++)
        if (((unsigned char)*c & 0xc0) != 0x80)
            count++;
    return count;
}

void
text_cut_utf8(char *string, size_t limit)
{
    size_t end = text_utf8_prefix(string, strnlen(string, limit));
    string[end] = '\0';
}

bool
text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
text_order(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

bool
text_starts(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
text_is_empty(const char *string)
{
    if (string == NULL)
        return true;
    while (is_space(*string))
        string++;
    return *string == '\0';
}

char *
text_trim(struct arena *arena, const char *string)
{
    while (is_space(*string))
        string++;
    size_t length = strlen(string);
    while (length > 0 && is_space(string[length - 1]))
        length--;
    return arena_strndup(arena, string, length);
}

bool
text_to_int64(const char *string, long long *value)
{
    const char *digits = *string == '-' ? string + 1 : string;
    if (*digits < '0' || *digits > '9')
        return false;
    char *end;
    errno = 0;
    long long number = strtoll(string, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *value = number;
    return true;
}

bool
text_is_identifier(const char *string)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t length = strlen(string);
    if (length == 0 || length > 63 || strchr(first, string[0]) == NULL)
        return false;
    return strspn(string, rest) == length;
}
