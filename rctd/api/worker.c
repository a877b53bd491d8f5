/*
 * worker.c: takes requests from the server's queue and has them served, alone or together with
 * others that wait for the same thing.
 */
#include "api/worker.h"

#include "api/conduct/allocate.h"
#include "api/conduct/combine.h"
#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct worker {
    struct workers *all;
    pthread_t thread;
    _Atomic int64_t busy_since; /* clock_monotonic(); 0 while it waits */
};

struct workers {
    struct worker_options options;
    struct combiner *combiner;
    unsigned count;
    struct worker worker[];
};

/* The group of a route whose requests take turns: no scheme's, since a trial's name does not begin
 * so. */
#define IN_TURN "/in-turn/%s"
#define IN_TURN_SIZE 128

/* So many may wait for their turn: who came behind them would wait for minutes. */
#define IN_TURN_LINE 16
#define IN_TURN_WAIT "30" /* seconds after which it is worth to ask again */

static _Thread_local struct worker *self;

static void
note_progress(void)
{
    atomic_store(&self->busy_since, clock_monotonic());
}

static void
serve_together(const struct service *service, struct session *session,
    struct http_request *const *requests, size_t count)
{
    note_progress();
    allocate_serve(service, session, requests, count);
}

/* What computes for long takes one worker; the others go on with what others ask. A daemon that
 * stops does not begin with more of it: there may be minutes of it. */
static void
serve_in_turn(const struct service *service, struct session *session,
    struct http_request *const *requests, size_t count)
{
    struct http_response response = {0};
    assert(count == 1);
    note_progress();
    if (http_server_draining(self->all->options.server)) {
        http_server_refuse(requests[0]);
        return;
    }
    log_request_set(requests[0]->id);
    call_serve(service, session, requests[0], &response);
    http_server_answer(requests[0], &response);
    log_request_set(NULL);
}

static const struct combine_way together = {.serve = serve_together, .together = COMBINE_MOST};
static const struct combine_way in_turn = {
    .serve = serve_in_turn, .together = 1, .line = IN_TURN_LINE};

/* Serves the request with its group or leaves it to who serves that; answers it where too many
 * wait.
 */
static void
submit(struct workers *all, struct session *session, struct http_request *request, const char *key,
    const struct combine_way *way)
{
    struct http_response response = {0};
    struct error error = ERROR_CLEAR;
    if (combiner_submit(all->combiner, key, way, request, all->options.service, session))
        return;
    error_set(&error, ERROR_BUSY, "turn", "%zu requests wait for their turn already", way->line);
    http_add_header(&response, "Retry-After", IN_TURN_WAIT);
    http_problem(request, &response, &error, NULL);
    http_server_answer(request, &response);
}

static void
serve(struct workers *all, struct session *session, struct http_request *request)
{
    struct http_response response = {0};
    if (request->refused.code != ERROR_NONE) {
        http_problem(request, &response, &request->refused, NULL);
    } else if ((request->route->flags & ROUTE_COMBINED) != 0) {
        submit(all, session, request, allocate_group(request), &together);
        return;
    } else if ((request->route->flags & ROUTE_IN_TURN) != 0) {
        char group[IN_TURN_SIZE];
        if (!call_admits(all->options.service, session, request, &response)) {
            http_server_answer(request, &response);
            return;
        }
        snprintf(group, sizeof group, IN_TURN, request->route->permission);
        submit(all, session, request, group, &in_turn);
        return;
    } else {
        call_serve(all->options.service, session, request, &response);
    }
    http_server_answer(request, &response);
}

static void *
work(void *data)
{
    struct worker *worker = data;
    struct workers *all = worker->all;
    self = worker;
    struct session *session = session_new(&all->options.session);
    struct http_request *request;
    while ((request = http_server_take(all->options.server)) != NULL) {
        note_progress();
        log_request_set(request->id);
        serve(all, session, request);
        log_request_set(NULL);
        atomic_store(&worker->busy_since, 0);
    }
    session_free(session);
    return NULL;
}

bool
workers_start(const struct worker_options *options, struct workers **workers, struct error *error)
{
    struct workers *all = memory_get(sizeof *all + options->count * sizeof all->worker[0]);
    all->options = *options;
    all->combiner = combiner_new();
    for (; all->count < options->count; all->count++) {
        struct worker *worker = &all->worker[all->count];
        worker->all = all;
        int failed = pthread_create(&worker->thread, NULL, work, worker);
        if (failed != 0) {
            http_server_drain(options->server, 0);
            workers_join(all);
            return error_set(error, ERROR_SYSTEM, "worker",
                "A worker thread could not be started: %s", strerror(failed));
        }
    }
    *workers = all;
    return true;
}

void
workers_join(struct workers *workers)
{
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->worker[i].thread, NULL);
    combiner_free(workers->combiner);
    free(workers);
}

bool
workers_serving(const struct workers *workers, unsigned seconds)
{
    int64_t now = clock_monotonic();
    for (unsigned i = 0; i < workers->count; i++) {
        int64_t since = atomic_load(&workers->worker[i].busy_since);
        if (since == 0 || now - since < (int64_t)seconds * 1000000)
            return true;
    }
    return false;
}
