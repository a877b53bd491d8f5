/*
 * chain.c: hashes audit rows and walks their streams. When a row does not fit, the rest of its
 * stream is only looked through for the row that belongs there, so that an exchange of two rows is
 * told from a change of one.
 */
#include "trial/proof/chain.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct chain_walk {
    struct arena *arena;
    int64_t rows;
    int64_t streams;
    struct chain_finding *findings;
    size_t count;
    size_t capacity;

    bool open; /* what follows describes the stream that is being walked */
    const char *trial_id;
    const char *stream;
    int64_t next;           /* the sequence that the next row should have */
    struct digest previous; /* hash of the row before it */
    bool broken;            /* `finding` is set */
    struct chain_finding finding;
    struct digest misfit; /* stored hash of the row that CHAIN_CHANGED is about */
};

static void
hash_field(crypto_hash_sha256_state *state, const char *value)
{
    char head[24];
    if (value == NULL) {
        crypto_hash_sha256_update(state, (const unsigned char *)"-,", 2);
        return;
    }
    size_t length = strlen(value);
    int head_length = snprintf(head, sizeof head, "%zu:", length);
    crypto_hash_sha256_update(state, (const unsigned char *)head, (size_t)head_length);
    crypto_hash_sha256_update(state, (const unsigned char *)value, length);
    crypto_hash_sha256_update(state, (const unsigned char *)",", 1);
}

struct digest
chain_hash(struct digest previous, const struct chain_row *row)
{
    char sequence[24];
    char at[CLOCK_TEXT_SIZE];
    snprintf(sequence, sizeof sequence, "%" PRId64, row->sequence);
    clock_format(row->at, at);
    const char *fields[] = {row->trial_id, row->stream, sequence, at, row->actor, row->actor_role,
        row->organisation, row->action, row->object_kind, row->object_id, row->old_value,
        row->new_value, row->reason, row->request_id};

    crypto_hash_sha256_state state;
    struct digest hash;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, previous.bytes, sizeof previous.bytes);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        hash_field(&state, fields[i]);
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

struct chain_walk *
chain_walk_new(struct arena *arena)
{
    struct chain_walk *walk = arena_alloc(arena, sizeof *walk);
    walk->arena = arena;
    return walk;
}

static void
find(struct chain_walk *walk, enum chain_fault fault, int64_t sequence, int64_t other)
{
    walk->broken = true;
    walk->finding = (struct chain_finding){.fault = fault,
        .trial_id = walk->trial_id,
        .stream = walk->stream,
        .sequence = sequence,
        .other = other};
}

static const char *
describe(struct chain_walk *walk, const struct chain_finding *finding)
{
    struct arena *arena = walk->arena;
    const char *stream = finding->stream;
    switch (finding->fault) {
    case CHAIN_MISSING:
        return arena_printf(
            arena, "stream %s: row %" PRId64 " is missing", stream, finding->sequence);
    case CHAIN_SWAPPED:
        return arena_printf(arena, "stream %s: rows %" PRId64 " and %" PRId64 " were swapped",
            stream, finding->sequence, finding->other);
    case CHAIN_EXTRA:
        return arena_printf(arena, "stream %s: row %" PRId64 " stands there once too often", stream,
            finding->sequence);
    case CHAIN_CHANGED:
        break;
    }
    return arena_printf(
        arena, "stream %s: row %" PRId64 " is not as it was written", stream, finding->sequence);
}

static void
close_stream(struct chain_walk *walk)
{
    if (walk->open && walk->broken) {
        walk->finding.message = describe(walk, &walk->finding);
        walk->findings = arena_grow(
            walk->arena, walk->findings, walk->count, &walk->capacity, sizeof *walk->findings);
        walk->findings[walk->count++] = walk->finding;
    }
    walk->open = false;
}

static void
enter(struct chain_walk *walk, const char *trial_id, const char *stream)
{
    if (walk->open && text_equal(walk->trial_id, trial_id) && text_equal(walk->stream, stream))
        return;
    close_stream(walk);
    walk->open = true;
    walk->broken = false;
    walk->trial_id = arena_strdup(walk->arena, trial_id);
    walk->stream = arena_strdup(walk->arena, stream);
    walk->next = 1;
    memset(walk->previous.bytes, 0, sizeof walk->previous.bytes);
    walk->streams++;
}

/* Is this later row the one that belongs where the misfit stands? Its hash may have moved with it.
 */
static void
look_for_swap(struct chain_walk *walk, const struct chain_row *row, struct digest stored)
{
    if (walk->finding.fault != CHAIN_CHANGED)
        return;
    struct chain_row moved = *row;
    moved.sequence = walk->finding.sequence;
    struct digest hash = chain_hash(walk->previous, &moved);
    if (digest_equal(hash, walk->misfit) || digest_equal(hash, stored))
        find(walk, CHAIN_SWAPPED, walk->finding.sequence, row->sequence);
}

void
chain_walk_row(struct chain_walk *walk, const struct chain_row *row, struct digest stored)
{
    enter(walk, row->trial_id, row->stream);
    walk->rows++;
    if (walk->broken) {
        look_for_swap(walk, row, stored);
        return;
    }
    if (row->sequence != walk->next) {
        bool gap = row->sequence > walk->next;
        find(walk, gap ? CHAIN_MISSING : CHAIN_EXTRA, gap ? walk->next : row->sequence, 0);
        return;
    }
    if (!digest_equal(chain_hash(walk->previous, row), stored)) {
        find(walk, CHAIN_CHANGED, row->sequence, 0);
        walk->misfit = stored;
        return;
    }
    walk->previous = stored;
    walk->next++;
}

void
chain_walk_head(struct chain_walk *walk, const char *trial_id, const char *stream, int64_t sequence,
    struct digest hash)
{
    enter(walk, trial_id, stream);
    int64_t last = walk->next - 1;
    if (walk->broken)
        return;
    if (last < sequence)
        find(walk, CHAIN_MISSING, last + 1, 0);
    else if (last > sequence)
        find(walk, CHAIN_EXTRA, sequence + 1, 0);
    else if (!digest_equal(walk->previous, hash))
        find(walk, CHAIN_CHANGED, last, 0);
}

size_t
chain_walk_end(struct chain_walk *walk, const struct chain_finding **findings)
{
    close_stream(walk);
    *findings = walk->findings;
    return walk->count;
}

int64_t
chain_walk_rows(const struct chain_walk *walk)
{
    return walk->rows;
}

int64_t
chain_walk_streams(const struct chain_walk *walk)
{
    return walk->streams;
}
