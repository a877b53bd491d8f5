/*
 * cluster.h: commands of trials that allocate whole workplaces, whose rows stand in the tables of
 * workplaces and participants: the frozen list of a roster, what became of workplaces, and moves.
 */
#ifndef RCTD_CLI_CLUSTER_H
#define RCTD_CLI_CLUSTER_H

#include "cli/command.h"

extern const struct option_row cluster_link_options[];
extern const struct option_row cluster_links_options[];
extern const struct option_row cluster_day_options[]; /* --on, --reason */
extern const struct option_row cluster_move_options[];

extern const struct column cluster_link_columns[], cluster_employment_columns[];

int cluster_run_roster(struct session *session, const struct invocation *in);
int cluster_run_link(struct session *session, const struct invocation *in);
int cluster_run_rename(struct session *session, const struct invocation *in);
int cluster_run_close(struct session *session, const struct invocation *in);
int cluster_run_reopen(struct session *session, const struct invocation *in);
int cluster_run_move(struct session *session, const struct invocation *in);

#endif
