/*
 * nearest.c: the distance of Damerau and Levenshtein (insert, delete, replace, swap neighbours).
 */
#include "base/nearest.h"

#include "base/text.h"

#include <string.h>

#define WORD_MAX 63
#define SHOWN_MAX 24

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * The distance, or more than `limit` where it is more. Only cells within `limit` of the diagonal
 * can matter; those beside them count as too far.
 */
static unsigned
distance(const char *a, size_t a_length, const char *b, size_t b_length, unsigned limit)
{
    unsigned rows[3][WORD_MAX + 2];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length + 1; j++)
        above[j] = j <= limit ? (unsigned)j : limit + 1;
    for (size_t i = 1; i <= a_length; i++) {
        size_t low = i > limit ? i - limit : 1;
        size_t high = i + limit < b_length ? i + limit : b_length;
        row[low - 1] = i <= limit ? (unsigned)i : limit + 1;
        for (size_t j = low; j <= high; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);
            row[j] = least(above[j - 1] + (x != y), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y)
                row[j] = least(row[j], before[j - 2] + 1);
        }
        row[high + 1] = limit + 1;
        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_length];
}

const char *
nearest_word(const char *word, const char *const *known, size_t count)
{
    size_t length = strlen(word);
    if (length == 0 || length > WORD_MAX)
        return NULL;
    const char *best = NULL;
    unsigned best_distance = length <= 3 ? 1 : length <= 7 ? 2 : 3;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(known[i]);
        size_t apart = other > length ? other - length : length - other;
        if (other == 0 || other > WORD_MAX || apart > best_distance)
            continue;
        unsigned changes = distance(word, length, known[i], other, best_distance);
        if (changes < best_distance || (best == NULL && changes == best_distance)) {
            best = known[i];
            best_distance = changes;
        }
    }
    return best;
}

const char *
nearest_remedy(struct arena *arena, const char *word, const char *const *known, size_t count)
{
    const char *near = nearest_word(word, known, count);
    if (near != NULL)
        return arena_printf(arena, "did you mean `%s`?", near);
    if (count == 0)
        return NULL;
    struct text list;
    text_init(&list, arena);
    text_append(&list, "known here:");
    size_t shown = 0;
    for (size_t i = 0; i < count && shown < SHOWN_MAX; i++)
        if (strlen(known[i]) <= WORD_MAX)
            text_printf(&list, "%s %s", shown++ > 0 ? "," : "", known[i]);
    if (shown == 0)
        return NULL;
    if (shown < count)
        text_append(&list, ", ...");
    return list.bytes;
}
