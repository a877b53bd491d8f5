/*
 * allocate.c: one transaction for all waiting requests of a scheme: strata locked in the order of
 * their keys, then for each request its idempotency key, the checks under the lock of the
 * unit, the allocation. A refusal leaves a record and is part of the commit. An error undoes
 * the whole transaction; then each request is served in one of its own, so that one cannot spoil
 * the others. What cannot be had for any of them is not waited for again by each: the database, or
 * a stratum that somebody holds.
 */
#include "api/conduct/allocate.h"

#include "api/conduct/allocation.h"
#include "base/log.h"
#include "base/named.h"
#include "http/server.h"
#include "store/conduct/allocation.h"
#include "store/people/staff.h"

#include <stdlib.h>
#include <string.h>

struct item {
    struct call call;
    struct http_response response;
    enum protocol_unit kind;
    const char *code;
    const char *stratum; /* its key, once it was read; NULL: not known */
    struct allocation_candidate candidate;
};

struct batch {
    struct item *items;
    size_t count;
    struct allocation_strata strata;
};

const char *
allocate_group(const struct http_request *request)
{
    json_t *body = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, NULL);
    const char *scheme = json_string_value(json_object_get(body, "scheme"));
    const char *trial = request->parameters[0];
    const char *group = scheme == NULL ? arena_printf(request->arena, "%s", request->id)
                                       : arena_printf(request->arena, "%s/%s", trial, scheme);
    json_decref(body);
    return group;
}

/* Token, role and body of every request, then the scheme. */
static bool
open_all(struct batch *batch, struct tx *tx, struct allocation_scheme *scheme, struct error *error)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &batch->items[i];
        if (!call_open(&item->call, tx, error) ||
            !allocation_read_unit(&item->call, &item->kind, &item->code, error))
            return false;
    }
    struct call *first = &batch->items[0].call;
    if (!allocation_hold_trial(tx, first->trial_id) ||
        !allocation_scheme_read(tx, first->session, first->trial_id, first->caller.time_zone,
            call_text(first, "scheme"), scheme))
        return call_failed(first, error);
    return allocation_refuse_batched(first, scheme, error);
}

static bool
lock_strata(struct batch *batch, struct tx *tx, const struct allocation_scheme *scheme)
{
    const char **codes = arena_array(tx_arena(tx), batch->count, sizeof *codes);
    const char **keys = arena_array(tx_arena(tx), batch->count, sizeof *keys);
    for (size_t i = 0; i < batch->count; i++)
        codes[i] = batch->items[i].code;
    if (!allocation_strata_read(tx, scheme, codes, batch->count, keys))
        return false;
    for (size_t i = 0; i < batch->count; i++)
        batch->items[i].stratum = keys[i];
    struct session *session = batch->items[0].call.session;
    return allocation_strata_lock(tx, session, scheme, keys, batch->count, &batch->strata);
}

/* Says no in plain words, and leaves a record that the stratum was looked at. */
static bool
refuse(struct item *item, const struct allocation_scheme *scheme, struct error *error)
{
    struct call *call = &item->call;
    const struct allocation_candidate *candidate = &item->candidate;
    const char *code = candidate->unit.row.code;
    const char *pointer = arena_printf(call->arena, "/%s", protocol_unit_name(item->kind));
    struct error refusal = ERROR_CLEAR;
    if (!allocation_record_attempt(
            call->tx, scheme, candidate, false, call->caller.account_id, call->request->id))
        return call_failed(call, error);
    for (size_t i = 0; i < candidate->missing_count; i++)
        faults_add(&call->faults, pointer, 0, 0, NULL, "%s", candidate->missing[i]);
    if (candidate->allocated)
        error_set(&refusal, ERROR_CONFLICT, "allocation",
            "%s has its allocation in %s already; rctctl ledger list shows it", code,
            scheme->scheme->name);
    else
        error_set(&refusal, ERROR_REFUSED, "allocation", "%s cannot be allocated yet: %s%s", code,
            candidate->missing[0], candidate->missing_count > 1 ? " (and more, see errors)" : "");
    http_problem(call->request, call->response, &refusal, &call->faults);
    call->refused = true;
    return true;
}

static bool
allocate_one(struct batch *batch, struct item *item, const struct allocation_scheme *scheme,
    struct error *error)
{
    struct call *call = &item->call;
    struct allocation_made made;
    bool replayed;
    if (!call_act(call, "allocation.make"))
        return call_failed(call, error);
    if (!call_replay(call, &replayed, error) || replayed)
        return replayed;
    if (!allocation_candidate_read(
            call->tx, scheme, call->scope, item->kind, item->code, true, &item->candidate) ||
        !staff_check(call->tx, scheme, &item->candidate, NULL, 0, call_flag(call, "acknowledge")))
        return call_failed(call, error);
    if (item->candidate.missing_count > 0)
        return refuse(item, scheme, error);
    if (!allocation_read_choice(call, scheme, &item->candidate, error))
        return false;
    struct allocation_stratum *stratum =
        allocation_strata_find(&batch->strata, item->candidate.stratum);
    if (stratum == NULL)
        return error_set(error, ERROR_CONTENTION, "allocation",
            "%s was being changed at the same time; try again", item->code);
    if (!allocation_make_one(call->tx, call->session, scheme, &item->candidate, stratum,
            call->caller.account_id, call->key, &made))
        return call_failed(call, error);
    call->restricted = call->for_ever = call->wake = true;
    call_answer(call, 201, allocation_encode_made(call, scheme, &item->candidate, &made));
    return call_keep(call, error);
}

static bool
run(struct batch *batch, struct tx *tx, struct error *error)
{
    struct allocation_scheme scheme;
    if (!open_all(batch, tx, &scheme, error))
        return false;
    if (!lock_strata(batch, tx, &scheme)) {
        *error = *tx_error(tx);
        return false;
    }
    for (size_t i = 0; i < batch->count; i++)
        if (!allocate_one(batch, &batch->items[i], &scheme, error))
            return false;
    return true;
}

static bool
run_in_transaction(struct tx *tx, void *data)
{
    struct error error = ERROR_CLEAR;
    return run(data, tx, &error) || tx_fail(tx, error.code, "%s", error.detail);
}

/* Results live in an arena of the batch: each request's own goes when it is answered. */
static bool
transact(struct session *session, struct arena *arena, struct batch *batch, struct error *error)
{
    const struct tx_context context = {
        .role = DB_ROLE_APP,
        .actor = "rctd",
        .request_id = batch->items[0].call.request->id,
        .repeatable = true, /* every request has a key, and is found by it */
    };
    return session_transact(session, arena, &context, run_in_transaction, batch, error);
}

static void
answer(struct item *item, bool committed, const struct error *error)
{
    struct call *call = &item->call;
    call_settle(call, committed, error);
    call_close(call);
    http_server_answer(call->request, &item->response);
}

static void
item_init(struct item *item, const struct service *service, struct session *session,
    struct http_request *request)
{
    *item = (struct item){0};
    call_init(&item->call, service, session, request, &item->response);
}

/* Serves a request of a batch that failed in a transaction of its own. */
static bool
serve_again(struct item *item, struct arena *arena, struct error *error)
{
    const struct call before = item->call;
    struct batch batch = {.items = item, .count = 1};
    call_close(&item->call);
    item_init(item, before.service, before.session, before.request);
    return transact(before.session, arena, &batch, error);
}

/* The database is gone or does not say what it has stored: so it is for every request. */
static bool
is_everybodys(const struct error *error)
{
    return error->code == ERROR_NO_DATABASE || error->code == ERROR_COMMIT_UNKNOWN;
}

struct held {
    const char **strata;
    size_t count;
    struct error error;
};

static bool
is_held(const struct held *held, const char *stratum)
{
    return named_has(NAMED(held->strata, held->count), stratum);
}

/* One after another; true when one was allocated. */
static bool
serve_apart(struct batch *batch, struct arena *arena, const struct error *failure)
{
    struct held held = {.strata = arena_array(arena, batch->count, sizeof *held.strata)};
    struct error lost = is_everybodys(failure) ? *failure : ERROR_CLEAR;
    bool wake = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &batch->items[i];
        const char *stratum = item->stratum;
        struct error error = lost.code != ERROR_NONE   ? lost
                             : is_held(&held, stratum) ? held.error
                                                       : ERROR_CLEAR;
        bool committed = error.code == ERROR_NONE && serve_again(item, arena, &error);
        if (!committed && is_everybodys(&error))
            lost = error;
        if (!committed && stratum != NULL && strcmp(error.where, "stratum_lock") == 0) {
            held.error = error;
            held.strata[held.count++] = stratum;
        }
        wake = wake || (committed && item->call.wake);
        if (lost.code != ERROR_NONE)
            item->call.caller.unnoted_token.set = false; /* there is nothing to note it in */
        answer(item, committed, &error);
    }
    return wake;
}

static void
serve_together(const struct service *service, struct session *session,
    struct http_request *const *requests, size_t count)
{
    struct arena *arena = arena_new();
    struct batch batch = {.items = arena_array(arena, count, sizeof(struct item)), .count = count};
    struct error error = ERROR_CLEAR;
    bool wake = false;
    for (size_t i = 0; i < count; i++)
        item_init(&batch.items[i], service, session, requests[i]);
    bool committed = transact(session, arena, &batch, &error);
    if (!committed && count > 1) {
        wake = serve_apart(&batch, arena, &error);
    } else {
        for (size_t i = 0; i < count; i++) {
            wake = wake || (committed && batch.items[i].call.wake);
            answer(&batch.items[i], committed, &error);
        }
    }
    arena_free(arena);
    if (wake)
        service->wake_dispatcher();
}

void
allocate_serve(const struct service *service, struct session *session,
    struct http_request *const *requests, size_t count)
{
    log_request_set(requests[0]->id);
    serve_together(service, session, requests, count);
    log_request_set(NULL);
}
