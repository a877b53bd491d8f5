/*
 * server_private.h: what the parts of the server share: server.c (start, drain, answers),
 * server_arrive.c (requests on their way in) and server_sweep.c (connections and their time).
 * Nobody else includes it.
 *
 * One mutex, server->lock, guards the list of connections, their phases, and the counters. It is
 * never held while libmicrohttpd is called. A connection's memory is freed only by the listener's
 * thread.
 */
#ifndef RCTD_HTTP_SERVER_PRIVATE_H
#define RCTD_HTTP_SERVER_PRIVATE_H

#include "base/queue.h"
#include "http/route.h"
#include "http/server.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

enum phase {
    PHASE_WAITING,  /* between requests; perhaps with the first bytes of one */
    PHASE_ARRIVING, /* behind the request line */
    PHASE_WORKING,  /* suspended: queued or with a worker */
    PHASE_ANSWERING /* the answer is on its way out */
};

/* One request and its answer; lives from the request line to the last byte of the answer. */
struct exchange {
    struct http_request request;
    char *body; /* what request.body becomes */
    size_t body_capacity;
    uint64_t declared; /* Content-Length; 0 where there is none */
    bool chunked;
    bool head_seen;   /* the headers were looked at */
    bool broken;      /* where the request ends is not certain: the connection cannot go on */
    uint64_t dropped; /* bytes of a refused request's body that were read past */
    char allow[ROUTE_ALLOW_SIZE];
    struct MHD_Response *answer;
    int status;
};

struct http_connection {
    struct http_server *server;
    struct http_connection *next;
    struct http_connection *previous;
    struct MHD_Connection *mhd;
    struct exchange *exchange; /* NULL between requests */
    int fd;
    enum phase phase;
    int64_t began;     /* when the request began to arrive; 0 while nothing of it has */
    uint64_t received; /* bytes from the peer when the last request ended, once it was sampled */
    bool sampled;
};

struct http_server {
    struct http_options options;
    struct route_index *index;
    struct queue *queue;
    struct MHD_Daemon *daemon;
    int listen_fd;
    bool own_listen_fd; /* not systemd's */
    unsigned port;
    pthread_mutex_t lock;
    pthread_cond_t ended; /* while draining: a request or a connection has ended */
    pthread_cond_t wake;  /* the sweeper: stopping was set */
    pthread_t sweeper;
    bool stopping;
    bool draining;
    struct http_connection *connections;
    struct http_counters counters;
};

/* ---- server_sweep.c: no libmicrohttpd in it ---- */

void sweep_add(struct http_server *server, struct http_connection *connection);
/* Before the socket is closed, so that the sweeper never meets a number that is used anew. */
void sweep_remove(struct http_server *server, struct http_connection *connection);
void sweep_phase(struct http_connection *connection, enum phase phase);
/* Closes what is idle; how many connections are left with a request. Holds server->lock already. */
size_t sweep_idle(struct http_server *server);
/* Waits for a condition that counts by the monotonic clock, but no longer. Holds `lock`. */
void sweep_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t microseconds);
bool sweep_start(struct http_server *server, struct error *error) MUST_CHECK;
void sweep_stop(struct http_server *server);

/* ---- server_listen.c ---- */

/* Sets listen_fd and port; listen_fd is the caller's to close, also after a failure. */
bool listen_open(struct http_server *server, struct error *error) MUST_CHECK;

/* ---- server_arrive.c ---- */

struct exchange *arrive_begin(struct http_connection *connection, const char *target);

/* The headers are there. False when the connection must be closed at once. */
bool arrive_head(struct exchange *exchange, const char *method, const char *version);
bool arrive_body(struct exchange *exchange, const char *data, size_t size);

/* The request is whole: answers it when it is refused, else suspends it and queues it. */
bool arrive_whole(struct exchange *exchange);

/* ---- server.c ---- */

/* Makes the answer of what was refused. For the listener's thread only. */
void server_refuse(struct exchange *exchange);

/* Hands the finished answer to libmicrohttpd; for the listener's thread only. */
bool server_give(struct exchange *exchange);

#endif
