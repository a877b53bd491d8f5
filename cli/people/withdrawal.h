/*
 * withdrawal.h: the commands of the group `participant` that stop what a person no longer wants,
 * part by part or altogether, and let it go on again.
 */
#ifndef RCTD_CLI_WITHDRAWAL_H
#define RCTD_CLI_WITHDRAWAL_H

#include "cli/command.h"

extern const struct option_row withdrawal_stop_options[], withdrawal_resume_options[];

extern const struct column withdrawal_stop_columns[];

int withdrawal_run_stop(struct session *session, const struct invocation *in);
int withdrawal_run_resume(struct session *session, const struct invocation *in);

/* Takes the participant out of the trial: `participant withdraw' without a form. */
int withdrawal_run_everything(struct session *session, const struct invocation *in);

#endif
