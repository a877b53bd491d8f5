/*
 * merkle.c: builds the tree from left to right and keeps the roots of its full parts only, so that
 * any number of streams takes the same room.
 */
#include "trial/proof/merkle.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
append_netstring(struct text *text, const char *value)
{
    text_printf(text, "%zu:%s,", strlen(value), value);
}

struct digest
merkle_leaf(const char *trial_id, const char *stream, int64_t sequence, struct digest hash)
{
    char hex[DIGEST_HEX_SIZE];
    char number[24];
    struct text text;
    struct arena *arena = arena_new();
    text_init(&text, arena);
    text_append_bytes(&text, "\0", 1);
    snprintf(number, sizeof number, "%" PRId64, sequence);
    append_netstring(&text, trial_id);
    append_netstring(&text, stream);
    append_netstring(&text, number);
    append_netstring(&text, digest_hex(hash, hex));
    struct digest leaf = digest_sha256(text.bytes, text.length);
    arena_free(arena);
    return leaf;
}

static struct digest
node(struct digest left, struct digest right)
{
    uint8_t bytes[1 + 2 * DIGEST_SIZE] = {1};
    memcpy(bytes + 1, left.bytes, DIGEST_SIZE);
    memcpy(bytes + 1 + DIGEST_SIZE, right.bytes, DIGEST_SIZE);
    return digest_sha256(bytes, sizeof bytes);
}

static unsigned
ones(uint64_t number)
{
    return (unsigned)__builtin_popcountll(number);
}

void
merkle_add(struct merkle *merkle, struct digest leaf)
{
    unsigned top = ones(merkle->count);
    for (uint64_t size = 1; (merkle->count & size) != 0; size <<= 1)
        leaf = node(merkle->stack[--top], leaf);
    merkle->stack[top] = leaf;
    merkle->count++;
}

struct digest
merkle_root(const struct merkle *merkle)
{
    unsigned top = ones(merkle->count);
    if (top == 0)
        return digest_sha256("", 0);
    struct digest root = merkle->stack[--top];
    while (top > 0)
        root = node(merkle->stack[--top], root);
    return root;
}
