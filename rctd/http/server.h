/*
 * server.h: the listener. libmicrohttpd's epoll thread parses; a whole request goes into a bounded
 * queue; a worker takes it, answers, and the connection goes on. No database call ever runs in the
 * listener's thread. A full queue answers 503 with Retry-After at once.
 *
 * What is refused before any handler (404, 405, 413, 415, a malformed head) is answered by the
 * listener as problem+json. Only what libmicrohttpd's parser cannot read at all (no request line, a
 * header without a colon, a broken chunk, a head of more than 16 KiB) gets its own short 400, 414,
 * 431 or 505, and the connection is closed.
 */
#ifndef RCTD_HTTP_SERVER_H
#define RCTD_HTTP_SERVER_H

#include "base/compiler.h"
#include "base/error.h"
#include "http/request.h"
#include "http/route.h"

#include <stdbool.h>
#include <stdint.h>

struct http_server;

struct http_options {
    const char *address;     /* "127.0.0.1", "::1" */
    unsigned port;           /* 0: the system chooses; see http_server_port */
    int listen_fd;           /* a bound socket from systemd, or -1 */
    unsigned queue;          /* requests waiting for a worker; 0 stands for 256 */
    unsigned connections;    /* at once; 0 stands for 1,024 */
    unsigned arrive_seconds; /* a request must have arrived whole within; 0 stands for 20 */
    unsigned idle_seconds;   /* a connection on which nothing moves; 0 stands for 60 */
    bool trust_proxy;        /* take the peer's address from X-Real-IP (loopback peers only) */
    const struct route_table *routes;
};

bool http_server_start(const struct http_options *options, struct http_server **server,
    struct error *error) MUST_CHECK;

unsigned http_server_port(const struct http_server *server);

/* Waits for a request; NULL when the server drains and the queue is empty. For any number of
 * threads. */
struct http_request *http_server_take(struct http_server *server);

/* Gives the answer; the request and its arena are gone afterwards. */
void http_server_answer(struct http_request *request, const struct http_response *response);

/* Stops accepting; requests under way are finished, within `seconds`. Then http_server_take gives
 * NULL. */
void http_server_drain(struct http_server *server, unsigned seconds);

/* Has that begun? For any number of threads. */
bool http_server_draining(struct http_server *server) MUST_CHECK;

/* Answers that rctd is shutting down. */
void http_server_refuse(struct http_request *request);

/* After the workers have ended. */
void http_server_free(struct http_server *server);

struct http_counters {
    uint64_t requests;
    uint64_t by_class[6]; /* answers by the first digit of their status */
    uint64_t queue_full;
    uint64_t swept;   /* connections closed because a request did not arrive in time */
    uint64_t open;    /* connections now */
    uint64_t waiting; /* requests in the queue now */
};
void http_server_counters(struct http_server *server, struct http_counters *counters);

#endif
