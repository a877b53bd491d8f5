/*
 * dispatch_private.h: what the files of the dispatcher share. All of it belongs to the dispatcher's
 * thread but the atomic members.
 */
#ifndef RCTD_WORK_DISPATCH_PRIVATE_H
#define RCTD_WORK_DISPATCH_PRIVATE_H

#include "store/contact/reminder.h"
#include "work/dispatch.h"
#include "work/dispatch_post.h"
#include "work/lane.h"
#include "work/retry.h"

#include <pthread.h>
#include <stdatomic.h>

/* A message from the moment it is handed over to the moment its result is recorded. */
struct transfer {
    struct uuid trial_id;
    struct uuid reminder_id;
    struct uuid endpoint_id;
    int attempt;
    int failures; /* before this attempt */
    int shard;
    int64_t fence;
    int64_t started; /* clock_monotonic() */
    struct lane *lane;
    bool ended;
    struct post_result result;
    struct retry_verdict verdict;
};

enum counter {
    COUNT_DELIVERED,
    COUNT_FAILED,
    COUNT_DEAD,
    COUNT_STOPPED,
    COUNT_REFUSED,
    COUNT_UNDER_WAY,
    COUNT_SHARDS,
    COUNT_PAUSED,
    COUNT_STRANDED,
    COUNTERS
};

struct dispatch {
    pthread_t thread;
    struct session *session;
    struct session_options session_options;
    struct uuid daemon;
    struct address_rules rules;
    unsigned in_flight;
    int wake; /* eventfd */
    atomic_bool stopping;
    atomic_uint stop_seconds;
    _Atomic uint64_t counters[COUNTERS];

    struct arena *standing; /* as long as the dispatcher */
    struct arena *arena;    /* reset at each turn */
    struct poster *poster;
    struct lanes lanes;
    struct transfer **transfers; /* those under way and those not yet recorded */
    size_t transfer_count;
    size_t ended_count;
    int64_t fences[REMINDER_SHARDS]; /* 0: not held */
    int held;
    int64_t renewed_at;
    int64_t looked_at;
    int64_t stranded_at;
    int64_t grumbled_at; /* the last line about a database that is away */
    bool look_again;     /* more is due than had room */
};

void dispatch_count(struct dispatch *dispatch, enum counter counter, uint64_t more);

/* One transaction of the dispatcher; a failure is logged, once a minute. dispatch_try() gives it to
 * the caller instead. */
bool dispatch_transact(struct dispatch *dispatch, bool read_only, tx_body body, void *data);
bool dispatch_try(
    struct dispatch *dispatch, bool read_only, tx_body body, void *data, struct error *error);

/* Looks for what is due in every open trial and hands it over, as far as there is room. */
void dispatch_send_due(struct dispatch *dispatch);

/* Takes in what has ended, and records it. False while results could not be recorded. */
void dispatch_collect(struct dispatch *dispatch);
bool dispatch_record(struct dispatch *dispatch);

#endif
