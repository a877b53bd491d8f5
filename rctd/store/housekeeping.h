/*
 * housekeeping.h: what a daemon does beside requests: old rows are deleted, and the ends of all
 * streams of the trail are read for the signed file.
 */
#ifndef RCTD_STORE_HOUSEKEEPING_H
#define RCTD_STORE_HOUSEKEEPING_H

#include "base/bits.h"
#include "base/compiler.h"
#include "base/digest.h"
#include "db/transaction.h"

#include <stdbool.h>
#include <stdint.h>

/* Deletes answers whose time is over and failed attempts of more than an hour ago. `*deleted` says
 * how many rows there were. */
bool housekeeping_clean(struct tx *tx, int64_t *deleted) MUST_CHECK;

/* The end of a stream of the trail. */
struct stream_head {
    struct uuid trial_id; /* nil: a stream of the instance itself */
    const char *stream;   /* good during the call */
    int64_t sequence;
    struct digest hash;
};

/*
 * Calls `visit` for the end of every stream, in the order of trial id and the stream name's bytes.
 * Pages are read one after another, each as the database is at that moment.
 */
bool housekeeping_heads(struct tx *tx, void (*visit)(const struct stream_head *head, void *data),
    void *data) MUST_CHECK;

#endif
