/*
 * rerandomise_run.c: one run after another, each with the engine that allocates, under a seed of
 * its own.
 */
#include "trial/proof/rerandomise_private.h"

#include "trial/allocate.h"
#include "trial/design/minimisation.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
rerandomise_seed(uint64_t seed, int64_t run, uint8_t out[SEED_SIZE])
{
    char message[80];
    int length = snprintf(message, sizeof message, "rctd-rerandomise-v1%c%llu%c%lld", 0,
        (unsigned long long)seed, 0, (long long)run);
    crypto_hash_sha256(out, (const unsigned char *)message, (unsigned long long)length);
}

static void
place(const struct unit *unit, size_t arm, struct means *means)
{
    if (!unit->known)
        return;
    means->counts[arm]++;
    means->sums[arm] += unit->centred;
}

static bool
run_sequence(const struct rerandomise *test, const struct group *group,
    const uint8_t seed[SEED_SIZE], struct means *means, struct error *error)
{
    struct allocate_sequence *arms =
        allocate_open(test->scheme, seed, test->label, group->key, error);
    if (arms == NULL)
        return false;
    for (size_t i = 0; i < group->count; i++)
        place(&test->units[group->first + i], allocate_next(arms), means);
    allocate_close(arms);
    return true;
}

/* What allocate_minimise() does, without the record. */
static void
run_minimisation(const struct rerandomise *test, const struct group *group,
    const uint8_t seed[SEED_SIZE], struct means *means)
{
    struct stream_key key;
    struct stream stream;
    struct minimisation *tally = minimisation_new(test->protocol, test->scheme);
    stream_key_open(&key, seed, test->label, group->key);
    for (size_t i = 0; i < group->count; i++) {
        const struct unit *unit = &test->units[group->first + i];
        double scores[PROTOCOL_ARMS_MAX], p[PROTOCOL_ARMS_MAX];
        minimisation_scores(tally, unit->levels, scores);
        minimisation_probabilities(test->scheme, scores, p);
        stream_open(&stream, &key, i + 1);
        size_t arm = design_pick(test->scheme, p, &stream);
        minimisation_add(tally, unit->levels, arm);
        place(unit, arm, means);
    }
    stream_key_close(&key);
    minimisation_free(tally);
}

static void
run_batch(const struct rerandomise *test, const struct group *group, const uint8_t seed[SEED_SIZE],
    struct means *means)
{
    struct stream_key key;
    struct stream stream;
    uint8_t arms[CONSTRAINED_UNITS_MAX];
    stream_key_open(&key, seed, test->label, "");
    stream_open(&stream, &key, (uint64_t)group->number);
    constrained_arms(
        group->set, stream_uniform(&stream, constrained_summary(group->set)->accepted), arms);
    stream_key_close(&key);
    for (size_t i = 0; i < group->count; i++)
        place(&test->units[group->order[i]], group->problem->arm_indexes[arms[i]], means);
}

static bool
run_group(const struct rerandomise *test, const struct group *group, const uint8_t seed[SEED_SIZE],
    struct means *means, struct error *error)
{
    switch (test->scheme->method) {
    case METHOD_MINIMISATION:
        run_minimisation(test, group, seed, means);
        return true;
    case METHOD_CONSTRAINED:
        run_batch(test, group, seed, means);
        return true;
    default:
        return run_sequence(test, group, seed, means, error);
    }
}

bool
rerandomise_run(const struct rerandomise *test, uint64_t seed, int64_t first, int64_t count,
    struct rerandomise_tally *tally, struct error *error)
{
    for (int64_t run = first; run < first + count; run++) {
        uint8_t its_seed[SEED_SIZE];
        struct means means = {0};
        rerandomise_seed(seed, run, its_seed);
        for (size_t i = 0; i < test->group_count; i++)
            if (!run_group(test, &test->groups[i], its_seed, &means, error))
                return false;
        rerandomise_count(test, &means, 1, tally);
    }
    return true;
}

/* The problem of a batch, with the place of each of its units in the ledger. */
static bool
build(struct rerandomise *test, struct group *group, struct error *error)
{
    struct faults faults;
    struct constrained_unit *units = arena_array(test->arena, group->count, sizeof *units);
    faults_init(&faults, test->arena);
    for (size_t i = 0; i < group->count; i++)
        units[i] = (struct constrained_unit){.id = test->units[group->first + i].id,
            .values = test->units[group->first + i].batch.values};
    group->problem = constrained_problem_of(
        test->arena, test->protocol, test->scheme, units, group->count, &faults);
    if (group->problem == NULL)
        return error_set(error, ERROR_FIELDS, "rerandomise", "batch %lld: %s",
            (long long)group->number,
            faults.count == 0 ? "its values make no problem" : faults.items[0].message);
    group->order = arena_array(test->arena, group->count, sizeof *group->order);
    for (size_t i = 0; i < group->count; i++)
        for (size_t j = 0; j < group->count; j++)
            if (strcmp(group->problem->ids[i], units[j].id) == 0)
                group->order[i] = group->first + j;
    return true;
}

bool
rerandomise_solve(struct rerandomise *test, uint64_t seed, struct error *error)
{
    uint8_t its_seed[SEED_SIZE];
    rerandomise_seed(seed, 0, its_seed);
    for (size_t i = 0; i < test->group_count; i++) {
        struct group *group = &test->groups[i];
        struct stream_key key;
        struct stream stream;
        if (!build(test, group, error))
            return false;
        stream_key_open(&key, its_seed, test->label, "");
        stream_open(&stream, &key, (uint64_t)group->number);
        group->set = constrained_solve(group->problem, &stream, NULL, error);
        stream_key_close(&key);
        if (group->set == NULL)
            return false;
    }
    return true;
}
