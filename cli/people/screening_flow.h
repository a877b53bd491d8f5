/*
 * screening_flow.h: `screening flow', the enrolment as CONSORT draws it.
 */
#ifndef RCTD_CLI_SCREENING_FLOW_H
#define RCTD_CLI_SCREENING_FLOW_H

#include "cli/command.h"

int screening_run_flow(struct session *session, const struct invocation *in);

#endif
