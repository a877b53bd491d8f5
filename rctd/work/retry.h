/*
 * retry.h: what follows from an attempt to push a reminder (Standard Webhooks 1.0.0): delivered,
 * tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h with jitter, or dead.
 */
#ifndef RCTD_WORK_RETRY_H
#define RCTD_WORK_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_ATTEMPTS 10            /* the first and nine retries */
#define RETRY_AFTER_MOST (24 * 3600) /* seconds of a Retry-After that are honoured */

/* How an attempt ended on the wire. */
struct retry_answer {
    int status;          /* HTTP status; 0: the receiver gave none */
    int64_t retry_after; /* seconds that it asked for; 0: none */
};

enum retry_outcome { RETRY_DELIVERED, RETRY_LATER, RETRY_DEAD };

struct retry_verdict {
    enum retry_outcome outcome;
    double wait;    /* RETRY_LATER: seconds until the next attempt */
    bool slow_down; /* the receiver is overloaded or away: the endpoint pauses */
    bool gone;      /* 410: the endpoint is disabled */
};

/* `failures` is how many attempts had failed before this one; `jitter` is from 0 up to 1, by which
 * a wait grows up to a fifth. */
struct retry_verdict retry_judge(const struct retry_answer *answer, int failures, double jitter);

/* "delivered", "retry" or "dead", as the ledger has it. */
const char *retry_outcome_name(enum retry_outcome outcome);

#endif
