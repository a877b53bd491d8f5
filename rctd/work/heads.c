/*
 * heads.c: makes the signed lines of the audit heads file.
 */
#include "work/heads.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct digest
heads_leaf(const struct stream_head *head)
{
    char id[UUID_TEXT_SIZE];
    return merkle_leaf(uuid_text(head->trial_id, id), head->stream, head->sequence, head->hash);
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
    const char *signed_text = arena_printf(
        arena, MERKLE_PURPOSE "\n%s\n%" PRIu64 "\n%s\n", time, line->merkle.count, root);
    seal_sign(key, MERKLE_PURPOSE, signed_text, strlen(signed_text), signature, public_key);
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
    seal_sign(key, MERKLE_PURPOSE, "", 0, signature, public_key);
    return hex_encode(arena, public_key, sizeof public_key);
}
