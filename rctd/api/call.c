/*
 * call.c: takes a request through token, role, body, idempotency key, handler and commit, always in
 * this order, so that no handler has to think of any of it.
 */
#include "api/call.h"

#include "api/filter.h"
#include "api/people/refusal.h"
#include "base/log.h"
#include "http/auth.h"
#include "http/body.h"
#include "http/idempotency.h"
#include "http/secret.h"
#include "store/idempotency.h"

#include <stdarg.h>
#include <stdio.h>

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

/* Token and role. */
static bool
let_in(struct call *call, struct tx *tx, struct error *error)
{
    struct digest token;
    call->tx = tx;
    call->role = ROLE_COUNT;
    if (!auth_request(call->request, &token, error))
        return false;
    if (!account_authenticate(
            tx, token, call_trial(call) == NULL ? "" : call_trial(call), &call->caller))
        return call_failed(call, error);
    return call_choose(call, error);
}

bool
call_open(struct call *call, struct tx *tx, struct error *error)
{
    const struct route *route = call->request->route;
    call->tx = tx;
    call->role = ROLE_COUNT;
    call->restricted = call->for_ever = call->refused = call->wake = false;
    call->enrolments_refused = 0;
    *call->response = (struct http_response){0};
    faults_init(&call->faults, call->arena);
    if (call->permission->by_link) {
        call->caller = (struct caller){.name = "link"};
        return read_body(call, error) && (call_act(call, route->id) || call_failed(call, error));
    }
    if (!let_in(call, tx, error) || !read_body(call, error) ||
        !idempotency_key(call->request, &call->key, error))
        return false;
    return call_act(call, route->id) || call_failed(call, error);
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
    return call->request->route->handler(call, error) && filter_check(call, error) &&
           call_keep(call, error);
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
    if (committed && call->caller.has_trial)
        http_add_header(
            call->response, "X-Time-Zone", arena_strdup(call->arena, call->caller.time_zone));
    if (committed)
        return;
    refusal_settle(call, &told);
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

static bool
let_in_transaction(struct tx *tx, void *data)
{
    struct error error = ERROR_CLEAR;
    return let_in(data, tx, &error) || tx_fail(tx, error.code, "%s", error.detail);
}

bool
call_admits(const struct service *service, struct session *session, struct http_request *request,
    struct http_response *response)
{
    struct call call;
    struct error error = ERROR_CLEAR;
    const struct tx_context context = {
        .role = DB_ROLE_APP, .actor = "rctd", .request_id = request->id, .read_only = true};
    call_init(&call, service, session, request, response);
    bool admitted =
        session_transact(session, request->arena, &context, let_in_transaction, &call, &error);
    if (!admitted)
        call_settle(&call, false, &error);
    call_close(&call);
    return admitted;
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
    return body_refuse(&call->faults, error);
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
