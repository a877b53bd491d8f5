/*
 * uptake.c: reads how many people came when, and consented when.
 */
#include "store/people/uptake.h"

bool
uptake_rows(struct tx *tx, struct uuid trial_id, const char *scope,
    struct sql_uptake_totals_row *totals, struct sql_uptake_workplaces_rows *workplaces,
    struct sql_uptake_arms_rows *arms)
{
    return sql_uptake_totals(
               tx, &(struct sql_uptake_totals){.trial_id = trial_id, .scope = scope}, totals) &&
           (workplaces == NULL ||
               sql_uptake_workplaces(tx,
                   &(struct sql_uptake_workplaces){.trial_id = trial_id, .scope = scope},
                   workplaces)) &&
           (arms == NULL ||
               sql_uptake_arms(
                   tx, &(struct sql_uptake_arms){.trial_id = trial_id, .scope = scope}, arms));
}
