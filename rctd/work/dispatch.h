/*
 * dispatch.h: pushes reminders that are due, signed, to their endpoints. One thread with a session
 * of its own. Any number of daemons may dispatch over one database: each sends for the shards that
 * it holds by lease, and this release takes every free shard, so that the first daemon sends and
 * another takes over within 15 seconds when it is gone.
 *
 * Each message leaves at least once, always with the same id: a daemon that dies between sending
 * and recording leaves a message that is sent again. Whether it may leave is decided at that
 * moment, under the unit's lock: once a withdrawal is committed nothing leaves but what had been
 * handed over before.
 *
 * Without a master key nothing is sent: secrets cannot be opened.
 */
#ifndef RCTD_WORK_DISPATCH_H
#define RCTD_WORK_DISPATCH_H

#include "base/bits.h"
#include "base/compiler.h"
#include "base/error.h"
#include "store/session.h"

#include <stdbool.h>
#include <stdint.h>

struct dispatch;

struct dispatch_options {
    const struct session_options *session; /* of its own connection; copied */
    struct uuid daemon;                    /* who holds leases: another one at each start */
    const char *webhook_allow;             /* networks, as rctd.conf has them; NULL: none */
    unsigned in_flight;                    /* messages under way at once; 0 stands for 64 */
    unsigned rate; /* messages in a second to one endpoint; 0 stands for 100 */
};

/* Starts the thread. ERROR_CONFIG for networks that are none. Call it before other threads run:
 * libcurl is made ready here. */
bool dispatch_start(const struct dispatch_options *options, struct dispatch **dispatch,
    struct error *error) MUST_CHECK;

/* Something may be due now. From any thread; NULL is allowed. */
void dispatch_wake(struct dispatch *dispatch);

/* Finishes what is under way, for at most so many seconds, records it, gives the leases back and
 * frees everything. NULL is allowed. */
void dispatch_stop(struct dispatch *dispatch, unsigned seconds);

/* Since the start, and as it is now. */
struct dispatch_counters {
    uint64_t delivered;
    uint64_t failed;    /* attempts that did not deliver */
    uint64_t dead;      /* reminders given up */
    uint64_t stopped;   /* reminders stopped at the moment of sending */
    uint64_t refused;   /* attempts whose address may not be sent to */
    uint64_t under_way; /* now */
    uint64_t shards;    /* held now */
    uint64_t paused;    /* endpoints that nothing goes to now */
    uint64_t stranded;  /* due reminders without an endpoint, a minute ago at most */
};

/* From any thread. */
void dispatch_counters(struct dispatch *dispatch, struct dispatch_counters *counters);

#endif
