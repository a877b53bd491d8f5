/*
 * worker.h: the threads that serve requests. Each has a session: its own connection to the
 * database.
 */
#ifndef RCTD_API_WORKER_H
#define RCTD_API_WORKER_H

#include "api/call.h"
#include "base/compiler.h"
#include "http/server.h"

struct workers;

struct worker_options {
    unsigned count;
    struct http_server *server;
    const struct service *service;
    struct session_options session;
};

bool workers_start(
    const struct worker_options *options, struct workers **workers, struct error *error) MUST_CHECK;

/* Waits until all have ended: after http_server_drain(). */
void workers_join(struct workers *workers);

/* Is at least one worker idle, or has one taken up its request within `seconds`? A daemon of which
 * that is not true serves nobody; its watchdog is not fed. */
bool workers_serving(const struct workers *workers, unsigned seconds);

#endif
