/*
 * text.h: strings that grow, and the few questions about UTF-8 and white space that several rooms
 * ask.
 */
#ifndef RCTD_BASE_TEXT_H
#define RCTD_BASE_TEXT_H

#include "base/arena.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* A string that grows in an arena. Always ends with a NUL byte behind `length` bytes. */
struct text {
    struct arena *arena;
    char *bytes;
    size_t length;
    size_t capacity;
};

void text_init(struct text *text, struct arena *arena); /* starts empty, bytes "" */
void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const char *bytes, size_t length);
void text_printf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

/* Are these bytes UTF-8 (no overlong form, no surrogate) without a NUL? */
bool text_is_utf8(const char *bytes, size_t length);

/* How many bytes at the start are whole UTF-8 characters other than NUL; `length` when all are. */
size_t text_utf8_prefix(const char *bytes, size_t length);

/* Number of characters (code points) in UTF-8 text. */
size_t text_characters(const char *string);

/* Cuts the string at `limit` bytes, or before, so that no UTF-8 character is split; and before the
 * first byte that is not UTF-8. */
void text_cut_utf8(char *string, size_t limit);

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *string, const char *prefix);
int text_order(const void *a, const void *b); /* for qsort(): of two `const char *', byte by byte */
bool text_is_empty(const char *string);       /* NULL, or nothing but ASCII white space */

/* A copy in the arena without ASCII white space at both ends. */
char *text_trim(struct arena *arena, const char *string);

/* A whole decimal number, nothing around it; false when it is none or does not fit. */
bool text_to_int64(const char *string, long long *value) MUST_CHECK;

/* Does it match [a-z0-9][a-z0-9_.-]{0,62}? Ids of trials, schemes, arms, factors and levels do. */
bool text_is_identifier(const char *string);

#endif
