/*
 * server_sweep.c: the connections and the thread that watches their time. libmicrohttpd's own
 * time-out counts inactivity, so that a client which sends one byte now and then could hold a
 * connection for ever; here a request as a whole has a deadline.
 *
 * A connection is closed with shutdown(): the number of the socket stays taken until the listener's
 * thread closes it, and that thread takes the connection off the list first.
 */
#include "base/clock.h"
#include "http/server_private.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define TCP_CLOSE_WAIT                                                                             \
    8 /* as in the kernel; the header that has it cannot stand beside linux/tcp.h */

void
sweep_add(struct http_server *server, struct http_connection *connection)
{
    pthread_mutex_lock(&server->lock);
    connection->next = server->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    server->connections = connection;
    connection->sampled = true; /* of a new connection nothing had come before */
    server->counters.open++;
    pthread_mutex_unlock(&server->lock);
}

void
sweep_remove(struct http_server *server, struct http_connection *connection)
{
    pthread_mutex_lock(&server->lock);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    server->counters.open--;
    if (server->draining)
        pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->lock);
}

void
sweep_phase(struct http_connection *connection, enum phase phase)
{
    pthread_mutex_lock(&connection->server->lock);
    connection->phase = phase;
    if (phase == PHASE_ARRIVING && connection->began == 0)
        connection->began = clock_monotonic();
    if (phase == PHASE_WAITING) {
        connection->began = 0;
        connection->sampled = false;
        if (connection->server->draining)
            pthread_cond_signal(&connection->server->ended);
    }
    pthread_mutex_unlock(&connection->server->lock);
}

/* Zeros where the socket does not tell: it is not TCP, or the kernel is old. */
static struct tcp_info
ask_socket(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return (struct tcp_info){0};
    return info;
}

/*
 * libmicrohttpd says nothing before the request line is whole. Bytes that came since the last
 * request ended are the beginning of the next one. It also misses the end of a peer's stream that
 * came together with a request; such a connection is closed here once nothing more can come of it.
 */
static void
look_at_waiting(struct http_connection *connection, int64_t now)
{
    if (connection->phase != PHASE_WAITING || connection->began != 0)
        return;
    struct tcp_info info = ask_socket(connection->fd);
    if (!connection->sampled)
        connection->received = info.tcpi_bytes_received;
    else if (info.tcpi_bytes_received > connection->received)
        connection->began = now;
    else if (info.tcpi_state == TCP_CLOSE_WAIT)
        shutdown(connection->fd, SHUT_RDWR);
    connection->sampled = true;
}

static bool
is_late(const struct http_connection *connection, int64_t now)
{
    bool arriving = connection->phase == PHASE_ARRIVING || connection->phase == PHASE_WAITING;
    int64_t allowed = connection->server->options.arrive_seconds * SECOND;
    return arriving && connection->began != 0 && now - connection->began > allowed;
}

static void
sweep(struct http_server *server)
{
    int64_t now = clock_monotonic();
    for (struct http_connection *c = server->connections; c != NULL; c = c->next) {
        look_at_waiting(c, now);
        if (!is_late(c, now))
            continue;
        shutdown(c->fd, SHUT_RDWR);
        c->began = now; /* counted once; it goes when the listener's thread has seen it */
        server->counters.swept++;
    }
}

size_t
sweep_idle(struct http_server *server)
{
    size_t busy = 0;
    int64_t now = clock_monotonic();
    for (struct http_connection *c = server->connections; c != NULL; c = c->next) {
        bool fresh = !c->sampled;
        look_at_waiting(c, now);
        if (c->phase != PHASE_WAITING || c->began != 0 || fresh)
            busy++;
        else
            shutdown(c->fd, SHUT_RDWR);
    }
    return busy;
}

void
sweep_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t microseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + microseconds * 1000;
    until.tv_sec += nanoseconds / (1000 * SECOND);
    until.tv_nsec = nanoseconds % (1000 * SECOND);
    pthread_cond_timedwait(condition, lock, &until);
}

static void *
run(void *argument)
{
    struct http_server *server = argument;
    pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        sweep(server);
        sweep_wait(&server->wake, &server->lock, SECOND / 4);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

bool
sweep_start(struct http_server *server, struct error *error)
{
    if (pthread_create(&server->sweeper, NULL, run, server) != 0)
        return error_set(error, ERROR_SYSTEM, "sweeper", "A thread could not be started.");
    return true;
}

void
sweep_stop(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_cond_signal(&server->wake);
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->sweeper, NULL);
}
