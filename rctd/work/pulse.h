/*
 * pulse.h: work that a daemon does again and again beside requests: a thread with a connection and
 * an arena of its own, that beats every so many seconds until it is stopped.
 */
#ifndef RCTD_WORK_PULSE_H
#define RCTD_WORK_PULSE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "store/session.h"

#include <stdbool.h>

struct pulse;

struct pulse_options {
    const char *name;                      /* of the thread in the log, and of its requests */
    const char *connection;                /* what the database calls its connection */
    const char *trouble;                   /* the log's line where a transaction has failed */
    const struct session_options *session; /* copied */
    unsigned first;                        /* seconds before the first beat */
    unsigned seconds;                      /* between two beats */
    void (*beat)(void *data);              /* in the thread */
    void *data;
};

/* The texts and the data of the options are borrowed. Nothing beats before pulse_start(). */
struct pulse *pulse_new(const struct pulse_options *options);

/* Starts the thread; from here on session and arena are the beat's alone. */
bool pulse_start(struct pulse *pulse, struct error *error) MUST_CHECK;

/* Ends a beat that is under way, then the thread, where it was started; frees everything. */
void pulse_stop(struct pulse *pulse);

struct session *pulse_session(struct pulse *pulse);
struct arena *pulse_arena(struct pulse *pulse); /* emptied before each transaction */

/* False as soon as it is to stop: for beats that go on from batch to batch. */
bool pulse_goes_on(struct pulse *pulse);

/* Runs the body in a transaction as the context says, in the daemon's own name. False where it was
 * not committed, which is logged, at most once a minute, and left to the next beat. */
bool pulse_transact(
    struct pulse *pulse, const struct tx_context *context, tx_body body, void *data);

#endif
