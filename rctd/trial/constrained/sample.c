/*
 * sample.c: shuffles the first assignment within each stratum, again and again, and keeps what is
 * new in a hash table of its own. Last it exchanges the arms that could bear each other's names:
 * two of the same size in every stratum are then treated alike by the set.
 */
#include "trial/constrained/sample.h"

#include "trial/constrained/enumerate.h"
#include "trial/constrained/problem.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 100 /* for each assignment that is wanted */
#define TELL 1024

struct table {
    struct sample *sample;
    size_t capacity; /* of keys */
    size_t slots;    /* a power of two, over twice the capacity */
    uint32_t *slot;  /* index of a key from 1; 0 where there is none */
};

static void *
memory_of(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    return memory_get(bytes);
}

static void
table_open(struct table *table, struct sample *sample, size_t capacity)
{
    *table = (struct table){.sample = sample, .capacity = capacity, .slots = 16};
    while (table->slots < 2 * capacity)
        table->slots *= 2;
    table->slot = memory_of(table->slots, sizeof *table->slot);
    sample->keys = memory_of(capacity * sample->shape.words, sizeof *sample->keys);
}

static uint64_t
hash_of(const struct key_shape *shape, const uint64_t *key)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < shape->words; i++) {
        hash = (hash ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

/* Keeps the key unless it is there already. */
static void
table_add(struct table *table, const uint64_t *key)
{
    struct sample *sample = table->sample;
    size_t words = sample->shape.words;
    size_t at = (size_t)hash_of(&sample->shape, key) & (table->slots - 1);
    for (; table->slot[at] != 0; at = (at + 1) & (table->slots - 1))
        if (key_compare(&sample->shape, sample->keys + (table->slot[at] - 1) * words, key) == 0)
            return;
    memcpy(sample->keys + sample->count * words, key, words * sizeof *key);
    table->slot[at] = (uint32_t)++sample->count;
}

/* Fisher-Yates among the units of each stratum, in their order. */
static void
shuffle(const struct constrained_problem *problem, const size_t *const *members,
    const size_t *counts, struct stream *stream, uint8_t *arms)
{
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++) {
        const size_t *units = members[stratum];
        for (size_t i = counts[stratum]; i-- > 1;) {
            size_t j = (size_t)stream_uniform(stream, i + 1);
            uint8_t arm = arms[units[i]];
            arms[units[i]] = arms[units[j]];
            arms[units[j]] = arm;
        }
    }
}

static void
draw_distinct(struct arena *arena, const struct constrained_problem *problem, struct stream *stream,
    const struct constrained_progress *progress, uint64_t wanted, struct table *table)
{
    struct sample *sample = table->sample;
    uint8_t *base = arena_alloc(arena, problem->units), *arms = arena_alloc(arena, problem->units);
    uint64_t *key = arena_array(arena, sample->shape.words, sizeof *key);
    size_t **members = arena_array(arena, problem->stratum_count, sizeof *members);
    size_t *counts = arena_array(arena, problem->stratum_count, sizeof *counts);
    for (size_t unit = 0; unit < problem->units; unit++) {
        size_t stratum = problem->strata[unit];
        if (members[stratum] == NULL)
            members[stratum] = arena_array(arena, problem->units, sizeof **members);
        members[stratum][counts[stratum]++] = unit;
    }
    enumeration_base(arena, problem, base);
    for (uint64_t i = 0; i < TRIES * problem->sample && sample->count < wanted; i++) {
        memcpy(arms, base, problem->units);
        shuffle(problem, (const size_t *const *)members, counts, stream, arms);
        key_pack(&sample->shape, arms, key);
        table_add(table, key);
        if (progress != NULL && i % TELL == 0)
            progress->tell(progress->context, (int64_t)sample->count, (int64_t)wanted);
    }
}

/* In how many ways arms that are alike can bear each other's names; more than the limit stands for
 * too many. */
static uint64_t
renamings(const struct constrained_problem *problem)
{
    uint64_t ways = 1;
    for (size_t a = 0; a < problem->arms && ways <= CONSTRAINED_SCORED_MAX; a++) {
        uint64_t before = 1;
        for (size_t b = 0; b < a; b++)
            before += problem_alike(problem, a, b);
        ways *= before;
    }
    return ways;
}

/* Adds every assignment that follows from `arms` by giving the arms from `arm` on other names. */
static void
add_renamed(const struct constrained_problem *problem, struct table *table, size_t arm,
    uint8_t *names, const uint8_t *arms, uint8_t *renamed, uint64_t *key)
{
    if (arm == problem->arms) {
        for (size_t unit = 0; unit < problem->units; unit++)
            renamed[unit] = names[arms[unit]];
        key_pack(&table->sample->shape, renamed, key);
        table_add(table, key);
        return;
    }
    for (size_t other = arm; other < problem->arms; other++) {
        if (!problem_alike(problem, names[arm], names[other]))
            continue;
        uint8_t name = names[arm];
        names[arm] = names[other];
        names[other] = name;
        add_renamed(problem, table, arm + 1, names, arms, renamed, key);
        names[other] = names[arm];
        names[arm] = name;
    }
}

static void
close_under_renaming(
    struct arena *arena, const struct constrained_problem *problem, struct table *table)
{
    struct sample *sample = table->sample;
    uint8_t names[PROTOCOL_ARMS_MAX];
    uint8_t *arms = arena_alloc(arena, problem->units);
    uint8_t *renamed = arena_alloc(arena, problem->units);
    uint64_t *key = arena_array(arena, sample->shape.words, sizeof *key);
    size_t drawn = sample->count;
    for (size_t arm = 0; arm < problem->arms; arm++)
        names[arm] = (uint8_t)arm;
    for (size_t i = 0; i < drawn; i++) {
        key_unpack(&sample->shape, sample->keys + i * sample->shape.words, arms);
        add_renamed(problem, table, 0, names, arms, renamed, key);
    }
}

struct sample *
sample_draw(const struct constrained_problem *problem, struct stream *stream,
    const struct constrained_progress *progress, struct error *error)
{
    uint64_t ways = renamings(problem), count = constrained_count(problem);
    uint64_t wanted = problem->sample < count ? problem->sample : count;
    if (ways > CONSTRAINED_SCORED_MAX || wanted > CONSTRAINED_SCORED_MAX / ways) {
        error_set(error, ERROR_REFUSED, "constrained sample",
            "a sample of %llu assignments is too large: with the %zu arms' names exchanged it "
            "would "
            "be more than %d; ask for a smaller one",
            (unsigned long long)problem->sample, problem->arms, CONSTRAINED_SCORED_MAX);
        return NULL;
    }
    struct arena *arena = arena_new();
    struct sample *sample = memory_get(sizeof *sample);
    struct table table;
    *sample = (struct sample){.shape = key_shape_of(problem->units, problem->arms)};
    table_open(&table, sample, (size_t)(wanted * ways));
    draw_distinct(arena, problem, stream, progress, wanted, &table);
    if (ways > 1)
        close_under_renaming(arena, problem, &table);
    free(table.slot);
    arena_free(arena);
    return sample;
}

void
sample_free(struct sample *sample)
{
    if (sample == NULL)
        return;
    free(sample->keys);
    free(sample);
}
