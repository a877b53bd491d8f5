/*
 * arena.h: memory of one request or one job. Everything taken from an arena is given back together
 * when the arena is reset or freed; nothing is freed singly. An arena belongs to one thread at a
 * time. Running out of memory ends the process: the supervisor starts it again and the database has
 * the truth.
 */
#ifndef RCTD_BASE_ARENA_H
#define RCTD_BASE_ARENA_H

#include "base/compiler.h"

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is allowed */

/* Gives everything back but keeps the first block for the next task. Memory is wiped: requests
 * carry tokens and personal data. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/* Room for `count` elements; ends the process when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((malloc, returns_nonnull));

/*
 * An array that grows: gives room for one more element behind `count` used ones and returns the
 * array, moved where needed. `capacity` belongs to the array and starts as 0, the array as NULL.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size);

char *arena_strdup(struct arena *arena, const char *string); /* NULL gives NULL */
char *arena_strndup(struct arena *arena, const char *bytes, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Where memory that must not run out comes from: ends the process with a line in the log. */
void *memory_get(size_t size);

#endif
