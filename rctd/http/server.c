/*
 * server.c: starts and stops libmicrohttpd, wires its callbacks, and gives answers their headers.
 */
#include "http/server.h"

#include "base/clock.h"
#include "http/server_private.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for a request's line and headers; a larger head is answered with 431 or 414. */
#define HEAD_MEMORY ((size_t)16 * 1024)
#define DRAIN_TICK 50000 /* microseconds */

static const struct http_header standing[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/* ---- Answers ---- */

static bool
has_own(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, name) == 0)
            return true;
    return false;
}

/* The body stays where it is: in the request's arena, which outlives the answer. */
static struct MHD_Response *
build(const struct http_request *request, const struct http_response *response, bool last)
{
    const struct http_server *server = request->connection->server;
    union {
        const void *constant;
        void *plain;
    } body = {.constant = response->body_size == 0 ? "" : response->body};
    struct MHD_Response *built =
        MHD_create_response_from_buffer(response->body_size, body.plain, MHD_RESPMEM_PERSISTENT);
    if (built == NULL)
        abort(); /* out of memory; without an answer the request would be carried out again */
    for (size_t i = 0; i < COUNT_OF(standing); i++)
        if (!has_own(response, standing[i].name))
            MHD_add_response_header(built, standing[i].name, standing[i].value);
    if (server->options.trust_proxy)
        MHD_add_response_header(built, "Strict-Transport-Security", "max-age=31536000");
    MHD_add_response_header(built, "X-Request-Id", request->id);
    if (response->content_type != NULL && response->status != 204)
        MHD_add_response_header(built, "Content-Type", response->content_type);
    for (size_t i = 0; i < response->header_count; i++)
        MHD_add_response_header(built, response->headers[i].name, response->headers[i].value);
    if (last)
        MHD_add_response_header(built, "Connection", "close");
    return built;
}

static void
finish(struct exchange *exchange, const struct http_response *response)
{
    struct http_server *server = exchange->request.connection->server;
    pthread_mutex_lock(&server->lock);
    bool last = server->draining || exchange->broken;
    server->counters.requests++;
    if (response->status >= 100 && response->status < 600)
        server->counters.by_class[response->status / 100]++;
    pthread_mutex_unlock(&server->lock);
    exchange->status = response->status;
    exchange->answer = build(&exchange->request, response, last);
}

void
server_refuse(struct exchange *exchange)
{
    struct http_response response = {0};
    if (exchange->allow[0] != '\0')
        http_add_header(&response, "Allow", exchange->allow);
    http_problem(&exchange->request, &response, &exchange->request.refused, NULL);
    finish(exchange, &response);
}

bool
server_give(struct exchange *exchange)
{
    struct http_connection *connection = exchange->request.connection;
    sweep_phase(connection, PHASE_ANSWERING);
    return MHD_queue_response(connection->mhd, (unsigned)exchange->status, exchange->answer) ==
           MHD_YES;
}

void
http_server_answer(struct http_request *request, const struct http_response *response)
{
    struct http_connection *connection = request->connection;
    assert(response->status >= 200);
    finish(connection->exchange, response);
    MHD_resume_connection(connection->mhd);
}

struct http_request *
http_server_take(struct http_server *server)
{
    return queue_take(server->queue);
}

/* ---- What libmicrohttpd calls, in the listener's thread ---- */

static struct http_connection *
connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

static void
on_connection(void *argument, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = argument;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct http_connection *connection = memory_get(sizeof *connection);
        connection->server = server;
        connection->mhd = mhd;
        connection->fd =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        *context = connection;
        sweep_add(server, connection);
        return;
    }
    struct http_connection *connection = *context;
    sweep_remove(server, connection);
    free(connection);
}

static void *
on_request_line(void *argument, const char *target, struct MHD_Connection *mhd)
{
    (void)argument;
    return arrive_begin(connection_of(mhd), target);
}

static void
on_completed(
    void *argument, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode why)
{
    struct exchange *exchange = *context;
    (void)argument;
    (void)mhd;
    (void)why;
    if (exchange == NULL)
        return;
    struct http_connection *connection = exchange->request.connection;
    sweep_phase(connection, PHASE_WAITING); /* nobody else looks at the exchange from here on */
    connection->exchange = NULL;
    if (exchange->answer != NULL)
        MHD_destroy_response(exchange->answer);
    arena_free(exchange->request.arena);
    *context = NULL;
}

/* Targets are decoded by target.c, which knows the difference between a path and a query. */
static size_t
keep_escapes(void *argument, struct MHD_Connection *mhd, char *text)
{
    (void)argument;
    (void)mhd;
    return strlen(text);
}

static enum MHD_Result
on_request(void *argument, struct MHD_Connection *mhd, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **context)
{
    struct exchange *exchange = *context;
    bool going = false;
    (void)argument;
    (void)mhd;
    (void)url;
    if (exchange == NULL) {
        going = false;
    } else if (exchange->answer != NULL) {
        going = server_give(exchange);
    } else if (!exchange->head_seen) {
        going = arrive_head(exchange, method, version);
    } else if (*size > 0) {
        going = arrive_body(exchange, data, *size);
        *size = 0;
    } else {
        going = arrive_whole(exchange);
    }
    return going ? MHD_YES : MHD_NO;
}

/* ---- Start ---- */

/*
 * Strictness is off because all it does in 0.9.75 is what screen.c and target.c do too (a Host
 * header, no space in the target), and its own answer to a missing Host goes out with its head
 * twice.
 */
static bool
start_daemon(struct http_server *server, struct error *error)
{
    const struct http_options *options = &server->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;
    server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
        MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_CONNECTION_LIMIT, options->connections, MHD_OPTION_CONNECTION_TIMEOUT,
        options->idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MEMORY,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
    if (server->daemon == NULL)
        return error_set_errno(error, "MHD_start_daemon", "The listener cannot be started");
    return true;
}

static void
set_defaults(struct http_options *options)
{
    if (options->queue == 0)
        options->queue = 256;
    if (options->connections == 0)
        options->connections = 1024;
    if (options->arrive_seconds == 0)
        options->arrive_seconds = 20;
    if (options->idle_seconds == 0)
        options->idle_seconds = 60;
}

static struct http_server *
server_new(const struct http_options *options)
{
    struct http_server *server = memory_get(sizeof *server);
    pthread_condattr_t monotonic;
    server->options = *options;
    set_defaults(&server->options);
    server->listen_fd = -1;
    server->queue = queue_new(server->options.queue);
    server->index = route_index_new(options->routes);
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->ended, &monotonic);
    pthread_cond_init(&server->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return server;
}

static void
server_delete(struct http_server *server)
{
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    pthread_cond_destroy(&server->wake);
    pthread_cond_destroy(&server->ended);
    pthread_mutex_destroy(&server->lock);
    route_index_free(server->index);
    queue_free(server->queue);
    free(server);
}

bool
http_server_start(
    const struct http_options *options, struct http_server **started, struct error *error)
{
    *started = NULL;
    if (!route_table_check(options->routes, error))
        return false;
    struct http_server *server = server_new(options);
    if (!listen_open(server, error) || !sweep_start(server, error))
        goto fail;
    if (!start_daemon(server, error)) {
        sweep_stop(server);
        goto fail;
    }
    *started = server;
    return true;
fail:
    server_delete(server);
    return false;
}

unsigned
http_server_port(const struct http_server *server)
{
    return server->port;
}

/* ---- Stop ---- */

void
http_server_refuse(struct http_request *request)
{
    struct http_response response = {0};
    struct error error;
    error_set(&error, ERROR_BUSY, "drain", "rctd is shutting down.");
    http_problem(request, &response, &error, NULL);
    http_server_answer(request, &response);
}

static void
refuse_queued(struct http_server *server)
{
    struct http_request *request;
    while ((request = queue_try(server->queue)) != NULL)
        http_server_refuse(request);
}

bool
http_server_draining(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool draining = server->draining;
    pthread_mutex_unlock(&server->lock);
    return draining;
}

void
http_server_drain(struct http_server *server, unsigned seconds)
{
    int64_t until = clock_monotonic() + seconds * INT64_C(1000000);
    MHD_quiesce_daemon(server->daemon);
    if (server->own_listen_fd)
        shutdown(
            server->listen_fd, SHUT_RDWR); /* systemd keeps its own one open for the next daemon */
    pthread_mutex_lock(&server->lock);
    server->draining = true;
    while (sweep_idle(server) > 0 && clock_monotonic() < until)
        sweep_wait(&server->ended, &server->lock, DRAIN_TICK);
    pthread_mutex_unlock(&server->lock);
    queue_close(server->queue);
    refuse_queued(server);
}

/* libmicrohttpd ends the process when it is stopped with a connection that was never resumed. */
static struct http_request *
find_unanswered(struct http_server *server)
{
    struct http_request *found = NULL;
    pthread_mutex_lock(&server->lock);
    for (struct http_connection *c = server->connections; c != NULL; c = c->next)
        if (c->phase == PHASE_WORKING && c->exchange->answer == NULL)
            found = &c->exchange->request;
    pthread_mutex_unlock(&server->lock);
    return found;
}

void
http_server_free(struct http_server *server)
{
    struct http_request *request;
    MHD_quiesce_daemon(server->daemon); /* else it would close the listening socket itself */
    queue_close(server->queue);
    refuse_queued(server);
    while ((request = find_unanswered(server)) != NULL)
        http_server_refuse(request);
    MHD_stop_daemon(server->daemon);
    sweep_stop(server);
    server_delete(server);
}

void
http_server_counters(struct http_server *server, struct http_counters *counters)
{
    pthread_mutex_lock(&server->lock);
    *counters = server->counters;
    pthread_mutex_unlock(&server->lock);
    counters->waiting = queue_length(server->queue);
}
