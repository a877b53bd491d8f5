/*
 * call.c: takes a request through token, role, body, idempotency key, handler and commit, always in
 * this order, so that no handler has to think of any of it.
 */
#include "api/call.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/seal.h"
#include "http/auth.h"
#include "http/body.h"
#include "http/idempotency.h"
#include "http/secret.h"
#include "store/idempotency.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
call_init(struct call *call, const struct service *service, struct session *session,
    struct http_request *request, struct http_response *response)
{
    *call = (struct call){
        .service = service,
        .request = request,
        .response = response,
        .arena = request->arena,
        .session = session,
        .permission = permission_by_name(request->route->permission),
        .role = ROLE_COUNT,
    };
    faults_init(&call->faults, call->arena);
}

void
call_close(struct call *call)
{
    secret_wipe(call->request, call->body);
    json_decref(call->body);
    call->body = NULL;
    list_close(call);
}

static bool
has_trial(const struct route *route)
{
    return strstr(route->path, "/{trial}") != NULL;
}

/* The first role in the table's order that allows the call: roles that know more come first. */
static void
choose_role(struct call *call)
{
    for (size_t i = 0; i < call->caller.grant_count; i++) {
        const struct caller_grant *grant = &call->caller.grants[i];
        bool allowed = (call->permission->roles & 1U << grant->role) != 0;
        if (allowed && (grant->instance || !call->permission->instance) && grant->role < call->role)
            call->role = grant->role;
    }
}

/* The counties and sites of the chosen role; NULL when one of its grants has no bounds. Only those
 * held for the purpose count, where one is named. */
static const char *
scope_of_role(const struct call *call, enum purpose purpose)
{
    json_t *scope = json_array();
    const char *text = NULL;
    for (size_t i = 0; i < call->caller.grant_count; i++) {
        const struct caller_grant *grant = &call->caller.grants[i];
        if (grant->role != call->role || (purpose != PURPOSE_COUNT && grant->purpose != purpose))
            continue;
        if (grant->county == NULL && grant->site == NULL)
            goto out;
        json_array_append_new(
            scope, json_pack("{s:s?, s:s?}", "county", grant->county, "site", grant->site));
    }
    char *dumped = json_dumps(scope, JSON_COMPACT);
    text = arena_strdup(call->arena, dumped);
    free(dumped);
out:
    json_decref(scope);
    return text;
}

/* Says which roles may do it, as the description of the API does. */
static bool
refuse_role(const struct call *call, struct error *error)
{
    struct text names;
    text_init(&names, call->arena);
    const char *const *roles = permission_roles(call->request->route->permission);
    for (size_t i = 0; roles[i] != NULL; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : roles[i + 1] == NULL ? " or " : ", ", roles[i]);
    return error_set(error, ERROR_FORBIDDEN, "role",
        "None of your roles here allows this; it takes the role %s%s", names.bytes,
        call->permission->instance ? " of the whole instance" : "");
}

static bool
choose(struct call *call, struct error *error)
{
    const char *trial = has_trial(call->request->route) ? call->request->parameters[0] : NULL;
    if (!call->permission->any_account) {
        choose_role(call);
        if (call->role == ROLE_COUNT && trial != NULL && call->caller.grant_count == 0)
            return error_set(
                error, ERROR_FORBIDDEN, "role", "You have no role on a trial called %s", trial);
        if (call->role == ROLE_COUNT)
            return refuse_role(call, error);
        if (trial != NULL && !call->caller.has_trial)
            return error_set(error, ERROR_NOT_FOUND, "role", "There is no trial called %s", trial);
        call->scope = scope_of_role(call, PURPOSE_COUNT);
    }
    call->trial_id = call->caller.trial_id;
    return true;
}

static enum db_role
database_role(const struct call *call)
{
    if (call->permission->by_link)
        return DB_ROLE_LINK;
    if (call->role == ROLE_COUNT)
        return DB_ROLE_BLINDED;
    if (call->permission->sees_trail)
        return DB_ROLE_APP;
    switch (role_sight(call->role)) {
    case SIGHT_ARMS:
        return DB_ROLE_APP;
    case SIGHT_PROTOCOL:
        return DB_ROLE_MANAGER;
    case SIGHT_BLINDED:
        break;
    }
    return DB_ROLE_BLINDED;
}

bool
call_act(struct call *call, const char *action)
{
    struct tx_context context = *tx_context(call->tx);
    context.role = database_role(call);
    context.account_id = call->caller.account_id;
    context.actor = call->caller.name;
    context.actor_role = call->role == ROLE_COUNT ? "none" : role_name(call->role);
    context.organisation = call->caller.organisation;
    context.action = action;
    context.reason = call_text(call, "reason");
    context.request_id = call->request->id;
    return tx_act_as(call->tx, &context);
}

static bool
read_body(struct call *call, struct error *error)
{
    const struct route *route = call->request->route;
    if (!body_query(call->request, route->query, &call->faults, error) ||
        (route->list != LIST_NONE && !list_open(call, error)))
        return false;
    if (route->body != BODY_JSON || call->body != NULL)
        return true;
    return body_json(call->request, route->fields, &call->body, &call->faults, error);
}

bool
call_open(struct call *call, struct tx *tx, struct error *error)
{
    struct digest token;
    const struct route *route = call->request->route;
    call->tx = tx;
    call->role = ROLE_COUNT;
    call->restricted = call->for_ever = call->refused = call->wake = false;
    *call->response = (struct http_response){0};
    faults_init(&call->faults, call->arena);
    if (call->permission->by_link) {
        call->caller = (struct caller){.name = "link"};
        return read_body(call, error) && (call_act(call, route->id) || call_failed(call, error));
    }
    if (!auth_request(call->request, &token, error))
        return false;
    if (!account_authenticate(
            tx, token, has_trial(route) ? call->request->parameters[0] : "", &call->caller))
        return call_failed(call, error);
    if (!choose(call, error) || !read_body(call, error) ||
        !idempotency_key(call->request, &call->key, error))
        return false;
    return call_act(call, route->id) || call_failed(call, error);
}

/* A body that tells who somebody is could be guessed back from a plain digest: there the digest is
 * keyed. Without the master key nothing of who somebody is gets stored, with or without a key. */
static struct digest
digest_of(const struct call *call)
{
    struct error error = ERROR_CLEAR;
    unsigned char key[SEAL_KEY_SIZE];
    struct digest digest = idempotency_digest(call->request);
    const struct seal_key *master = (call->request->route->flags & ROUTE_IDENTITY) == 0
                                        ? NULL
                                        : session_master_key(call->session, &error);
    if (master == NULL)
        return digest;
    seal_derive(master, "rctd-request-digest-v1", key);
    const struct digest parts[] = {
        digest, digest_sha256(call->request->body, call->request->body_size)};
    digest = digest_hmac(key, sizeof key, parts, sizeof parts);
    sodium_memzero(key, sizeof key);
    return digest;
}

bool
call_replay(struct call *call, bool *replayed, struct error *error)
{
    struct idempotency_answer stored;
    *replayed = false;
    if (call->key == NULL)
        return true;
    if (!idempotency_find(
            call->tx, call->trial_id, call->key, call->caller.account_id, digest_of(call), &stored))
        return call_failed(call, error);
    if (!stored.found)
        return true;
    *call->response = (struct http_response){
        .status = stored.status,
        .content_type = "application/json",
        .body = arena_strdup(call->arena, stored.answer),
        .body_size = strlen(stored.answer),
    };
    http_add_header(call->response, "Idempotency-Replayed", "true");
    *replayed = true;
    return true;
}

bool
call_keep(struct call *call, struct error *error)
{
    if (call->key == NULL || call->refused)
        return true;
    const struct idempotency_answer answer = {
        .status = call->response->status,
        .answer = arena_strndup(call->arena, call->response->body, call->response->body_size),
        .restricted = call->restricted,
        .for_ever = call->for_ever,
    };
    return idempotency_store(call->tx, call->trial_id, call->key, call->caller.account_id,
               digest_of(call), &answer) ||
           call_failed(call, error);
}

static bool
run(struct call *call, struct tx *tx, struct error *error)
{
    bool replayed = false;
    if (!call_open(call, tx, error))
        return false;
    if (call->key != NULL && !idempotency_take(tx, call->trial_id, call->key))
        return call_failed(call, error);
    if (!call_replay(call, &replayed, error) || replayed)
        return replayed;
    return call->request->route->handler(call, error) && call_keep(call, error);
}

static bool
run_in_transaction(struct tx *tx, void *data)
{
    struct call *call = data;
    struct error error = ERROR_CLEAR;
    return run(call, tx, &error) || tx_fail(tx, error.code, "%s", error.detail);
}

/* After a request: counts a failed attempt, notes a token's use. Neither changes the answer's
 * meaning when the database does not take it, so that a failure is logged and no more. */
struct aftermath {
    struct call *call;
    bool failed_attempt;
    bool too_many;
};

static bool
after_in_transaction(struct tx *tx, void *data)
{
    struct aftermath *after = data;
    if (after->failed_attempt) {
        after->too_many = account_failed(tx, after->call->request->remote);
        return tx_ok(tx);
    }
    return account_note_use(tx, after->call->caller.unnoted_token.value);
}

static void
note_token(struct call *call, struct error *error)
{
    struct aftermath after = {.call = call, .failed_attempt = error->code == ERROR_UNAUTHENTICATED};
    if (!after.failed_attempt && !call->caller.unnoted_token.set)
        return;
    struct error trouble = ERROR_CLEAR;
    const struct tx_context context = {.role = DB_ROLE_APP,
        .account_id = call->caller.account_id,
        .actor = after.failed_attempt ? "rctd" : call->caller.name,
        .action = "token.use",
        .request_id = call->request->id};
    if (!session_transact(
            call->session, call->arena, &context, after_in_transaction, &after, &trouble))
        log_error(LOG_WARNING, "token use not noted", &trouble);
    if (after.too_many)
        error_set(error, ERROR_RATE_LIMITED, "token",
            "Too many attempts with a bad token from your address; try again in ten minutes");
}

void
call_settle(struct call *call, bool committed, const struct error *error)
{
    struct error told = *error;
    note_token(call, &told);
    if (committed)
        return;
    if (error_http_status(told.code) >= 500)
        log_error(LOG_ERROR, call->request->route->id, &told);
    *call->response = (struct http_response){0};
    http_problem(call->request, call->response, &told, &call->faults);
}

static void
serve_open_route(struct call *call)
{
    struct error error = ERROR_CLEAR;
    if (!call->request->route->handler(call, &error))
        http_problem(call->request, call->response, &error, NULL);
}

void
call_serve(const struct service *service, struct session *session, struct http_request *request,
    struct http_response *response)
{
    struct call call;
    struct error error = ERROR_CLEAR;
    call_init(&call, service, session, request, response);
    if (call.permission->open) {
        serve_open_route(&call);
        return;
    }
    const struct tx_context context = {
        .role = DB_ROLE_APP,
        .actor = "rctd",
        .request_id = request->id,
        .read_only =
            request->route->method == HTTP_GET && (request->route->flags & ROUTE_RECORDED) == 0,
        .repeatable = http_header(request, "Idempotency-Key") != NULL,
    };
    bool committed =
        session_transact(session, request->arena, &context, run_in_transaction, &call, &error);
    call_settle(&call, committed, &error);
    if (committed && call.wake)
        service->wake_dispatcher();
    call_close(&call);
}

bool
call_purpose_scope(struct call *call, enum purpose purpose, const char **scope)
{
    bool held = false;
    for (size_t i = 0; i < call->caller.grant_count; i++)
        held = held || (call->caller.grants[i].role == call->role &&
                           call->caller.grants[i].purpose == purpose);
    *scope = held ? scope_of_role(call, purpose) : NULL;
    return held;
}

bool
call_sees_arms(const struct call *call)
{
    return call->role != ROLE_COUNT && role_sight(call->role) == SIGHT_ARMS;
}

const char *
call_text(const struct call *call, const char *field)
{
    return json_string_value(json_object_get(call->body, field));
}

long long
call_number(const struct call *call, const char *field)
{
    return json_integer_value(json_object_get(call->body, field));
}

bool
call_flag(const struct call *call, const char *field)
{
    return json_is_true(json_object_get(call->body, field));
}

bool
call_fault(struct call *call, struct error *error, const char *pointer, const char *remedy,
    const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    faults_add(&call->faults, pointer, 0, 0, remedy, "%s", message);
    return error_set(error, ERROR_FIELDS, "body", "%s", message);
}

bool
call_failed(struct call *call, struct error *error)
{
    *error = *tx_error(call->tx);
    return false;
}

bool
call_answer(struct call *call, int status, json_t *json)
{
    http_json(call->request, call->response, status, json);
    return true;
}
