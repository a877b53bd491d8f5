/*
 * call.h: one request as its handler sees it: who asks, in which role, about which trial, with
 * which body; the transaction it runs in; and the answer it gives. A handler is short: decode, call
 * the rules of trial/, call store/, encode. It may run more than once when its transaction is
 * repeated, so it changes nothing but the database and its answer.
 */
#ifndef RCTD_API_CALL_H
#define RCTD_API_CALL_H

#include "api/list.h"
#include "api/permission.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/text.h"
#include "http/etag.h"
#include "http/request.h"
#include "http/route.h"
#include "store/account.h"
#include "store/session.h"

#include <jansson.h>
#include <stdbool.h>

/* What every worker's handlers share; never changed while the daemon serves. */
struct service {
    const struct route_table *routes;
    const char *openapi; /* the document, made once */
    bool rehearsal;      /* the clock may be moved */
    void (*write_metrics)(struct text *text);
    void (*wake_dispatcher)(void);
};

struct call {
    const struct service *service;
    struct http_request *request;
    struct http_response *response;
    struct arena *arena; /* the request's */
    struct session *session;
    struct tx *tx;
    const struct permission *permission;
    struct caller caller;
    enum role role;       /* the role that allows this call; ROLE_COUNT where none was asked for */
    const char *scope;    /* JSON for the statements' `scope`: NULL, or counties and sites */
    struct uuid trial_id; /* nil where the route has no trial */
    json_t *body;         /* checked against the route's fields */
    struct list list;     /* of a route that lists */
    struct faults faults;
    const char *key; /* the idempotency key, or NULL */
    bool restricted; /* the answer names an arm */
    bool for_ever;   /* the answer is kept by its key as long as the trial */
    bool refused;    /* the answer is a refusal that leaves a record: commit, do not keep by key */
    bool wake;       /* reminders may be due once this is committed */
    size_t enrolments_refused; /* people of a table who are registered already */
};

/*
 * Serves a request whole: transaction, token, permission, body, idempotency key, handler; fills the
 * response. Never fails: what goes wrong becomes a problem.
 */
void call_serve(const struct service *service, struct session *session,
    struct http_request *request, struct http_response *response);

/*
 * Would the request be let in by its token and role? Else the answer stands in the response. Asked
 * of who would wait in a line, before they take a place in it; call_serve asks again.
 */
bool call_admits(const struct service *service, struct session *session,
    struct http_request *request, struct http_response *response) MUST_CHECK;

/*
 * The steps of call_serve for those who serve several calls in one transaction. call_open: token,
 * role, body and key; false with `error` set where the call ends here. call_replay: true when the
 * key has an answer already, which then stands in the response. call_keep: stores the answer under
 * the key.
 */
void call_init(struct call *call, const struct service *service, struct session *session,
    struct http_request *request, struct http_response *response);
bool call_open(struct call *call, struct tx *tx, struct error *error) MUST_CHECK;
bool call_replay(struct call *call, bool *replayed, struct error *error) MUST_CHECK;
bool call_keep(struct call *call, struct error *error) MUST_CHECK;
void call_close(struct call *call); /* frees the body */

/* After the transaction: notes the token's use or its failure; a problem as the answer, with
 * `error`, where it was not committed. */
void call_settle(struct call *call, bool committed, const struct error *error);

/* The name of the trial in the path, or NULL. */
const char *call_trial(const struct call *call);

/* Finds the role that allows the call, and its counties and sites. ERROR_FORBIDDEN,
 * ERROR_NOT_FOUND.
 */
bool call_choose(struct call *call, struct error *error) MUST_CHECK;

/* Runs as the call's caller from here on in its transaction. */
bool call_act(struct call *call, const char *action) MUST_CHECK;

/* The counties and sites (as `scope`) for which the caller reads identities for that purpose; false
 * where the role is not held for it. */
bool call_purpose_scope(struct call *call, enum purpose purpose, const char **scope) MUST_CHECK;

/* Is the caller one that may know arms? Decides which list is asked for, not whether it is allowed:
 * that is the database's to say. */
bool call_sees_arms(const struct call *call);

/* Values of the body; NULL, 0 or false where a field is absent. */
const char *call_text(const struct call *call, const char *field);
long long call_number(const struct call *call, const char *field);
bool call_flag(const struct call *call, const char *field);

/* Adds a fault of the body and says so: always false. */
bool call_fault(struct call *call, struct error *error, const char *pointer, const char *remedy,
    const char *format, ...) PRINTF_LIKE(5, 6);

/* What the transaction says went wrong; always false. */
bool call_failed(struct call *call, struct error *error);

/* Answers with one JSON document; takes the reference; always true. */
bool call_answer(struct call *call, int status, json_t *json);

/* JSON values of what the database gives. */
json_t *json_time(int64_t time);
json_t *json_opt_time(struct opt_int64 time);
json_t *json_opt_number(struct opt_int64 number);
json_t *json_id(struct uuid id);
json_t *json_hex(const void *bytes, size_t size);
json_t *json_text(const char *text);   /* NULL becomes null */
json_t *json_stored(const char *json); /* JSON text that the database made */

#endif
