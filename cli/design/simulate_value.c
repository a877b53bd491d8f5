/*
 * simulate_value.c: see simulate_value.h. Decimal points are points in any language.
 */
#include "cli/design/simulate_value.h"

#include "base/nearest.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 1000000

static bool
refuse(struct session *session, const struct simulate_given *given, const char *right)
{
    return error_set(&session->error, ERROR_MALFORMED, given->name, "--%s cannot be `%s': %s",
        given->name, given->value, right);
}

bool
simulate_whole(struct session *session, const struct simulate_given *given, long long low,
    long long high, long long *value)
{
    if (text_to_int64(given->value, value) && *value >= low && *value <= high)
        return true;
    return refuse(session, given,
        arena_printf(session->arena, "give a whole number from %lld to %lld", low, high));
}

/* Digits with a point among them, or none. */
static bool
read_decimal(const char *text, double *value)
{
    char *end;
    size_t length = strspn(text, "0123456789.");
    if (length == 0 || text[length] != '\0' || strcmp(text, ".") == 0)
        return false;
    *value = strtod(text, &end);
    return *end == '\0';
}

static bool
read_number(struct arena *arena, const char *text, double *value)
{
    const char *slash = strchr(text, '/');
    double below;
    if (slash == NULL)
        return read_decimal(text, value);
    if (!read_decimal(arena_strndup(arena, text, (size_t)(slash - text)), value) ||
        !read_decimal(slash + 1, &below) || below <= 0)
        return false;
    *value /= below;
    return true;
}

bool
simulate_number(struct session *session, const struct simulate_given *given, double *value)
{
    return read_number(session->arena, given->value, value) ||
           refuse(session, given, "give a number such as 0.667, or 2/3");
}

/* The parts of the value between the marks. */
static char **
split(struct arena *arena, const char *value, char mark, size_t *count)
{
    char **parts = NULL;
    size_t capacity = 0;
    *count = 0;
    for (const char *at = value;; at++) {
        const char *end = strchr(at, mark);
        size_t length = end == NULL ? strlen(at) : (size_t)(end - at);
        parts = arena_grow(arena, parts, *count, &capacity, sizeof *parts);
        parts[(*count)++] = arena_strndup(arena, at, length);
        if (end == NULL)
            return parts;
        at = end;
    }
}

static bool
refuse_list(struct session *session, const struct simulate_given *given, char mark, size_t most)
{
    return refuse(session, given,
        arena_printf(
            session->arena, "give one to %zu numbers, with `%c' between them", most, mark));
}

bool
simulate_wholes(struct session *session, const struct simulate_given *given, char mark, size_t most,
    unsigned **values, size_t *count)
{
    char **parts = split(session->arena, given->value, mark, count);
    *values = arena_array(session->arena, *count, sizeof **values);
    for (size_t i = 0; i < *count; i++) {
        long long value;
        if (!text_to_int64(parts[i], &value) || value < 1 || value > WHOLE_MAX || *count > most)
            return refuse_list(session, given, mark, most);
        (*values)[i] = (unsigned)value;
    }
    return true;
}

bool
simulate_numbers(struct session *session, const struct simulate_given *given, char mark,
    size_t most, double **values, size_t *count)
{
    char **parts = split(session->arena, given->value, mark, count);
    *values = arena_array(session->arena, *count, sizeof **values);
    for (size_t i = 0; i < *count; i++)
        if (!read_decimal(parts[i], &(*values)[i]) || *count > most)
            return refuse_list(session, given, mark, most);
    return true;
}

bool
simulate_word(struct session *session, const struct simulate_given *given, const char *const *words,
    size_t count, size_t *place)
{
    for (*place = 0; *place < count; ++*place)
        if (strcmp(words[*place], given->value) == 0)
            return true;
    return refuse(session, given, nearest_remedy(session->arena, given->value, words, count));
}
