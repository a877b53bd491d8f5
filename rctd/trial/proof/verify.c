/*
 * verify.c: what holds for every method: positions without gap or repetition, units that stand once
 * in a scheme, and the cells that repeat what the scheme says. What is left, the arm and what it
 * was decided on, is for the method's own file.
 */
#include "trial/proof/verify_private.h"

#include "trial/design/design.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096

static const char *const fault_names[] = {
#define NAME(name, text) [VERIFY_##name] = (text),
    VERIFY_FAULTS(NAME)
#undef NAME
};

const char *
verify_fault_name(enum verify_fault fault)
{
    return fault_names[fault];
}

struct verify *
verify_new(const struct verify_plan *plan, struct error *error)
{
    const struct design *design;
    if (!design_check(plan->scheme, &design, error))
        return NULL;
    struct verify *verify = memory_get(sizeof *verify);
    *verify = (struct verify){
        .plan = *plan,
        .arena = arena_new(),
        .scratch = arena_new(),
        .design = design,
        .bucket_count = BUCKETS,
        .units = verify_units_new(),
    };
    if (verify->plan.longest_gap == 0)
        verify->plan.longest_gap = VERIFY_GAP_MAX;
    verify->label = allocate_label(verify->arena, plan->protocol->trial, plan->scheme->name);
    verify->buckets = arena_array(verify->arena, BUCKETS, sizeof(struct verify_state *));
    if (plan->scheme->method == METHOD_MINIMISATION)
        verify->tally = minimisation_new(plan->protocol, plan->scheme);
    return verify;
}

void
verify_free(struct verify *verify)
{
    if (verify == NULL)
        return;
    for (size_t i = 0; i < verify->bucket_count; i++)
        for (struct verify_state *s = verify->buckets[i]; s != NULL; s = s->next)
            allocate_close(s->sequence);
    verify_units_free(verify->units);
    verify_batch_free(verify->batch);
    minimisation_free(verify->tally);
    arena_free(verify->scratch);
    arena_free(verify->arena);
    free(verify);
}

void
verify_find(struct verify *verify, struct verify_state *state, enum verify_fault fault,
    const struct ledger_row *row, const char *found, const char *expected)
{
    struct verify_result *result = &verify->result;
    struct arena *arena = verify->arena;
    result->differences++;
    if (state != NULL)
        state->summary.differences++;
    if (result->finding_count == VERIFY_KEPT)
        return;
    result->findings = arena_grow(arena, result->findings, result->finding_count,
        &verify->finding_capacity, sizeof *result->findings);
    result->findings[result->finding_count++] = (struct verify_finding){
        .fault = fault,
        .line = row->line,
        .stratum = ledger_cell_text(arena, row->cells[LEDGER_STRATUM]),
        .position = row->position,
        .found = arena_strdup(arena, found),
        .expected = arena_strdup(arena, expected),
    };
}

void
verify_find_cell(struct verify *verify, struct verify_state *state, enum verify_fault fault,
    const struct ledger_row *row, enum ledger_column column, const char *expected)
{
    if (verify->result.finding_count < VERIFY_KEPT)
        verify_find(verify, state, fault, row, ledger_cell_text(verify->arena, row->cells[column]),
            expected);
    else
        verify_find(verify, state, fault, row, NULL, NULL);
}

size_t
verify_arm(const struct verify *verify, struct ledger_cell cell)
{
    const struct protocol *protocol = verify->plan.protocol;
    for (size_t i = 0; i < protocol->arm_count; i++)
        if (ledger_cell_is(cell, protocol->arms[i].id))
            return i;
    return PROTOCOL_NONE;
}

void
verify_compare_arm(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row, size_t arm)
{
    const char *id = verify->plan.protocol->arms[arm].id;
    verify->result.arms_checked++;
    if (ledger_cell_is(row->cells[LEDGER_ARM], id))
        return;
    verify->result.arms_wrong++;
    verify_find_cell(verify, state, VERIFY_ARM, row, LEDGER_ARM, id);
}

static uint64_t
hash_of(struct ledger_cell cell)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < cell.length; i++)
        hash = (hash ^ (unsigned char)cell.bytes[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

static struct verify_state *
add_state(struct verify *verify, struct ledger_cell key, uint64_t hash)
{
    struct error error = ERROR_CLEAR;
    struct verify_state *state = arena_alloc(verify->arena, sizeof *state);
    struct verify_state **bucket = &verify->buckets[hash % verify->bucket_count];
    *state = (struct verify_state){
        .next = *bucket,
        .hash = hash,
        .key_length = key.length,
        .owned = hash % verify->plan.parts == verify->plan.part,
        .due = 1,
        .summary.key = ledger_cell_text(verify->arena, key),
    };
    /* A method that looks beyond a stratum keeps one ledger for the scheme. */
    state->known =
        verify->design->no_sequence != NULL
            ? key.length == 0
            : protocol_is_stratum(verify->plan.protocol, verify->plan.scheme, state->summary.key);
    if (state->owned && state->known && verify->design->no_sequence == NULL)
        state->sequence = allocate_open(
            verify->plan.scheme, verify->plan.seed, verify->label, state->summary.key, &error);
    *bucket = state;
    return state;
}

static bool
is_of(const struct verify_state *state, struct ledger_cell key)
{
    return state->key_length == key.length &&
           memcmp(state->summary.key, key.bytes, key.length) == 0;
}

static struct verify_state *
find_state(struct verify *verify, struct ledger_cell key)
{
    if (verify->last != NULL && is_of(verify->last, key))
        return verify->last;
    uint64_t hash = hash_of(key);
    struct verify_state *state = verify->buckets[hash % verify->bucket_count];
    while (state != NULL && (state->hash != hash || !is_of(state, key)))
        state = state->next;
    verify->last = state == NULL ? add_state(verify, key, hash) : state;
    return verify->last;
}

static void
check_unit(struct verify *verify, const struct ledger_row *row)
{
    static const uint8_t key[crypto_shorthash_siphashx24_KEYBYTES] = "rctd ledger unit";
    uint8_t fingerprint[crypto_shorthash_siphashx24_BYTES];
    struct ledger_cell unit = row->cells[LEDGER_UNIT];
    crypto_shorthash_siphashx24(fingerprint, (const unsigned char *)unit.bytes, unit.length, key);
    if (fingerprint[15] % verify->plan.parts != verify->plan.part)
        return;
    unsigned before = verify_units_note(verify->units, fingerprint, row->line);
    if (before == 0)
        return;
    verify_find_cell(verify, NULL, VERIFY_UNIT, row, LEDGER_UNIT,
        arena_printf(verify->scratch, "line %u", before));
    arena_reset(verify->scratch);
}

/* The cells that repeat what protocol and scheme say. */
static void
check_cells(struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    const struct protocol *protocol = verify->plan.protocol;
    const struct protocol_scheme *scheme = verify->plan.scheme;
    const struct {
        enum ledger_column column;
        enum verify_fault fault;
        const char *right;
    } checks[] = {
        {LEDGER_TRIAL, VERIFY_TRIAL, protocol->trial},
        {LEDGER_KIND, VERIFY_KIND, protocol_unit_name(scheme->unit)},
        {LEDGER_PHASE, VERIFY_PHASE, protocol->phases[scheme->phase].name},
        {LEDGER_METHOD, VERIFY_METHOD, protocol_method_name(scheme->method)},
    };
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (!ledger_cell_is(row->cells[checks[i].column], checks[i].right))
            verify_find_cell(
                verify, state, checks[i].fault, row, checks[i].column, checks[i].right);
    if (row->protocol_version < state->version) {
        verify_find_cell(verify, state, VERIFY_VERSION, row, LEDGER_PROTOCOL_VERSION,
            arena_printf(verify->scratch, "%lld or later", (long long)state->version));
        arena_reset(verify->scratch);
    }
    state->version = row->protocol_version;
}

static bool
in_gap(struct verify_state *state, int64_t position)
{
    for (size_t i = 0; i < state->gap_count; i++)
        if (position >= state->gaps[i].first && position <= state->gaps[i].last)
            return true;
    return false;
}

/* Walks over the positions that are missing before the row's own. */
static void
walk_over(struct verify *verify, struct verify_state *state, int64_t position)
{
    if (state->gap_count < VERIFY_GAPS_KEPT)
        state->gaps[state->gap_count++] = (struct verify_gap){state->due, position - 1};
    if (position - state->due > verify->plan.longest_gap)
        state->lost = true;
    while (state->sequence != NULL && !state->lost && state->due < position) {
        state->counts[allocate_next(state->sequence)]++;
        state->due++;
    }
    state->due = position;
}

/* Is the row the next one of its stratum? Where positions are missing, it is after all. */
static bool
check_position(struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    if (row->position == state->due)
        return true;
    const char *due = arena_printf(verify->scratch, "%lld", (long long)state->due);
    if (row->position < state->due) {
        enum verify_fault fault = in_gap(state, row->position) ? VERIFY_ORDER : VERIFY_TWICE;
        verify_find_cell(verify, state, fault, row, LEDGER_POSITION, due);
        arena_reset(verify->scratch);
        return false;
    }
    verify_find_cell(verify, state, VERIFY_GAP, row, LEDGER_POSITION, due);
    arena_reset(verify->scratch);
    walk_over(verify, state, row->position);
    return true;
}

static void
check_row(struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    size_t arm = verify_arm(verify, row->cells[LEDGER_ARM]);
    verify->result.rows++;
    state->summary.rows++;
    if (arm != PROTOCOL_NONE)
        state->summary.arms[arm]++;
    check_cells(verify, state, row);
    if (!state->known) {
        verify_find_cell(verify, state, VERIFY_STRATUM, row, LEDGER_STRATUM, NULL);
        return;
    }
    if (!check_position(verify, state, row))
        return;
    state->due++;
    switch (verify->plan.scheme->method) {
    case METHOD_MINIMISATION:
        verify_minimised_row(verify, state, row);
        break;
    case METHOD_CONSTRAINED:
        verify_batch_row(verify, state, row);
        break;
    case METHOD_NONRANDOM:
        verify_nonrandom_row(verify, state, row);
        break;
    default:
        verify_sequence_row(verify, state, row);
    }
}

/* A row of another scheme is counted, once for all parts. */
static void
count_other(struct verify *verify, const struct ledger_row *row)
{
    struct verify_result *result = &verify->result;
    const char *nonrandom = protocol_method_name(METHOD_NONRANDOM);
    if (verify->plan.part != 0)
        return;
    if (ledger_cell_is(row->cells[LEDGER_METHOD], nonrandom)) {
        result->nonrandom++;
        return;
    }
    if (result->others++ == 0)
        result->other = ledger_cell_text(verify->arena, row->cells[LEDGER_SCHEME]);
}

void
verify_row(struct verify *verify, const struct ledger_row *row)
{
    if (!ledger_cell_is(row->cells[LEDGER_SCHEME], verify->plan.scheme->name)) {
        count_other(verify, row);
        return;
    }
    struct verify_state *state = find_state(verify, row->cells[LEDGER_STRATUM]);
    if (state->owned)
        check_row(verify, state, row);
    check_unit(verify, row);
}
