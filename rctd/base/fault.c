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
    *faults = (struct faults){.arena = arena, .most = FAULTS_KEPT};
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

/* A copy in the arena; the fault before's where that is the same. */
static const char *
keep(struct faults *faults, const char *string, const char *before)
{
    if (string == NULL || *string == '\0')
        return "";
    return strcmp(string, before) == 0 ? before : arena_strdup(faults->arena, string);
}

static void
add(struct faults *faults, struct fault fault, const char *format, va_list arguments)
{
    static const struct fault none = {.pointer = "", .message = "", .remedy = "", .source = ""};
    char message[1024];
    faults->total++;
    if (faults->count == faults->most)
        return;
    vsnprintf(message, sizeof message, format, arguments);
    keep_utf8(message);
    const struct fault *before = faults->count == 0 ? &none : &faults->items[faults->count - 1];
    fault.pointer = keep(faults, fault.pointer, before->pointer);
    fault.message = keep(faults, message, before->message);
    fault.remedy = keep(faults, fault.remedy, before->remedy);
    fault.source = keep(faults, fault.source, before->source);
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

/* Merges two neighbouring runs, each in order, into `to`: [from, middle) and [middle, end). */
static void
merge(const struct fault *items, struct fault *to, size_t from, size_t middle, size_t end)
{
    size_t left = from, right = middle;
    for (size_t at = from; at < end; at++) {
        bool take_right =
            left == middle || (right < end && comes_after(&items[left], &items[right]));
        to[at] = take_right ? items[right++] : items[left++];
    }
}

void
faults_sort(struct faults *faults)
{
    size_t count = faults->count;
    struct fault *items = faults->items;
    struct fault *other = arena_array(faults->arena, count, sizeof *other);
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t from = 0; from < count; from += 2 * run) {
            size_t middle = from + run < count ? from + run : count;
            size_t end = middle + run < count ? middle + run : count;
            merge(items, other, from, middle, end);
        }
        struct fault *sorted = other;
        other = items;
        items = sorted;
    }
    faults->items = items;
    faults->capacity = count;
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
