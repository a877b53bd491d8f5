/*
 * constrain_read.h: what `rctctl constrain` is given, a table of units and words about its columns,
 * as a problem of constrained randomisation.
 */
#ifndef RCTD_CLI_CONSTRAIN_READ_H
#define RCTD_CLI_CONSTRAIN_READ_H

#include "base/csv.h"
#include "cli/invocation.h"
#include "cli/session.h"
#include "trial/constrained/constrained.h"

struct constrain_input {
    struct csv csv;
    size_t id;         /* the column of the ids */
    const char **arms; /* their names */
    size_t *order;     /* of each unit of the problem, its row */
    size_t *place;     /* of each row, its unit in the problem */
    struct constrained_problem *problem;
};

/* False with the exit status in `*status`, and what is wrong said. */
bool constrain_read(struct session *session, const struct invocation *in,
    struct constrain_input *input, int *status) MUST_CHECK;

#endif
