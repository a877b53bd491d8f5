/*
 * uptake.c: compares the arms of each scheme by the share of their people who consented.
 */
#include "report/uptake.h"

#include "base/text.h"

double
uptake_rate(int64_t consented, int64_t people)
{
    return people == 0 ? 0 : (double)consented / (double)people;
}

static double
rate_of(const struct sql_uptake_arms_row *row)
{
    return uptake_rate(row->consented, row->people);
}

/* Compares the arms from `from` to before `to`; false where fewer than two have people. */
static bool
compare(const struct sql_uptake_arms_row *rows, size_t from, size_t to, struct uptake_scheme *out)
{
    const struct sql_uptake_arms_row *lowest = NULL, *highest = NULL, *fewest = NULL;
    for (size_t i = from; i < to; i++) {
        const struct sql_uptake_arms_row *row = &rows[i];
        if (row->people == 0)
            continue;
        lowest = lowest == NULL || rate_of(row) < rate_of(lowest) ? row : lowest;
        highest = highest == NULL || rate_of(row) >= rate_of(highest) ? row : highest;
        fewest = fewest == NULL || row->people < fewest->people ? row : fewest;
    }
    if (lowest == NULL || lowest == highest)
        return false;
    *out = (struct uptake_scheme){.scheme = lowest->scheme,
        .lowest = lowest->arm,
        .highest = highest->arm,
        .people = fewest->people,
        .difference = rate_of(highest) - rate_of(lowest)};
    out->alert = out->difference > UPTAKE_DIFFERENCE && out->people >= UPTAKE_PEOPLE;
    return true;
}

const struct uptake_scheme *
uptake_compare(struct arena *arena, const struct sql_uptake_arms_rows *arms, size_t *count)
{
    struct uptake_scheme *schemes = arena_array(arena, arms->count, sizeof *schemes);
    *count = 0;
    for (size_t from = 0, to; from < arms->count; from = to) {
        to = from;
        while (to < arms->count && text_equal(arms->rows[to].scheme, arms->rows[from].scheme))
            to++;
        *count += compare(arms->rows, from, to, &schemes[*count]);
    }
    return schemes;
}

bool
uptake_read(
    struct tx *tx, struct uuid trial_id, const char *scope, bool by_arm, struct uptake *uptake)
{
    *uptake = (struct uptake){0};
    if (!uptake_rows(tx, trial_id, scope, &uptake->totals, by_arm ? &uptake->workplaces : NULL,
            by_arm ? &uptake->arms : NULL))
        return false;
    uptake->schemes = uptake_compare(tx_arena(tx), &uptake->arms, &uptake->scheme_count);
    return true;
}
