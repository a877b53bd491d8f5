/*
 * named.h: lists whose entries begin with their name: words, rows of a table, structs whose first
 * member is `const char *`. One way to look an entry up.
 */
#ifndef RCTD_BASE_NAMED_H
#define RCTD_BASE_NAMED_H

#include <stdbool.h>
#include <stddef.h>

struct named {
    const void *items; /* each begins with a const char *, which may be NULL: such has no name */
    size_t count;
    size_t size; /* bytes from one entry to the next */
};

/* Of an array and its length. */
#define NAMED(array, length) ((struct named){(array), (length), sizeof *(array)})

const char *named_at(struct named list, size_t place);

/* The place of the first entry of this name; `list.count` where there is none, and for NULL. */
size_t named_find(struct named list, const char *name);

/* The entry itself; NULL where there is none. */
const void *named_get(struct named list, const char *name);

bool named_has(struct named list, const char *name);

#endif
