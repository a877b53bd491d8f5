/*
 * housekeeping.h: once a minute, on a thread with a connection of its own: rows whose time is over
 * are deleted; tasks whose windows are over and that nobody holds are missed; and where
 * audit_heads_file is set the daemon that sends for the first shard appends a signed line to it
 * (work/heads.h). One daemon writes; another goes on within a minute when it is gone.
 */
#ifndef RCTD_WORK_HOUSEKEEPING_H
#define RCTD_WORK_HOUSEKEEPING_H

#include "base/bits.h"
#include "base/compiler.h"
#include "base/error.h"
#include "store/session.h"

#include <stdbool.h>

struct housekeeping;

struct housekeeping_options {
    const struct session_options *session; /* of its own connection; copied */
    struct uuid daemon;                    /* who holds leases: the same as the dispatcher's */
    const char *heads_file;                /* NULL: none is written; borrowed */
    unsigned seconds;                      /* between two rounds; 0 stands for 60 */
};

/* Starts the thread; its first round is two seconds later. ERROR_CONFIG when the file cannot be
 * appended to. Logs the public key that lines are signed with. To be stopped also where it did not
 * start. */
bool housekeeping_start(const struct housekeeping_options *options,
    struct housekeeping **housekeeping, struct error *error) MUST_CHECK;

/* Ends a round that is under way, then the thread; frees everything. NULL is allowed. */
void housekeeping_stop(struct housekeeping *housekeeping);

#endif
