/*
 * vault_keeper.h: what daemons do in the vaults beside requests, on a thread with a connection of
 * its own: rotations under way go on, batch by batch, and what rotations and erasures have deleted
 * goes from the files of the tables. Every daemon with the master key takes part; when one is gone
 * the others go on.
 */
#ifndef RCTD_WORK_VAULT_KEEPER_H
#define RCTD_WORK_VAULT_KEEPER_H

#include "base/compiler.h"
#include "base/error.h"
#include "store/session.h"

struct vault_keeper;

/* Starts the thread, which looks every two seconds whether there is something to do. The options
 * are copied. To be stopped also where it did not start. */
bool vault_keeper_start(const struct session_options *session, struct vault_keeper **keeper,
    struct error *error) MUST_CHECK;

/* Ends a batch that is under way, then the thread; frees everything. NULL is allowed. */
void vault_keeper_stop(struct vault_keeper *keeper);

#endif
