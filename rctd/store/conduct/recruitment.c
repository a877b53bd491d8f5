/*
 * recruitment.c: reads the counts of a trial's recruitment.
 */
#include "store/conduct/recruitment.h"

bool
recruitment_rows(struct tx *tx, struct uuid trial_id, const char *scope, const char *time_zone,
    struct sql_recruitment_states_row *states, struct sql_recruitment_people_row *people,
    struct sql_recruitment_months_rows *months)
{
    return sql_recruitment_states(tx,
               &(struct sql_recruitment_states){.trial_id = trial_id, .scope = scope}, states) &&
           sql_recruitment_people(tx,
               &(struct sql_recruitment_people){.trial_id = trial_id, .scope = scope}, people) &&
           sql_recruitment_months(tx,
               &(struct sql_recruitment_months){
                   .trial_id = trial_id, .scope = scope, .time_zone = time_zone},
               months);
}
