/*
 * moment.c: reads moments as people tell them. PostgreSQL knows when a day begins and which times
 * the clocks skip; a time that they show twice is asked for once more, never guessed.
 */
#include "api/people/moment.h"

#include "base/clock.h"

#define HOUR INT64_C(3600000000)

static bool
read_civil(struct call *call, const char *pointer, const char *typed, struct moment *moment,
    struct error *error)
{
    struct sql_civil_moment_row row;
    char before[CLOCK_TEXT_SIZE], after[CLOCK_TEXT_SIZE];
    bool is_day = clock_is_date(typed);
    if (!sql_civil_moment(call->tx,
            &(struct sql_civil_moment){
                .trial_id = call->trial_id, .typed = typed, .is_day = is_day},
            &row))
        return call_failed(call, error);
    if (row.is_skipped)
        return call_fault(call, error, pointer, "give a time that the clocks showed",
            "the clocks were put forward over %s", typed);
    if (row.is_twice)
        return call_fault(call, error, pointer,
            arena_printf(call->arena, "write %s for the first, %s for the second",
                clock_format(row.first_at - HOUR, before), clock_format(row.first_at, after)),
            "the clocks were put back, and showed %s twice", typed);
    moment->first = row.first_at;
    moment->last = row.last_at;
    moment->day = is_day ? typed : NULL;
    return true;
}

bool
moment_read(struct call *call, const char *field, const char *future, struct moment *moment,
    struct error *error)
{
    struct sql_rehearsal_get_row clock;
    const char *typed = call_text(call, field);
    const char *pointer = arena_printf(call->arena, "/%s", field);
    *moment = (struct moment){.told = typed != NULL};
    if (typed == NULL)
        return true;
    if (!clock_parse(typed, &moment->first)) {
        if (!read_civil(call, pointer, typed, moment, error))
            return false;
    } else {
        moment->last = moment->first;
    }
    if (!sql_rehearsal_get(call->tx, &clock))
        return call_failed(call, error);
    return future == NULL || moment->first <= clock.now ||
           call_fault(call, error, pointer, "give a time that has passed", "%s", future);
}
