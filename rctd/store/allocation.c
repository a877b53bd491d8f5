/*
 * allocation.c: takes the next position of a stratum for a unit. Nothing here chooses: the arm
 * follows from seed, label, stratum and position (trial/allocate.h).
 */
#include "store/allocation.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/protocol.h"
#include "store/seed.h"
#include "store/task.h"
#include "trial/allocate.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
list_schemes(struct arena *arena, const struct protocol *protocol)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < protocol->scheme_count; i++)
        text_printf(&list, "%s%s", i == 0 ? "" : ", ", protocol->schemes[i].name);
    return list.bytes;
}

bool
allocation_hold_trial(struct tx *tx, struct uuid trial_id)
{
    return sql_trial_share(tx, &(struct sql_trial_share){.trial_id = trial_id}, NULL);
}

bool
allocation_scheme_read(struct tx *tx, struct session *session, struct uuid trial_id,
    const char *time_zone, const char *name, struct allocation_scheme *scheme)
{
    bool found = false;
    *scheme = (struct allocation_scheme){.trial_id = trial_id, .time_zone = time_zone};
    scheme->protocol = protocol_in_force(tx, session, trial_id, &scheme->version);
    if (scheme->protocol == NULL)
        return false;
    scheme->scheme = protocol_scheme_by_name(scheme->protocol, name);
    if (!sql_scheme_seed_get(tx,
            &(struct sql_scheme_seed_get){.trial_id = trial_id, .scheme = name}, &scheme->seed,
            &found))
        return false;
    if (scheme->scheme == NULL || !found)
        return tx_fail(tx, ERROR_NOT_FOUND, "The trial has no scheme called %s; it has %s", name,
            list_schemes(tx_arena(tx), scheme->protocol));
    return true;
}

struct missing {
    struct arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
};

static void
add(struct missing *missing, const char *sentence)
{
    missing->items = arena_grow(
        missing->arena, missing->items, missing->count, &missing->capacity, sizeof *missing->items);
    missing->items[missing->count++] = sentence;
}

static bool
excludes(const struct protocol *protocol, const char *phase, const char *other)
{
    const struct protocol_phase *row = protocol_phase_by_name(protocol, phase);
    for (size_t i = 0; row != NULL && i < row->exclude_count; i++)
        if (text_equal(protocol->phases[row->excludes[i]].name, other))
            return true;
    return false;
}

/* What the unit was allocated in before: this scheme, or a phase that excludes this one. */
static void
check_earlier(const struct allocation_scheme *scheme, struct allocation_candidate *candidate,
    struct missing *missing)
{
    json_t *earlier = json_loads(candidate->unit.row.allocations, 0, NULL);
    const char *phase = scheme->seed.phase;
    size_t index;
    json_t *item;
    json_array_foreach(earlier, index, item)
    {
        const char *other = json_string_value(json_object_get(item, "phase"));
        const char *in = json_string_value(json_object_get(item, "scheme"));
        if (text_equal(in, scheme->scheme->name)) {
            candidate->allocated = true;
            add(missing, arena_printf(missing->arena, "Allocated in %s already, on %.10s", in,
                             json_string_value(json_object_get(item, "allocated_at"))));
        } else if (excludes(scheme->protocol, phase, other) ||
                   excludes(scheme->protocol, other, phase)) {
            add(missing, arena_printf(missing->arena,
                             "Was in the phase %s, and no %s of that phase can enter %s", other,
                             candidate->unit.row.kind, phase));
        }
    }
    json_decref(earlier);
}

static void
check_stratum(struct arena *arena, const struct allocation_scheme *scheme,
    struct allocation_candidate *candidate, struct missing *missing)
{
    struct faults faults;
    faults_init(&faults, arena);
    candidate->stratum = protocol_stratum_key(
        arena, scheme->protocol, scheme->scheme, &candidate->unit.facts.values, &faults);
    for (size_t i = 0; i < faults.count; i++)
        add(missing,
            arena_printf(arena, "%s: %s", faults.items[i].pointer, faults.items[i].message));
}

/* What speaks against the unit in this scheme, of the right kind. */
static void
check_unit(const struct allocation_scheme *scheme, struct allocation_candidate *candidate,
    struct missing *missing)
{
    check_earlier(scheme, candidate, missing);
    check_stratum(missing->arena, scheme, candidate, missing);
    struct readiness readiness =
        readiness_of(missing->arena, scheme->protocol, scheme->scheme, &candidate->unit.facts);
    for (size_t i = 0; i < readiness.count; i++)
        add(missing, readiness.missing[i]);
}

bool
allocation_candidate_read(struct tx *tx, const struct allocation_scheme *scheme, const char *scope,
    enum protocol_unit kind, const char *code, bool lock, struct allocation_candidate *candidate)
{
    struct missing missing = {.arena = tx_arena(tx)};
    *candidate = (struct allocation_candidate){0};
    if (!unit_read(tx, scheme->trial_id, scope, kind, code, lock, &candidate->unit))
        return false;
    if (text_equal(scheme->seed.phase_state, "closed"))
        add(&missing,
            arena_printf(missing.arena, "The phase %s is closed for good", scheme->seed.phase));
    else if (!text_equal(scheme->seed.phase_state, "open"))
        add(&missing,
            arena_printf(missing.arena, "The phase %s is not open yet; the trial manager opens it",
                scheme->seed.phase));
    else if (scheme->seed.closed)
        add(&missing,
            arena_printf(missing.arena, "The scheme %s is closed for good", scheme->scheme->name));
    if (kind == scheme->scheme->unit)
        check_unit(scheme, candidate, &missing);
    else
        add(&missing, arena_printf(missing.arena, "The scheme %s allocates %ss; this is a %s",
                          scheme->scheme->name, protocol_unit_name(scheme->scheme->unit),
                          protocol_unit_name(kind)));
    candidate->missing = missing.items;
    candidate->missing_count = missing.count;
    return true;
}

static bool
read_attributes(struct tx *tx, const struct allocation_scheme *scheme, const char *const *codes,
    size_t count, struct sql_unit_attributes_rows *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(codes[i]));
    char *text = json_dumps(list, JSON_COMPACT);
    bool ok = sql_unit_attributes(tx,
        &(struct sql_unit_attributes){.trial_id = scheme->trial_id,
            .kind = protocol_unit_name(scheme->scheme->unit),
            .codes = text},
        rows);
    free(text);
    json_decref(list);
    return ok;
}

static bool
lock_stratum(struct tx *tx, const struct allocation_scheme *scheme, const char *key,
    struct allocation_stratum *stratum)
{
    struct uuid trial_id = scheme->trial_id;
    const char *name = scheme->scheme->name;
    struct sql_stratum_last_row last;
    bool found;
    if (!sql_stratum_ensure(tx,
            &(struct sql_stratum_ensure){.trial_id = trial_id, .scheme = name, .stratum = key},
            NULL) ||
        !sql_stratum_lock(tx,
            &(struct sql_stratum_lock){.trial_id = trial_id, .scheme = name, .stratum = key},
            NULL) ||
        !sql_stratum_last(tx,
            &(struct sql_stratum_last){.trial_id = trial_id, .scheme = name, .stratum = key}, &last,
            &found))
        return false;
    *stratum = (struct allocation_stratum){.key = key, .last = found ? last.position : 0};
    return true;
}

static int
compare_keys(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

bool
allocation_strata_read(struct tx *tx, const struct allocation_scheme *scheme,
    const char *const *codes, size_t count, const char **keys)
{
    struct arena *arena = tx_arena(tx);
    struct sql_unit_attributes_rows rows;
    for (size_t i = 0; i < count; i++)
        keys[i] = NULL;
    if (!read_attributes(tx, scheme, codes, count, &rows))
        return false;
    for (size_t r = 0; r < rows.count; r++) {
        struct protocol_values values;
        struct faults faults;
        faults_init(&faults, arena);
        unit_values(arena, rows.rows[r].attributes, rows.rows[r].year, &values);
        const char *key =
            protocol_stratum_key(arena, scheme->protocol, scheme->scheme, &values, &faults);
        for (size_t i = 0; i < count; i++)
            if (text_equal(codes[i], rows.rows[r].code))
                keys[i] = key;
    }
    return true;
}

bool
allocation_strata_lock(struct tx *tx, const struct allocation_scheme *scheme,
    const char *const *keys, size_t count, struct allocation_strata *strata)
{
    const char **sorted = arena_array(tx_arena(tx), count, sizeof *sorted);
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (keys[i] != NULL)
            sorted[known++] = keys[i];
    qsort(sorted, known, sizeof *sorted, compare_keys);
    *strata = (struct allocation_strata){
        .items = arena_array(tx_arena(tx), known, sizeof *strata->items)};
    for (size_t i = 0; i < known; i++)
        if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)
            if (!lock_stratum(tx, scheme, sorted[i], &strata->items[strata->count++]))
                return false;
    return true;
}

struct allocation_stratum *
allocation_strata_find(const struct allocation_strata *strata, const char *key)
{
    for (size_t i = 0; i < strata->count; i++)
        if (strcmp(strata->items[i].key, key) == 0)
            return &strata->items[i];
    return NULL;
}

/* The arm at a position, from the opened seed, which is wiped before this returns. */
static bool
compute_arm(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const char *stratum, int64_t position, struct allocate_result *result)
{
    uint8_t seed[SEED_SIZE];
    struct error error = ERROR_CLEAR;
    if (!seed_open(tx, session, &scheme->seed, seed))
        return false;
    struct allocate_bookmark *bookmark = bookmarks_find(
        session_bookmarks(session), scheme->scheme, seed, scheme->seed.label, stratum);
    bool ok = allocate_arm(
        scheme->scheme, seed, scheme->seed.label, stratum, position, bookmark, result, &error);
    sodium_memzero(seed, sizeof seed);
    return ok || tx_fail(tx, error.code, "%s", error.detail);
}

void
allocation_receipt(struct bytes hash, char out[ALLOCATION_RECEIPT_SIZE])
{
    const uint8_t *b = hash.data;
    if (hash.size < 8) {
        out[0] = '\0';
        return;
    }
    snprintf(out, ALLOCATION_RECEIPT_SIZE, "%02x%02x-%02x%02x-%02x%02x-%02x%02x", b[0], b[1], b[2],
        b[3], b[4], b[5], b[6], b[7]);
}

/* Sends what is queued; what fails of that fails here. */
static bool
read_receipt(struct tx *tx, struct uuid trial_id, struct allocation_made *made)
{
    struct sql_allocation_receipt_row row;
    if (!sql_allocation_receipt(tx,
            &(struct sql_allocation_receipt){
                .trial_id = trial_id, .allocation_id = made->allocation_id},
            &row))
        return tx_explain(tx, "allocation_key", ERROR_KEY_REUSED,
            "This Idempotency-Key was used for another request; use a new key for a new request");
    made->allocated_at = row.allocated_at;
    allocation_receipt(row.hash, made->receipt);
    return true;
}

static bool
insert(struct tx *tx, const struct allocation_scheme *scheme, const struct allocation_made *made,
    const struct allocation_stratum *stratum, const char *decision, struct uuid unit_id,
    struct uuid account_id, const char *key)
{
    return sql_allocation_insert(tx,
        &(struct sql_allocation_insert){.trial_id = scheme->trial_id,
            .allocation_id = made->allocation_id,
            .scheme = scheme->scheme->name,
            .stratum = stratum->key,
            .position = made->position,
            .unit_id = unit_id,
            .arm = scheme->protocol->arms[made->arm].id,
            .phase = scheme->seed.phase,
            .protocol_version = scheme->version,
            .method = protocol_method_name(scheme->scheme->method),
            .decision = decision,
            .allocated_by = account_id,
            .idempotency_key = key},
        NULL);
}

bool
allocation_make_one(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, struct allocation_stratum *stratum,
    struct uuid account_id, const char *key, struct allocation_made *made)
{
    struct allocate_result result;
    struct uuid trial_id = scheme->trial_id;
    struct uuid unit_id = candidate->unit.row.unit_id;
    *made = (struct allocation_made){.allocation_id = uuid_new(), .position = stratum->last + 1};
    if (!compute_arm(tx, session, scheme, stratum->key, made->position, &result))
        return false;
    made->arm = result.arm;
    stratum->last = made->position;
    return insert(tx, scheme, made, stratum, result.decision, unit_id, account_id, key) &&
           sql_unit_set_state(tx,
               &(struct sql_unit_set_state){
                   .trial_id = trial_id, .unit_id = unit_id, .state = "allocated"},
               NULL) &&
           task_plan_allocation(tx, scheme->protocol, trial_id, scheme->version, scheme->time_zone,
               scheme->scheme->phase, unit_id, result.arm) &&
           read_receipt(tx, trial_id, made);
}

bool
allocation_record_attempt(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, bool dry_run, struct uuid account_id,
    const char *request_id)
{
    json_t *list = json_array();
    for (size_t i = 0; i < candidate->missing_count; i++)
        json_array_append_new(list, json_string(candidate->missing[i]));
    char *missing = json_dumps(list, JSON_COMPACT);
    bool ok = sql_attempt_insert(tx,
        &(struct sql_attempt_insert){.trial_id = scheme->trial_id,
            .attempt_id = uuid_new(),
            .scheme = scheme->scheme->name,
            .unit_id = candidate->unit.row.unit_id,
            .kind = dry_run ? "dry-run" : "refused",
            .stratum = candidate->stratum,
            .missing = missing,
            .account_id = account_id,
            .request_id = request_id},
        NULL);
    free(missing);
    json_decref(list);
    return ok;
}
