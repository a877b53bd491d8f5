/*
 * allocation_make.c: takes the next position of a stratum for a unit. Nothing here chooses: the arm
 * follows from the sealed seed and the ledger (trial/allocate.h), or is what a coordinator says of
 * a unit that nobody randomises.
 */
#include "base/digest.h"
#include "store/conduct/allocation_private.h"
#include "store/conduct/seed.h"
#include "store/conduct/tally.h"
#include "store/contact/task.h"
#include "store/people/staff.h"
#include "trial/allocate.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct decision {
    size_t arm;
    const char *record; /* JSON, in the tx's arena */
};

/* The arm at a position of the stratum's own sequence. */
static bool
decide_position(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const uint8_t seed[SEED_SIZE], const struct allocation_stratum *stratum, int64_t position,
    struct decision *decision)
{
    struct allocate_result result;
    struct error error = ERROR_CLEAR;
    struct allocate_bookmark *bookmark = bookmarks_find(
        session_bookmarks(session), scheme->scheme, seed, scheme->seed.label, stratum->key);
    if (!allocate_arm(scheme->scheme, seed, scheme->seed.label, stratum->key, position, bookmark,
            &result, &error))
        return tx_fail(tx, error.code, "%s", error.detail);
    *decision =
        (struct decision){.arm = result.arm, .record = arena_strdup(tx_arena(tx), result.decision)};
    return true;
}

/* The arm for a unit with these levels after the units in the tally. */
static bool
decide_minimised(struct tx *tx, const struct allocation_scheme *scheme,
    const uint8_t seed[SEED_SIZE], const struct allocation_candidate *candidate,
    const struct allocation_stratum *stratum, int64_t position, struct decision *decision)
{
    struct allocate_minimised result;
    struct error error = ERROR_CLEAR;
    if (!allocate_minimise(tx_arena(tx), tally_counts(stratum->tally), seed, scheme->seed.label,
            position, candidate->levels, &result, &error))
        return tx_fail(tx, error.code, "%s", error.detail);
    *decision = (struct decision){.arm = result.arm, .record = result.decision};
    return true;
}

/* The arm from the opened seed, which is wiped before this returns. */
static bool
decide_randomly(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, const struct allocation_stratum *stratum,
    int64_t position, struct decision *decision)
{
    uint8_t seed[SEED_SIZE];
    if (!seed_open(tx, session, &scheme->seed, seed))
        return false;
    bool ok = stratum->tally != NULL
                  ? decide_minimised(tx, scheme, seed, candidate, stratum, position, decision)
                  : decide_position(tx, session, scheme, seed, stratum, position, decision);
    sodium_memzero(seed, sizeof seed);
    return ok;
}

/* What the coordinator says, with the reason. */
static void
record_choice(
    struct tx *tx, const struct allocation_candidate *candidate, struct decision *decision)
{
    json_t *json = json_pack("{s:s}", "reason", candidate->reason);
    char *text = json_dumps(json, JSON_COMPACT);
    *decision =
        (struct decision){.arm = candidate->arm, .record = arena_strdup(tx_arena(tx), text)};
    free(text);
    json_decref(json);
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

bool
allocation_explain(struct tx *tx)
{
    return tx_explain(tx, "allocation_key", ERROR_KEY_REUSED,
        "This Idempotency-Key was used for another request; use a new key for a new request");
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
        return allocation_explain(tx);
    made->allocated_at = row.allocated_at;
    allocation_receipt(row.hash, made->receipt);
    return true;
}

bool
allocation_write(
    struct tx *tx, const struct allocation_scheme *scheme, const struct allocation_row *row)
{
    return unit_freeze_flags(tx, scheme->protocol, scheme->version, scheme->trial_id, row->unit) &&
           sql_allocation_insert(tx,
               &(struct sql_allocation_insert){.trial_id = scheme->trial_id,
                   .allocation_id = row->allocation_id,
                   .scheme = scheme->scheme->name,
                   .stratum = row->stratum,
                   .position = row->position,
                   .unit_id = row->unit->row.unit_id,
                   .arm = scheme->protocol->arms[row->arm].id,
                   .phase = scheme->seed.phase,
                   .protocol_version = scheme->version,
                   .method = protocol_method_name(scheme->scheme->method),
                   .decision = row->decision,
                   .allocated_by = row->account_id,
                   .idempotency_key = row->key},
               NULL) &&
           sql_unit_set_state(tx,
               &(struct sql_unit_set_state){.trial_id = scheme->trial_id,
                   .unit_id = row->unit->row.unit_id,
                   .state = "allocated"},
               NULL) &&
           task_plan_allocation(tx, scheme->protocol,
               &(struct task_allocation){.trial_id = scheme->trial_id,
                   .version = scheme->version,
                   .time_zone = scheme->time_zone,
                   .phase = scheme->scheme->phase,
                   .unit_id = row->unit->row.unit_id,
                   .kind = scheme->scheme->unit,
                   .arm = row->arm});
}

bool
allocation_make_one(struct tx *tx, struct session *session, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, struct allocation_stratum *stratum,
    struct uuid account_id, const char *key, struct allocation_made *made)
{
    struct decision decision = {0};
    *made = (struct allocation_made){.allocation_id = uuid_new(), .position = stratum->last + 1};
    if (!allocation_is_random(scheme))
        record_choice(tx, candidate, &decision);
    else if (!decide_randomly(tx, session, scheme, candidate, stratum, made->position, &decision))
        return false;
    made->arm = decision.arm;
    stratum->last = made->position;
    if (stratum->tally != NULL)
        tally_add(stratum->tally, made->allocation_id, candidate->levels, made->arm);
    const struct allocation_row row = {.allocation_id = made->allocation_id,
        .unit = &candidate->unit,
        .stratum = stratum->key,
        .position = made->position,
        .arm = made->arm,
        .decision = decision.record,
        .account_id = account_id,
        .key = key};
    return staff_acknowledge(tx, scheme, candidate, account_id) &&
           allocation_write(tx, scheme, &row) && read_receipt(tx, scheme->trial_id, made);
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
