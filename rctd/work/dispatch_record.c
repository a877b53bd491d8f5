/*
 * dispatch_record.c: what came of messages. Results are recorded in batches under the fences that
 * the messages left under; a result that could not be recorded is kept and tried again, and nothing
 * new leaves meanwhile.
 */
#include "base/clock.h"
#include "base/log.h"
#include "work/dispatch_private.h"

#include <jansson.h>
#include <stdlib.h>

#define JITTER_STEPS 1000

static void
judge(struct dispatch *dispatch, struct transfer *transfer)
{
    int64_t now = clock_monotonic();
    const struct post_result *result = &transfer->result;
    const struct retry_answer answer = {
        .status = result->status, .retry_after = result->retry_after};
    transfer->verdict =
        retry_judge(&answer, transfer->failures, (double)bits_uniform(JITTER_STEPS) / JITTER_STEPS);
    lane_leave(transfer->lane, now, transfer->verdict.slow_down && !result->refused,
        result->retry_after > RETRY_AFTER_MOST ? RETRY_AFTER_MOST : result->retry_after);
    if (transfer->verdict.outcome == RETRY_DELIVERED) {
        dispatch_count(dispatch, COUNT_DELIVERED, 1);
        return;
    }
    char id[UUID_TEXT_SIZE], why[LOG_QUOTED_SIZE];
    log_write(LOG_WARNING, "reminder not delivered reminder=%s attempt=%d outcome=%s why=%s",
        uuid_text(transfer->reminder_id, id), transfer->attempt,
        retry_outcome_name(transfer->verdict.outcome), log_quote(result->problem, why));
    dispatch_count(dispatch, COUNT_FAILED, 1);
    dispatch_count(dispatch, COUNT_DEAD, transfer->verdict.outcome == RETRY_DEAD);
    dispatch_count(dispatch, COUNT_REFUSED, result->refused);
}

void
dispatch_collect(struct dispatch *dispatch)
{
    struct post_result result;
    while (poster_take(dispatch->poster, &result)) {
        struct transfer *transfer = result.tag;
        transfer->result = result;
        transfer->ended = true;
        dispatch->ended_count++;
        judge(dispatch, transfer);
    }
}

struct record {
    struct dispatch *dispatch;
    struct uuid trial_id;
    const char *results;
};

static bool
belongs(const struct transfer *transfer, struct uuid trial_id)
{
    return transfer->ended && uuid_equal(transfer->trial_id, trial_id);
}

static json_t *
encode(const struct transfer *transfer)
{
    char reminder[UUID_TEXT_SIZE];
    char endpoint[UUID_TEXT_SIZE];
    const struct post_result *result = &transfer->result;
    json_t *json = json_pack("{s:s, s:i, s:i, s:I, s:s, s:f, s:i, s:s, s:f}", "reminder_id",
        uuid_text(transfer->reminder_id, reminder), "attempt", transfer->attempt, "shard",
        transfer->shard, "fence", (json_int_t)transfer->fence, "endpoint_id",
        uuid_text(transfer->endpoint_id, endpoint), "ago",
        (double)(clock_monotonic() - transfer->started) / 1000000, "milliseconds",
        (int)result->milliseconds, "outcome", retry_outcome_name(transfer->verdict.outcome), "wait",
        transfer->verdict.wait);
    if (result->status != 0)
        json_object_set_new(json, "status", json_integer(result->status));
    if (result->problem[0] != '\0')
        json_object_set_new(json, "problem", json_string(result->problem));
    return json;
}

static const char *
encode_all(struct dispatch *dispatch, struct uuid trial_id)
{
    json_t *list = json_array();
    for (size_t i = 0; i < dispatch->transfer_count; i++)
        if (belongs(dispatch->transfers[i], trial_id))
            json_array_append_new(list, encode(dispatch->transfers[i]));
    char *dumped = json_dumps(list, JSON_COMPACT);
    const char *text = arena_strdup(dispatch->arena, dumped);
    free(dumped);
    json_decref(list);
    return text;
}

static bool
record_in_transaction(struct tx *tx, void *data)
{
    const struct record *record = data;
    const struct dispatch *dispatch = record->dispatch;
    for (size_t i = 0; i < dispatch->transfer_count; i++) {
        const struct transfer *transfer = dispatch->transfers[i];
        if (belongs(transfer, record->trial_id) && transfer->verdict.gone &&
            !endpoint_gone(tx, record->trial_id, transfer->endpoint_id))
            return false;
    }
    return reminder_record(tx, record->trial_id, dispatch->daemon, record->results);
}

static void
forget(struct dispatch *dispatch, struct uuid trial_id)
{
    size_t kept = 0;
    for (size_t i = 0; i < dispatch->transfer_count; i++) {
        struct transfer *transfer = dispatch->transfers[i];
        if (belongs(transfer, trial_id)) {
            dispatch->ended_count--;
            free(transfer);
        } else {
            dispatch->transfers[kept++] = transfer;
        }
    }
    dispatch->transfer_count = kept;
}

static const struct transfer *
first_ended(const struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->transfer_count; i++)
        if (dispatch->transfers[i]->ended)
            return dispatch->transfers[i];
    return NULL;
}

bool
dispatch_record(struct dispatch *dispatch)
{
    const struct transfer *first;
    while ((first = first_ended(dispatch)) != NULL) {
        struct record record = {.dispatch = dispatch,
            .trial_id = first->trial_id,
            .results = encode_all(dispatch, first->trial_id)};
        if (!dispatch_transact(dispatch, false, record_in_transaction, &record))
            return false;
        forget(dispatch, record.trial_id);
    }
    return true;
}
