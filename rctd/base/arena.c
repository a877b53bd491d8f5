/*
 * arena.c: a chain of blocks, the newest first. A large allocation gets a block of its own size.
 */
#include "base/arena.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
    struct block *next;
    size_t size; /* bytes behind this header */
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *newest;
};

void *
memory_get(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    if (memory == NULL) {
        fputs("rctd: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static struct block *
block_new(size_t size, struct block *next)
{
    struct block *block = memory_get(sizeof *block + size);
    block->next = next;
    block->size = size;
    return block;
}

struct arena *
arena_new(void)
{
    struct arena *arena = memory_get(sizeof *arena);
    arena->newest = block_new(BLOCK_SIZE, NULL);
    return arena;
}

/* Frees all blocks but the oldest, which has the standard size, and wipes what was used. */
static void
shrink(struct arena *arena)
{
    while (arena->newest->next != NULL) {
        struct block *block = arena->newest;
        arena->newest = block->next;
        sodium_memzero(block->bytes, block->used);
        free(block);
    }
    sodium_memzero(arena->newest->bytes, arena->newest->used);
    arena->newest->used = 0;
}

void
arena_reset(struct arena *arena)
{
    shrink(arena);
}

void
arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    shrink(arena);
    free(arena->newest);
    free(arena);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        abort();
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct block *block = arena->newest;
    if (block->size - block->used < rounded) {
        block = block_new(rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE, block);
        arena->newest = block;
    }
    void *memory = block->bytes + block->used;
    block->used += rounded;
    return memory;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        abort();
    return arena_alloc(arena, bytes);
}

void *
arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *larger = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(larger, array, count * size);
    return larger;
}

char *
arena_strndup(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *
arena_strdup(struct arena *arena, const char *string)
{
    return string == NULL ? NULL : arena_strndup(arena, string, strlen(string));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    char *string = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(string, (size_t)length + 1, format, again);
    va_end(again);
    return string;
}
