/*
 * heads.c: makes the signed lines of the audit heads file.
 */
#include "work/heads.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char purpose[] = "rctd-heads-v1";

static void
append_netstring(struct text *text, const char *value)
{
    text_printf(text, "%zu:%s,", strlen(value), value);
}

struct digest
heads_leaf(const struct stream_head *head)
{
    char id[UUID_TEXT_SIZE];
    char hash[DIGEST_HEX_SIZE];
    char sequence[24];
    struct text text;
    struct arena *arena = arena_new();
    text_init(&text, arena);
    text_append_bytes(&text, "\0", 1);
    snprintf(sequence, sizeof sequence, "%" PRId64, head->sequence);
    append_netstring(&text, uuid_text(head->trial_id, id));
    append_netstring(&text, head->stream);
    append_netstring(&text, sequence);
    append_netstring(&text, digest_hex(head->hash, hash));
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

struct heads_seen {
    struct digest *leaves; /* sorted */
    size_t count;
};

struct heads_line {
    struct arena *arena;
    const struct heads_seen *seen;
    struct merkle merkle;
    struct digest *leaves; /* in the order of the walk */
    size_t capacity;
    struct text heads;
};

struct heads_seen *
heads_seen_new(void)
{
    return memory_get(sizeof(struct heads_seen));
}

void
heads_seen_free(struct heads_seen *seen)
{
    if (seen != NULL)
        free(seen->leaves);
    free(seen);
}

static int
compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct digest));
}

static bool
is_seen(const struct heads_seen *seen, const struct digest *leaf)
{
    return seen->count > 0 &&
           bsearch(leaf, seen->leaves, seen->count, sizeof seen->leaves[0], compare) != NULL;
}

struct heads_line *
heads_line_start(struct arena *arena, const struct heads_seen *seen)
{
    struct heads_line *line = arena_alloc(arena, sizeof *line);
    line->arena = arena;
    line->seen = seen;
    text_init(&line->heads, arena);
    return line;
}

/* Names of streams hold identifiers, ids and levels of a protocol: what JSON would escape is
 * escaped. */
static void
append_json(struct text *text, const char *value)
{
    text_append(text, "\"");
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++) {
        if (*c < 0x20 || *c == '"' || *c == '\\')
            text_printf(text, "\\u%04x", *c);
        else
            text_append_bytes(text, (const char *)c, 1);
    }
    text_append(text, "\"");
}

void
heads_line_add(const struct stream_head *head, void *data)
{
    char id[UUID_TEXT_SIZE];
    char hash[DIGEST_HEX_SIZE];
    struct heads_line *line = data;
    struct digest leaf = heads_leaf(head);
    line->leaves = arena_grow(
        line->arena, line->leaves, line->merkle.count, &line->capacity, sizeof line->leaves[0]);
    line->leaves[line->merkle.count] = leaf;
    merkle_add(&line->merkle, leaf);
    if (is_seen(line->seen, &leaf))
        return;
    text_printf(&line->heads, "%s[\"%s\",", line->heads.length == 0 ? "" : ",",
        uuid_text(head->trial_id, id));
    append_json(&line->heads, head->stream);
    text_printf(&line->heads, ",%" PRId64 ",\"%s\"]", head->sequence, digest_hex(head->hash, hash));
}

const char *
heads_line_end(struct heads_line *line, const struct seal_key *key, int64_t at)
{
    char time[CLOCK_TEXT_SIZE];
    char root[DIGEST_HEX_SIZE];
    unsigned char signature[SEAL_SIGNATURE_SIZE];
    unsigned char public_key[SEAL_PUBLIC_KEY_SIZE];
    struct arena *arena = line->arena;
    digest_hex(merkle_root(&line->merkle), root);
    clock_format(at, time);
    const char *signed_text =
        arena_printf(arena, "%s\n%s\n%" PRIu64 "\n%s\n", purpose, time, line->merkle.count, root);
    seal_sign(key, purpose, signed_text, strlen(signed_text), signature, public_key);
    return arena_printf(arena,
        "{\"at\":\"%s\",\"heads\":[%s],\"count\":%" PRIu64
        ",\"root\":\"%s\",\"signature\":\"%s\",\"key\":\"%s\"}\n",
        time, line->heads.bytes, line->merkle.count, root,
        hex_encode(arena, signature, sizeof signature),
        hex_encode(arena, public_key, sizeof public_key));
}

void
heads_line_written(struct heads_line *line, struct heads_seen *seen)
{
    free(seen->leaves);
    seen->count = line->merkle.count;
    seen->leaves = memory_get(seen->count * sizeof seen->leaves[0]);
    if (seen->count > 0)
        memcpy(seen->leaves, line->leaves, seen->count * sizeof seen->leaves[0]);
    qsort(seen->leaves, seen->count, sizeof seen->leaves[0], compare);
}

const char *
heads_public_key(struct arena *arena, const struct seal_key *key)
{
    unsigned char signature[SEAL_SIGNATURE_SIZE];
    unsigned char public_key[SEAL_PUBLIC_KEY_SIZE];
    seal_sign(key, purpose, "", 0, signature, public_key);
    return hex_encode(arena, public_key, sizeof public_key);
}
