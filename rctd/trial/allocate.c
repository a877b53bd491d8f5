/*
 * allocate.c: walks the blocks of a stratum. A single position reads only the sizes of the blocks
 * before its own; a sequence keeps the block that it stands in.
 */
#include "trial/allocate.h"

#include "base/text.h"
#include "trial/design/design.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct allocate_sequence {
    const struct protocol_scheme *scheme;
    const struct design *design;
    struct stream_key key;
    struct stream stream;
    uint64_t block; /* number of the next block */
    size_t size;    /* of the block in `arms` */
    size_t place;   /* the next place in it */
    uint8_t arms[DESIGN_BLOCK_MAX];
};

char *
allocate_label(struct arena *arena, const char *trial, const char *scheme)
{
    return arena_printf(arena, "%s/%s", trial, scheme);
}

static bool
begin(struct allocate_sequence *sequence, const struct protocol_scheme *scheme,
    const uint8_t seed[SEED_SIZE], const char *label, const char *stratum, struct error *error)
{
    sequence->scheme = scheme;
    if (!design_check(scheme, &sequence->design, error))
        return false;
    stream_key_open(&sequence->key, seed, label, stratum);
    sequence->block = 0;
    sequence->size = 0;
    sequence->place = 0;
    return true;
}

static void
end(struct allocate_sequence *sequence)
{
    sodium_memzero(sequence, sizeof *sequence);
}

/* Reads the next block's arms. */
static void
fill(struct allocate_sequence *sequence)
{
    stream_open(&sequence->stream, &sequence->key, sequence->block++);
    sequence->size = sequence->design->block(sequence->scheme, &sequence->stream, sequence->arms);
    sequence->place = 0;
}

/* Moves the bookmark to the block that holds the position. */
static void
seek(struct allocate_sequence *sequence, int64_t position, struct allocate_bookmark *bookmark)
{
    if (bookmark->position >= position)
        *bookmark = (struct allocate_bookmark){0};
    for (;;) {
        stream_open(&sequence->stream, &sequence->key, bookmark->block);
        size_t size = sequence->design->block_size(sequence->scheme, &sequence->stream);
        if (position - bookmark->position <= (int64_t)size)
            return;
        bookmark->position += (int64_t)size;
        bookmark->block++;
    }
}

static void
write_decision(const struct protocol_scheme *scheme, struct allocate_result *result)
{
    size_t arms = PROTOCOL_ARMS_MAX;
    while (scheme->ratio[arms - 1] == 0)
        arms--;
    size_t used = 0;
    for (size_t arm = 0; arm < arms; arm++)
        used += (size_t)snprintf(result->decision + used, sizeof result->decision - used, "%s%lld",
            arm == 0 ? "{\"counts\":[" : ",", (long long)result->counts[arm]);
    snprintf(result->decision + used, sizeof result->decision - used, "]}");
}

/* Full blocks hold each arm in its ratio; of the position's own block the places before it count.
 */
static void
decide(struct allocate_sequence *sequence, size_t place, int64_t before,
    struct allocate_result *result)
{
    const struct protocol_scheme *scheme = sequence->scheme;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        result->counts[arm] = before / scheme->ratio_sum * scheme->ratio[arm];
    for (size_t i = 0; i < place; i++)
        result->counts[sequence->arms[i]]++;
    result->arm = sequence->arms[place];
    write_decision(scheme, result);
}

bool
allocate_arm(const struct protocol_scheme *scheme, const uint8_t seed[SEED_SIZE], const char *label,
    const char *stratum, int64_t position, struct allocate_bookmark *bookmark,
    struct allocate_result *result, struct error *error)
{
    struct allocate_bookmark start = {0};
    struct allocate_sequence sequence;
    if (position < 1)
        return error_set(error, ERROR_INTERNAL, "allocate position",
            "positions in a stratum count from 1; %lld is none", (long long)position);
    if (!begin(&sequence, scheme, seed, label, stratum, error))
        return false;
    if (bookmark == NULL)
        bookmark = &start;
    seek(&sequence, position, bookmark);
    sequence.block = bookmark->block;
    fill(&sequence);
    decide(&sequence, (size_t)(position - bookmark->position - 1), bookmark->position, result);
    end(&sequence);
    return true;
}

struct allocate_sequence *
allocate_open(const struct protocol_scheme *scheme, const uint8_t seed[SEED_SIZE],
    const char *label, const char *stratum, struct error *error)
{
    struct allocate_sequence *sequence = memory_get(sizeof *sequence);
    if (begin(sequence, scheme, seed, label, stratum, error))
        return sequence;
    allocate_close(sequence);
    return NULL;
}

size_t
allocate_next(struct allocate_sequence *sequence)
{
    if (sequence->place == sequence->size)
        fill(sequence);
    return sequence->arms[sequence->place++];
}

void
allocate_close(struct allocate_sequence *sequence)
{
    if (sequence == NULL)
        return;
    end(sequence);
    free(sequence);
}
