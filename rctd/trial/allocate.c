/*
 * allocate.c: walks the positions of a stratum. By blocks, a single position reads only the sizes
 * of the blocks before its own; by counts, every position before it is drawn. A sequence keeps the
 * block that it stands in.
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
    struct allocate_bookmark next; /* the next block; its counts only where the design needs them */
    size_t size;                   /* of the block in `arms` */
    size_t place;                  /* the next place in it */
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
    if (sequence->design->no_sequence != NULL)
        return error_set(error, ERROR_REFUSED, "allocate sequence",
            "scheme %s has no sequence that follows from its seed: %s", scheme->name,
            sequence->design->no_sequence);
    stream_key_open(&sequence->key, seed, label, stratum);
    sequence->next = (struct allocate_bookmark){0};
    sequence->size = 0;
    sequence->place = 0;
    return true;
}

static void
end(struct allocate_sequence *sequence)
{
    sodium_memzero(sequence, sizeof *sequence);
}

static void
open_draw(struct allocate_sequence *sequence)
{
    stream_open(
        &sequence->stream, &sequence->key, sequence->design->first_draw + sequence->next.block);
}

/* Reads the next block's arms; where counts decide, that is the next position's. */
static void
fill(struct allocate_sequence *sequence)
{
    const struct design *design = sequence->design;
    struct allocate_bookmark *next = &sequence->next;
    open_draw(sequence);
    if (design->block != NULL) {
        sequence->size = design->block(sequence->scheme, &sequence->stream, sequence->arms);
    } else {
        double p[PROTOCOL_ARMS_MAX];
        design->probabilities(sequence->scheme, next->counts, p);
        sequence->arms[0] = (uint8_t)design_pick(sequence->scheme, p, &sequence->stream);
        sequence->size = 1;
    }
    if (design->probabilities != NULL)
        next->counts[sequence->arms[0]]++;
    next->position += (int64_t)sequence->size;
    next->block++;
    sequence->place = 0;
}

/* Moves on to the block that holds the position; blocks before it are not kept. */
static void
seek(struct allocate_sequence *sequence, int64_t position)
{
    struct allocate_bookmark *next = &sequence->next;
    if (sequence->design->probabilities != NULL) {
        while (next->position + 1 < position)
            fill(sequence);
        return;
    }
    for (;;) {
        open_draw(sequence);
        size_t size = sequence->design->block_size(sequence->scheme, &sequence->stream);
        if (position - next->position <= (int64_t)size)
            return;
        next->position += (int64_t)size;
        next->block++;
    }
}

static void
write_decision(const struct protocol_scheme *scheme, struct allocate_result *result)
{
    size_t arms = design_arms(scheme);
    size_t used = 0;
    for (size_t arm = 0; arm < arms; arm++)
        used += (size_t)snprintf(result->decision + used, sizeof result->decision - used, "%s%lld",
            arm == 0 ? "{\"counts\":[" : ",", (long long)result->counts[arm]);
    snprintf(result->decision + used, sizeof result->decision - used, "]}");
}

/* Full blocks hold each arm in its ratio; of the position's own block the places before it count.
 */
static void
count_blocks(const struct allocate_sequence *sequence, int64_t before, size_t place,
    int64_t counts[PROTOCOL_ARMS_MAX])
{
    const struct protocol_scheme *scheme = sequence->scheme;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        counts[arm] = before / scheme->ratio_sum * scheme->ratio[arm];
    for (size_t i = 0; i < place; i++)
        counts[sequence->arms[i]]++;
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
    if (bookmark->position < position)
        sequence.next = *bookmark;
    seek(&sequence, position);
    *bookmark = sequence.next;
    fill(&sequence);
    size_t place = (size_t)(position - bookmark->position - 1);
    memcpy(result->counts, bookmark->counts, sizeof result->counts);
    if (sequence.design->probabilities == NULL)
        count_blocks(&sequence, bookmark->position, place, result->counts);
    result->arm = sequence.arms[place];
    write_decision(scheme, result);
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
