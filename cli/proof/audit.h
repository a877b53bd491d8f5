/*
 * audit.h: what audit.c and audit_verify.c share.
 */
#ifndef RCTD_CLI_AUDIT_H
#define RCTD_CLI_AUDIT_H

#include "cli/command.h"

char *audit_path(struct session *session, const struct invocation *in);
int audit_run_verify(struct session *session, const struct invocation *in);

#endif
