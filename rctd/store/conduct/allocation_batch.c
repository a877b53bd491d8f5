/*
 * allocation_batch.c: allocates a batch of a constrained scheme. The number of the batch is the
 * draw; it follows from the ledger's last row, under the scheme's lock.
 */
#include "store/conduct/allocation_batch.h"

#include "store/conduct/allocation_private.h"
#include "store/conduct/seed.h"
#include "store/people/staff.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Words of the stream that a sample may take: some ten seconds under the scheme's lock. Assignments
 * that are all scored, one change after another, are bounded by the protocol's `enumerate`. */
#define SAMPLED_WORDS_MAX 40000000

#define STRATUM "" /* a constrained scheme is one sequence */

struct asked {
    const char *code;
    size_t place;
};

static int
compare_asked(const void *a, const void *b)
{
    const struct asked *x = a;
    const struct asked *y = b;
    return strcmp(x->code, y->code);
}

static int
compare_units(const void *a, const void *b)
{
    const struct allocation_batch_unit *x = a;
    const struct allocation_batch_unit *y = b;
    return strcmp(x->candidate.unit.row.code, y->candidate.unit.row.code);
}

/* The units' rows are locked in the order of the codes as they were given: two batches of the same
 * units do not wait for each other crosswise. */
bool
allocation_batch_read(struct tx *tx, const struct allocation_scheme *scheme, const char *scope,
    const char *const *codes, size_t count, bool lock, bool acknowledged,
    struct allocation_batch *batch)
{
    struct asked *asked = arena_array(tx_arena(tx), count, sizeof *asked);
    for (size_t i = 0; i < count; i++)
        asked[i] = (struct asked){codes[i], i};
    qsort(asked, count, sizeof *asked, compare_asked);
    *batch = (struct allocation_batch){
        .units = arena_array(tx_arena(tx), count, sizeof *batch->units), .count = count};
    for (size_t i = 0; i < count; i++) {
        struct allocation_batch_unit *unit = &batch->units[i];
        unit->asked = asked[i].place;
        if (!allocation_candidate_read(
                tx, scheme, scope, scheme->scheme->unit, asked[i].code, lock, &unit->candidate) ||
            !staff_check(tx, scheme, &unit->candidate, codes, count, acknowledged))
            return false;
        batch->unready += unit->candidate.missing_count > 0;
    }
    qsort(batch->units, count, sizeof *batch->units, compare_units);
    return true;
}

/* Words of the stream that scoring takes; none where every assignment is scored. */
static uint64_t
sampled_words(const struct constrained_problem *problem)
{
    uint64_t count = constrained_count(problem);
    if (count <= problem->enumerate)
        return 0;
    return (count < problem->sample ? count : problem->sample) * problem->units;
}

struct constrained_problem *
allocation_batch_problem(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_batch *batch, struct faults *faults)
{
    struct constrained_unit *units = arena_array(tx_arena(tx), batch->count, sizeof *units);
    for (size_t i = 0; i < batch->count; i++)
        units[i] = (struct constrained_unit){.id = batch->units[i].candidate.unit.row.code,
            .values = batch->units[i].candidate.unit.facts.values};
    struct constrained_problem *problem = constrained_problem_of(
        tx_arena(tx), scheme->protocol, scheme->scheme, units, batch->count, faults);
    if (problem == NULL || sampled_words(problem) <= SAMPLED_WORDS_MAX)
        return problem;
    faults_add(faults, "/units", 0, 0, "allocate fewer at once, or amend the protocol's `sample`",
        "a sample of %llu assignments of %zu units is more than others can wait for",
        (unsigned long long)problem->sample, batch->count);
    return NULL;
}

struct constrained_set *
allocation_batch_preview(const struct constrained_problem *problem, struct error *error)
{
    static const uint8_t nobodys_seed[SEED_SIZE];
    struct stream_key key;
    struct stream stream;
    stream_key_open(&key, nobodys_seed, "dry-run", STRATUM);
    stream_open(&stream, &key, 1);
    struct constrained_set *set = constrained_solve(problem, &stream, NULL, error);
    stream_close(&stream);
    stream_key_close(&key);
    if (set == NULL || constrained_is_random(set, error))
        return set;
    constrained_free(set);
    return NULL;
}

/* Draws the assignment with the opened seed, which is wiped before this returns. */
static bool
choose(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const struct constrained_problem *problem, struct allocation_batch_made *made)
{
    uint8_t seed[SEED_SIZE];
    struct error error = ERROR_CLEAR;
    if (!seed_open(tx, session, &scheme->seed, seed))
        return false;
    bool ok = constrained_allocate(
        tx_arena(tx), problem, seed, scheme->seed.label, made->number, NULL, &made->choice, &error);
    sodium_memzero(seed, sizeof seed);
    return ok || tx_fail(tx, error.code, "%s", error.detail);
}

static bool
write_rows(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_batch *batch, int64_t last, struct uuid account_id, const char *key,
    struct allocation_batch_made *made)
{
    for (size_t i = 0; i < batch->count; i++) {
        made->made[i] = (struct allocation_made){.allocation_id = uuid_new(),
            .position = last + (int64_t)i + 1,
            .arm = made->choice.arms[i]};
        const struct allocation_row row = {.allocation_id = made->made[i].allocation_id,
            .unit = &batch->units[i].candidate.unit,
            .stratum = STRATUM,
            .position = made->made[i].position,
            .arm = made->made[i].arm,
            .decision = made->choice.decisions[i],
            .account_id = account_id,
            .key = key};
        if (!staff_acknowledge(tx, scheme, &batch->units[i].candidate, account_id) ||
            !allocation_write(tx, scheme, &row))
            return allocation_explain(tx);
    }
    return true;
}

static bool
read_receipts(struct tx *tx, const struct allocation_scheme *scheme, int64_t last, size_t count,
    struct allocation_made *made)
{
    struct sql_batch_receipts_rows rows;
    if (!sql_batch_receipts(tx,
            &(struct sql_batch_receipts){
                .trial_id = scheme->trial_id, .scheme = scheme->scheme->name, .after = last},
            &rows))
        return allocation_explain(tx);
    if (rows.count != count)
        return tx_fail(tx, ERROR_INTERNAL, "The ledger has not taken the batch as it was written");
    for (size_t i = 0; i < count; i++) {
        made[i].allocated_at = rows.rows[i].allocated_at;
        allocation_receipt(rows.rows[i].hash, made[i].receipt);
    }
    return true;
}

bool
allocation_batch_make(struct tx *tx, struct session *session,
    const struct allocation_scheme *scheme, const struct allocation_batch *batch,
    const struct constrained_problem *problem, struct uuid account_id, const char *key,
    struct allocation_batch_made *made)
{
    struct sql_batch_last_row last;
    bool found;
    *made = (struct allocation_batch_made){
        .made = arena_array(tx_arena(tx), batch->count, sizeof *made->made)};
    if (!sql_batch_last(tx,
            &(struct sql_batch_last){.trial_id = scheme->trial_id, .scheme = scheme->scheme->name},
            &last, &found))
        return false;
    made->number = last.batch + 1; /* zeroes where nothing is found */
    return choose(tx, session, scheme, problem, made) &&
           write_rows(tx, scheme, batch, last.position, account_id, key, made) &&
           read_receipts(tx, scheme, last.position, batch->count, made->made);
}
