/*
 * cluster.h: commands of trials that allocate whole workplaces, whose rows stand in the tables of
 * workplaces and participants: the frozen list of a roster, what became of workplaces, and moves.
 */
#ifndef RCTD_CLI_CLUSTER_H
#define RCTD_CLI_CLUSTER_H

#include "cli/command.h"

extern const struct option_row cluster_merge_options[];
extern const struct option_row cluster_split_options[];
extern const struct option_row cluster_changes_options[];
extern const struct option_row cluster_day_options[]; /* --on, --reason */
extern const struct option_row cluster_move_options[];

extern const struct column cluster_change_columns[], cluster_employment_columns[];

int cluster_run_roster(struct session *session, const struct invocation *in);
int cluster_run_merge(struct session *session, const struct invocation *in);
int cluster_run_split(struct session *session, const struct invocation *in);
int cluster_run_rename(struct session *session, const struct invocation *in);
int cluster_run_close(struct session *session, const struct invocation *in);
int cluster_run_reopen(struct session *session, const struct invocation *in);
int cluster_run_move(struct session *session, const struct invocation *in);

#endif
