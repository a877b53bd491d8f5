/*
 * agreement.h: the commands of the groups `workplace` and `participant` that complete a unit before
 * its allocation, and that take it out again.
 */
#ifndef RCTD_CLI_AGREEMENT_H
#define RCTD_CLI_AGREEMENT_H

#include "cli/command.h"

extern const struct option_row agreement_answer_options[], agreement_agree_options[];
extern const struct option_row agreement_withdraw_options[], agreement_roster_options[];

int agreement_run_answer(struct session *session, const struct invocation *in);
int agreement_run_agree(struct session *session, const struct invocation *in);
int agreement_run_withdraw(struct session *session, const struct invocation *in);
/* Of participants: answers, consent, withdrawal. */
extern const struct option_row agreement_consent_options[], agreement_leave_options[];

int agreement_run_person_answer(struct session *session, const struct invocation *in);
int agreement_run_consent(struct session *session, const struct invocation *in);
int agreement_run_leave(struct session *session, const struct invocation *in);

int agreement_run_roster(struct session *session, const struct invocation *in);

#endif
