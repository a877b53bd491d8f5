/*
 * uptake.h: the counts of people around the reveal of their workplaces' arms, as the database gives
 * them.
 */
#ifndef RCTD_STORE_UPTAKE_H
#define RCTD_STORE_UPTAKE_H

#include "base/compiler.h"
#include "db/statement.h"
#include "store/session.h"

#include <stdbool.h>

/* Within `scope` (see sql/query/unit.sql). The rows by workplace and by arm stay as they are where
 * they are NULL: for roles that do not know arms. */
bool uptake_rows(struct tx *tx, struct uuid trial_id, const char *scope,
    struct sql_uptake_totals_row *totals, struct sql_uptake_workplaces_rows *workplaces,
    struct sql_uptake_arms_rows *arms) MUST_CHECK;

#endif
