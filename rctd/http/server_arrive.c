/*
 * server_arrive.c: a request on its way in, in the listener's thread: request line, headers, body,
 * then either its refusal or its place in the queue. Nothing here waits.
 *
 * A refused request's body is read past up to DROPPED_MAX, so that the client reads the answer and
 * the connection can go on; a client that asked first (Expect: 100-continue), or that means to send
 * more, is answered at once and the connection closed.
 */
#include "base/clock.h"
#include "base/text.h"
#include "http/screen.h"
#include "http/server_private.h"
#include "http/target.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DROPPED_MAX ((uint64_t)4 * 1024 * 1024)
#define BODY_FIRST ((size_t)4 * 1024)

struct exchange *
arrive_begin(struct http_connection *connection, const char *target)
{
    struct arena *arena = arena_new();
    struct exchange *exchange = arena_alloc(arena, sizeof *exchange);
    struct http_request *request = &exchange->request;
    request->arena = arena;
    request->received = clock_monotonic();
    request->connection = connection;
    request->method = "";
    request->target = "";
    request->path = "";
    request->body = "";
    uuid_text(uuid_new(), request->id);
    if (target == NULL)
        error_set(&request->refused, ERROR_MALFORMED, "target", "The request has no address.");
    else if (!target_parse(request, arena_strdup(arena, target), &request->refused))
        request->path = "";
    connection->exchange = exchange;
    sweep_phase(connection, PHASE_ARRIVING);
    return exchange;
}

struct collected {
    struct arena *arena;
    struct http_header *headers;
    size_t count;
    size_t capacity;
};

static enum MHD_Result
collect(void *argument, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct collected *collected = argument;
    (void)kind;
    collected->headers = arena_grow(collected->arena, collected->headers, collected->count,
        &collected->capacity, sizeof *collected->headers);
    collected->headers[collected->count++] = (struct http_header){name, value == NULL ? "" : value};
    return MHD_YES;
}

static void
take_headers(struct http_request *request)
{
    struct collected collected = {.arena = request->arena};
    MHD_get_connection_values(request->connection->mhd, MHD_HEADER_KIND, collect, &collected);
    request->headers = collected.headers;
    request->header_count = collected.count;
}

static bool
is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    if (address->sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
    return address->sa_family == AF_UNIX;
}

static bool
is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static const char *
peer_text(struct arena *arena, const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    return arena_strdup(arena, text);
}

/* Whom the request comes from, and under which id it runs. */
static void
take_identity(struct http_request *request, const struct http_options *options)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    const char *forwarded = http_header(request, "X-Real-IP");
    const char *sent = http_header(request, "X-Request-Id");
    struct uuid id;
    request->remote = address == NULL ? "" : peer_text(request->arena, address);
    if (options->trust_proxy && forwarded != NULL && is_address(forwarded) && address != NULL &&
        is_loopback(address))
        request->remote = forwarded;
    if (sent != NULL && uuid_parse(sent, &id))
        uuid_text(id, request->id);
}

/* Does the head pass? If not, the request's `refused` says why. */
static bool
screen(struct exchange *exchange, const char *version, const struct route_index *index)
{
    struct http_request *request = &exchange->request;
    struct error *refused = &request->refused;
    struct framing framing;
    struct error head = ERROR_CLEAR;
    exchange->broken =
        !screen_framing(request, &framing, &head) || !screen_headers(request, version, &head);
    exchange->declared = framing.declared;
    exchange->chunked = framing.chunked;
    if (exchange->broken)
        *refused = head;
    return refused->code == ERROR_NONE && route_find(index, request, exchange->allow, refused) &&
           screen_body(request, &framing, refused);
}

static bool
expects_continue(const struct http_request *request)
{
    const char *expect = http_header(request, "Expect");
    return expect != NULL && strcasecmp(expect, "100-continue") == 0;
}

bool
arrive_head(struct exchange *exchange, const char *method, const char *version)
{
    struct http_request *request = &exchange->request;
    struct http_server *server = request->connection->server;
    request->method = arena_strdup(request->arena, method);
    take_headers(request);
    take_identity(request, &server->options);
    bool passed = screen(exchange, version, server->index);
    exchange->head_seen = true;
    bool has_body = exchange->chunked || exchange->declared > 0;
    bool at_once = exchange->broken ||
                   (has_body && (exchange->declared > DROPPED_MAX || expects_continue(request)));
    if (passed || !at_once)
        return true;
    server_refuse(exchange);
    return server_give(exchange);
}

static void
append_body(struct exchange *exchange, const char *data, size_t size)
{
    struct http_request *request = &exchange->request;
    size_t wanted = request->body_size + size + 1;
    if (wanted > exchange->body_capacity) {
        size_t room = exchange->body_capacity == 0 ? BODY_FIRST : exchange->body_capacity * 2;
        if (exchange->declared > 0)
            room = (size_t)exchange->declared + 1;
        char *larger = arena_alloc(request->arena, room > wanted ? room : wanted);
        if (request->body_size > 0)
            memcpy(larger, exchange->body, request->body_size);
        exchange->body = larger;
        exchange->body_capacity = room > wanted ? room : wanted;
    }
    memcpy(exchange->body + request->body_size, data, size);
    request->body_size += size;
    exchange->body[request->body_size] = '\0';
    request->body = exchange->body;
}

bool
arrive_body(struct exchange *exchange, const char *data, size_t size)
{
    struct http_request *request = &exchange->request;
    if (request->refused.code == ERROR_NONE) {
        if (size <= route_body_limit(request->route) - request->body_size) {
            append_body(exchange, data, size);
            return true;
        }
        screen_too_large(request, &request->refused);
    }
    exchange->dropped += size;
    return exchange->dropped <= DROPPED_MAX;
}

/* What is PHASE_WORKING has been in the queue: who stops the server answers nothing else. */
static bool
enter_queue(struct http_server *server, struct http_request *request)
{
    pthread_mutex_lock(&server->lock);
    bool entered = queue_push(server->queue, request);
    if (entered)
        request->connection->phase = PHASE_WORKING;
    else
        server->counters.queue_full++;
    pthread_mutex_unlock(&server->lock);
    return entered;
}

bool
arrive_whole(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    struct http_connection *connection = request->connection;
    struct http_server *server = connection->server;
    if (request->refused.code != ERROR_NONE) {
        server_refuse(exchange);
        return server_give(exchange);
    }
    /* First to sleep, then to the queue: a worker may answer before the queue has returned. */
    MHD_suspend_connection(connection->mhd);
    if (enter_queue(server, request))
        return true;
    error_set(&request->refused, ERROR_BUSY, "queue", "The queue is full.");
    server_refuse(exchange);
    MHD_resume_connection(connection->mhd);
    return true;
}
