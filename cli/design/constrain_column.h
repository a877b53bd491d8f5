/*
 * constrain_column.h: turns columns of the table into columns of the problem. What is wrong with a
 * cell is added to the session's faults, with line and column.
 */
#ifndef RCTD_CLI_CONSTRAIN_COLUMN_H
#define RCTD_CLI_CONSTRAIN_COLUMN_H

#include "cli/design/constrain_covariate.h"
#include "cli/design/constrain_read.h"

/* One reading of the table. */
struct constrain_reading {
    struct session *session;
    struct arena *arena;
    const char *path;
    struct constrain_input *input;
    struct constrained_problem *problem; /* once the table was read */
};

/* The column of that name; false with an error that names those there are. */
bool constrain_find_column(const struct constrain_reading *reading, const char *option,
    const char *name, size_t *column) MUST_CHECK;

/* Adds the covariates' columns, and divides the units into strata by the columns of --strata; false
 * where a column is not in the table. */
bool constrain_read_covariates(const struct constrain_reading *reading,
    struct constrain_covariate *covariates, size_t count) MUST_CHECK;
bool constrain_read_strata(const struct constrain_reading *reading, const char *option) MUST_CHECK;

/* The ids must be there, and differ. */
void constrain_check_ids(const struct constrain_reading *reading);

#endif
