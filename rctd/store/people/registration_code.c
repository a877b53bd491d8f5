/*
 * registration_code.c: the codes that new participants get: drawn at random, from those that nobody
 * in the trial has.
 */
#include "base/bits.h"
#include "base/text.h"
#include "store/people/registration.h"

#include <stdlib.h>
#include <string.h>

#define CODES_ASKED_MOST 1000

/* The order of codes says nothing about the order of the rows. */
static void
shuffle(const char **codes, size_t count)
{
    for (size_t i = count; i-- > 1;) {
        size_t other = bits_uniform((uint32_t)i + 1);
        const char *code = codes[i];
        codes[i] = codes[other];
        codes[other] = code;
    }
}

static int
compare_taken(const void *a, const void *b)
{
    const struct sql_codes_taken_row *x = a;
    const struct sql_codes_taken_row *y = b;
    return strcmp(x->code, y->code);
}

/* Sorted. A few codes are asked for, where there are many all that are taken are read, once. */
static bool
read_taken(const struct registration *registration, const char **codes, size_t count,
    struct sql_codes_taken_rows *taken)
{
    const struct enrol *enrol = &registration->enrol;
    bool many = count > CODES_ASKED_MOST;
    if (many && taken->rows != NULL)
        return true;
    if (!sql_codes_taken(enrol->tx,
            &(struct sql_codes_taken){.trial_id = registration->desk->trial_id,
                .codes = many ? NULL : registration_list(enrol->arena, codes, count)},
            taken))
        return false;
    if (taken->count > 0)
        qsort(taken->rows, taken->count, sizeof *taken->rows, compare_taken);
    return true;
}

/* Leaves each code that nobody has, once; gives how many. */
static size_t
keep_free(const char **codes, size_t count, const struct sql_codes_taken_rows *taken)
{
    size_t kept = 0;
    qsort(codes, count, sizeof *codes, text_order);
    for (size_t i = 0; i < count; i++) {
        const struct sql_codes_taken_row wanted = {.code = codes[i]};
        bool used = (kept > 0 && strcmp(codes[i], codes[kept - 1]) == 0) ||
                    (taken->count > 0 && bsearch(&wanted, taken->rows, taken->count,
                                             sizeof *taken->rows, compare_taken) != NULL);
        if (!used)
            codes[kept++] = codes[i];
    }
    return kept;
}

const char **
registration_codes(struct registration *registration, size_t count)
{
    struct arena *arena = registration->enrol.arena;
    const char **codes = arena_array(arena, count, sizeof *codes);
    struct sql_codes_taken_rows taken = {0};
    char code[CODE_SIZE];
    size_t kept = 0;
    while (kept < count) {
        for (size_t i = kept; i < count; i++)
            codes[i] = arena_strdup(arena, code_make(bits_uniform(CODE_COUNT), code));
        if (!read_taken(registration, codes, count, &taken))
            return NULL;
        kept = keep_free(codes, count, &taken);
    }
    shuffle(codes, count);
    return codes;
}
