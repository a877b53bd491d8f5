/*
 * choose.c: draws one assignment from the accepted set, and writes what the ledger keeps of it: all
 * that is needed, with the protocol and the seed, to make the same choice again.
 *
 * Numbers are written with twelve digits: less than what another compiler's rounding may change.
 */
#include "base/text.h"
#include "trial/constrained/constrained.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

static void
append_string(struct text *text, const char *string)
{
    text_append(text, "\"");
    for (const char *c = string; *c != '\0'; c++)
        if (*c == '"' || *c == '\\')
            text_printf(text, "\\%c", *c);
        else if ((unsigned char)*c < ' ')
            text_printf(text, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            text_append_bytes(text, c, 1);
    text_append(text, "\"");
}

/* What all units of the batch have in common, up to their values. */
static const char *
common_part(struct arena *arena, const struct constrained_problem *problem, int64_t batch,
    const struct constrained_choice *choice)
{
    const struct constrained_summary *summary = &choice->summary;
    return arena_printf(arena,
        "{\"batch\":%lld,\"units\":%zu,\"metric\":\"%s\",\"assignments\":%llu,\"enumerated\":%s,"
        "\"accept\":%.12g,\"accepted\":%llu,\"cutoff_score\":%.12g,\"chosen\":%llu,"
        "\"score\":%.12g,\"values\":",
        (long long)batch, problem->units, problem->metric == SCORE_L1 ? "l1" : "l2",
        (unsigned long long)summary->assignments, summary->enumerated ? "true" : "false",
        problem->accept, (unsigned long long)summary->accepted, summary->cutoff_score,
        (unsigned long long)choice->chosen, choice->score);
}

static const char *
decision(struct arena *arena, const char *common, const struct protocol_values *values)
{
    struct text text;
    text_init(&text, arena);
    text_append(&text, common);
    text_append(&text, "{");
    for (size_t i = 0; i < values->count; i++) {
        text_append(&text, i == 0 ? "" : ",");
        append_string(&text, values->items[i].name);
        text_append(&text, ":");
        append_string(&text, values->items[i].value);
    }
    text_append(&text, "}}");
    return text.bytes;
}

static void
fill_choice(struct arena *arena, const struct constrained_problem *problem, int64_t batch,
    const struct constrained_set *set, struct constrained_choice *choice)
{
    uint8_t *arms = arena_alloc(arena, problem->units);
    constrained_arms(set, choice->chosen, arms);
    choice->score = constrained_score(set, choice->chosen);
    choice->arms = arena_array(arena, problem->units, sizeof *choice->arms);
    choice->decisions = arena_array(arena, problem->units, sizeof *choice->decisions);
    const char *common = common_part(arena, problem, batch, choice);
    for (size_t unit = 0; unit < problem->units; unit++) {
        choice->arms[unit] = problem->arm_indexes[arms[unit]];
        choice->decisions[unit] = decision(arena, common, &problem->values[unit]);
    }
}

static void
open_draw(struct stream_key *key, struct stream *stream, const uint8_t seed[SEED_SIZE],
    const char *label, int64_t batch)
{
    stream_key_open(key, seed, label, "");
    stream_open(stream, key, (uint64_t)batch);
}

bool
constrained_is_random(const struct constrained_set *set, struct error *error)
{
    return constrained_summary(set)->accepted > 1 ||
           error_set(error, ERROR_REFUSED, "constrained draw",
               "one assignment alone is balanced well enough, so that there is nothing to draw: "
               "allocate more units at once, or amend the protocol's `accept`");
}

bool
constrained_allocate(struct arena *arena, const struct constrained_problem *problem,
    const uint8_t seed[SEED_SIZE], const char *label, int64_t batch,
    const struct constrained_progress *progress, struct constrained_choice *choice,
    struct error *error)
{
    struct stream_key key;
    struct stream stream;
    if (batch < 1)
        return error_set(error, ERROR_INTERNAL, "constrained batch",
            "batches count from 1; %lld is none", (long long)batch);
    open_draw(&key, &stream, seed, label, batch);
    struct constrained_set *set = constrained_solve(problem, &stream, progress, error);
    bool random = set != NULL && constrained_is_random(set, error);
    if (random) {
        choice->summary = *constrained_summary(set);
        choice->chosen = stream_uniform(&stream, choice->summary.accepted);
        fill_choice(arena, problem, batch, set, choice);
    }
    stream_close(&stream);
    stream_key_close(&key);
    constrained_free(set);
    return random;
}

uint64_t
constrained_draw(const struct constrained_set *set, const uint8_t seed[SEED_SIZE],
    const char *label, int64_t batch)
{
    struct stream_key key;
    struct stream stream;
    assert(constrained_summary(set)->enumerated);
    open_draw(&key, &stream, seed, label, batch);
    uint64_t chosen = stream_uniform(&stream, constrained_summary(set)->accepted);
    stream_close(&stream);
    stream_key_close(&key);
    return chosen;
}
