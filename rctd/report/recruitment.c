/*
 * recruitment.c: gathers the counts and adds them up month by month.
 */
#include "report/recruitment.h"

#include "base/text.h"
#include "store/conduct/recruitment.h"

/* Adds a row to its phase: a new one, or one more month of the last. */
static void
add(struct recruitment_phase *phases, size_t *count, struct recruitment_month *months,
    size_t *month_count, const struct sql_recruitment_months_row *row)
{
    if (*count == 0 || !text_equal(phases[*count - 1].phase, row->phase))
        phases[(*count)++] = (struct recruitment_phase){
            .phase = row->phase,
            .state = row->state,
            .target = row->target,
            .people_target = row->people_target,
            .people = row->people,
            .months = &months[*month_count],
        };
    struct recruitment_phase *phase = &phases[*count - 1];
    if (row->month == NULL)
        return;
    phase->allocated += row->allocated;
    phase->not_randomised += row->not_randomised;
    if (row->allocated == 0)
        return;
    months[(*month_count)++] = (struct recruitment_month){
        .month = row->month, .allocated = row->allocated, .cumulative = phase->allocated};
    phase->month_count++;
}

bool
recruitment_read(struct tx *tx, struct uuid trial_id, const char *scope, const char *time_zone,
    struct recruitment *recruitment)
{
    struct sql_recruitment_states_row states;
    struct sql_recruitment_people_row people;
    struct sql_recruitment_months_rows rows;
    *recruitment = (struct recruitment){0};
    if (!recruitment_rows(tx, trial_id, scope, time_zone, &states, &people, &rows))
        return false;
    recruitment->registered = states.registered;
    recruitment->roster_locked = states.roster_locked;
    recruitment->allocated = states.allocated;
    recruitment->not_randomised = states.not_randomised;
    recruitment->withdrawn = states.withdrawn;
    recruitment->people_registered = people.registered;
    recruitment->people_allocated = people.allocated;
    recruitment->people_still_allocated = people.still_allocated;
    recruitment->people_joined_later = people.joined_later;
    recruitment->people_withdrawn = people.withdrawn;
    struct recruitment_phase *phases = arena_array(tx_arena(tx), rows.count, sizeof *phases);
    struct recruitment_month *months = arena_array(tx_arena(tx), rows.count, sizeof *months);
    size_t month_count = 0;
    for (size_t i = 0; i < rows.count; i++)
        add(phases, &recruitment->phase_count, months, &month_count, &rows.rows[i]);
    recruitment->phases = phases;
    return true;
}
