/*
 * allocate_batch.h: units that are allocated all at once.
 */
#ifndef RCTD_CLI_ALLOCATE_BATCH_H
#define RCTD_CLI_ALLOCATE_BATCH_H

#include "cli/invocation.h"

/* Does the command name several units, or --all? */
bool allocate_is_batch(const struct invocation *in);

/* Shows how they could be allocated, asks, and allocates them; gives the exit status. */
int allocate_batch(struct session *session, const struct invocation *in);

/* "participant" or "workplace": the field that a unit's code goes into. */
const char *allocate_kind_of(const char *code);

#endif
