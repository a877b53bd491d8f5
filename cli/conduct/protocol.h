/*
 * protocol.h: what protocol.c and protocol_lock.c share.
 */
#ifndef RCTD_CLI_PROTOCOL_H
#define RCTD_CLI_PROTOCOL_H

#include "cli/command.h"
#include "cli/table.h"

extern const struct column protocol_one_columns[];
extern const struct option_row protocol_lock_options[];

/* A fault or piece of advice as JSON has it; its texts are borrowed from there. */
void protocol_fault_of(const json_t *item, struct fault *fault);

int protocol_run_lock(struct session *session, const struct invocation *in);

#endif
