/*
 * nearest.h: which known word did somebody mean? For the remedy of a fault ("did you mean
 * `strata`?").
 */
#ifndef RCTD_BASE_NEAREST_H
#define RCTD_BASE_NEAREST_H

#include "base/arena.h"

#include <stddef.h>

/*
 * The word of the list with the fewest single-character changes from `word`, upper and lower case
 * being the same; NULL when none is near enough to be meant. Words of more than 63 bytes are near
 * nothing.
 */
const char *nearest_word(const char *word, const char *const *known, size_t count);

/*
 * The remedy for a word that is not known: "did you mean `near`?", or else "known here: a, b, c".
 * NULL where nothing is known. In the arena.
 */
const char *nearest_remedy(
    struct arena *arena, const char *word, const char *const *known, size_t count);

#endif
