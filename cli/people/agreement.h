/*
 * agreement.h: the commands of the groups `workplace` and `participant` that complete a unit before
 * its allocation, and that take it out again.
 */
#ifndef RCTD_CLI_AGREEMENT_H
#define RCTD_CLI_AGREEMENT_H

#include "cli/command.h"

extern const struct option_row agreement_answer_options[];
extern const struct option_row agreement_roster_options[];
extern const struct warning agreement_roster_warnings[];

/* Of workplaces: the employer's agreement. */
extern const struct option_row agreement_agree_options[], agreement_withdraw_options[];
extern const struct warning agreement_withdraw_warnings[];

/* Of participants: their consent. */
extern const struct option_row agreement_consent_options[], agreement_leave_options[];
extern const struct warning agreement_leave_warnings[];

/* Of either, as the command's group says. */
int agreement_run_answer(struct session *session, const struct invocation *in);
int agreement_run_agree(struct session *session, const struct invocation *in);
int agreement_run_withdraw(struct session *session, const struct invocation *in);
int agreement_run_roster(struct session *session, const struct invocation *in);

#endif
