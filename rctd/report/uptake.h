/*
 * uptake.h: how people came to their clusters, and whether they consented before or after it was
 * revealed to what arm their workplace belongs. Workplaces that learn their arm before their people
 * are asked may recruit unequally; the difference between arms shows it (CONSORT 2010 for cluster
 * trials, 10b). What is by workplace or arm is for roles that know arms.
 */
#ifndef RCTD_REPORT_UPTAKE_H
#define RCTD_REPORT_UPTAKE_H

#include "base/compiler.h"
#include "store/people/uptake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UPTAKE_DIFFERENCE 0.10 /* above it, unrounded, a difference between two arms is told */
#define UPTAKE_PEOPLE 20       /* with at least so many people in every arm */

struct uptake_scheme {
    const char *scheme;
    const char *lowest; /* arms */
    const char *highest;
    int64_t people;    /* in the arm that has fewest */
    double difference; /* of consented / people, highest minus lowest */
    bool alert;
};

struct uptake {
    struct sql_uptake_totals_row totals;
    struct sql_uptake_workplaces_rows workplaces; /* none for roles that do not know arms */
    struct sql_uptake_arms_rows arms;             /* likewise */
    const struct uptake_scheme *schemes;          /* those with people in two arms at least */
    size_t scheme_count;
};

/* consented / people; 0 without people. */
double uptake_rate(int64_t consented, int64_t people);

/* Compares the arms of each scheme: rows of one follow one another. In the arena. */
const struct uptake_scheme *uptake_compare(
    struct arena *arena, const struct sql_uptake_arms_rows *arms, size_t *count);

/* `by_arm`: the caller is one who knows arms. Lives in the tx's arena. */
bool uptake_read(struct tx *tx, struct uuid trial_id, const char *scope, bool by_arm,
    struct uptake *uptake) MUST_CHECK;

#endif
