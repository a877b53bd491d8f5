/*
 * recruitment.h: the rows that the report on recruitment is made of.
 */
#ifndef RCTD_STORE_RECRUITMENT_H
#define RCTD_STORE_RECRUITMENT_H

#include "base/compiler.h"
#include "db/statement.h"

#include <stdbool.h>

/* Counts by state, and allocations by phase and month, within `scope`. */
bool recruitment_rows(struct tx *tx, struct uuid trial_id, const char *scope, const char *time_zone,
    struct sql_recruitment_states_row *states, struct sql_recruitment_people_row *people,
    struct sql_recruitment_months_rows *months) MUST_CHECK;

#endif
