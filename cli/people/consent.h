/*
 * consent.h: what may be done with a unit now, for the groups `workplace` and `participant`.
 */
#ifndef RCTD_CLI_CONSENT_H
#define RCTD_CLI_CONSENT_H

#include "cli/command.h"

int consent_run_participant_may(struct session *session, const struct invocation *in);
int consent_run_workplace_may(struct session *session, const struct invocation *in);

#endif
