/*
 * fault.c: collects faults of an input and writes them as lines that editors can follow.
 */
#include "base/fault.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
faults_init(struct faults *faults, struct arena *arena)
{
    *faults = (struct faults){.arena = arena};
}

/* Drops what is not whole UTF-8: a format such as %.60s may have split a character. */
static void
keep_utf8(char *message)
{
    char *to = message;
    for (const char *from = message; *from != '\0';) {
        size_t whole = text_utf8_prefix(from, strlen(from));
        memmove(to, from, whole);
        to += whole;
        from += whole;
        if (*from != '\0')
            from++;
    }
    *to = '\0';
}

static void
add(struct faults *faults, struct fault fault, const char *format, va_list arguments)
{
    char message[1024];
    faults->total++;
    if (faults->count == FAULTS_KEPT)
        return;
    vsnprintf(message, sizeof message, format, arguments);
    keep_utf8(message);
    fault.pointer = arena_strdup(faults->arena, fault.pointer == NULL ? "" : fault.pointer);
    fault.message = arena_strdup(faults->arena, message);
    fault.remedy = arena_strdup(faults->arena, fault.remedy == NULL ? "" : fault.remedy);
    fault.source = arena_strdup(faults->arena, fault.source == NULL ? "" : fault.source);
    faults->items = arena_grow(
        faults->arena, faults->items, faults->count, &faults->capacity, sizeof *faults->items);
    faults->items[faults->count++] = fault;
}

void
faults_add(struct faults *faults, const char *pointer, unsigned line, unsigned column,
    const char *remedy, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(faults,
        (struct fault){.pointer = pointer, .line = line, .column = column, .remedy = remedy},
        format, arguments);
    va_end(arguments);
}

void
faults_cite(struct faults *faults, const char *source, const char *pointer, unsigned line,
    unsigned column, const char *remedy, const char *format, ...)
{
    struct fault fault = {
        .pointer = pointer,
        .line = line,
        .column = column,
        .remedy = remedy,
        .source = source,
    };
    va_list arguments;
    va_start(arguments, format);
    add(faults, fault, format, arguments);
    va_end(arguments);
}

static bool
comes_after(const struct fault *a, const struct fault *b)
{
    return a->line != b->line ? a->line > b->line : a->column > b->column;
}

void
faults_sort(struct faults *faults)
{
    for (size_t i = 1; i < faults->count; i++) {
        struct fault moved = faults->items[i];
        size_t at = i;
        for (; at > 0 && comes_after(&faults->items[at - 1], &moved); at--)
            faults->items[at] = faults->items[at - 1];
        faults->items[at] = moved;
    }
}

char *
fault_line(struct arena *arena, const char *file, const struct fault *fault)
{
    struct text text;
    text_init(&text, arena);
    if (file != NULL)
        text_printf(&text, "%s:", file);
    if (fault->line > 0)
        text_printf(&text, "%u:", fault->line);
    if (fault->column > 0)
        text_printf(&text, "%u:", fault->column);
    if (text.length > 0)
        text_append(&text, " ");
    if (fault->pointer[0] != '\0')
        text_printf(&text, "%s: ", fault->pointer);
    text_append(&text, fault->message);
    if (fault->remedy[0] != '\0')
        text_printf(&text, "; %s", fault->remedy);
    if (fault->source[0] != '\0')
        text_printf(&text, " (%s)", fault->source);
    return text.bytes;
}
