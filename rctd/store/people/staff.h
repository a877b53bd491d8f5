/*
 * staff.h: managers, coaches and health services who serve workplaces, under codes: who serves two
 * of them can carry what one arm does into another.
 */
#ifndef RCTD_STORE_STAFF_H
#define RCTD_STORE_STAFF_H

#include "base/compiler.h"
#include "base/fault.h"
#include "store/conduct/allocation.h"
#include "store/people/workplace.h"

#include <stdbool.h>

struct staff {
    const char *code; /* one to three capital letters and two to five digits, such as M014 */
    const char *kind; /* manager, coach, health-service */
    const char *on;   /* YYYY-MM-DD: the first day, or the last; NULL: today */
};

/* Service at a workplace whose row is locked begins, or ends with that day. ERROR_FIELDS with
 * `faults`, ERROR_REFUSED. */
bool staff_begin(struct tx *tx, struct uuid trial_id, const struct workplace *workplace,
    const struct staff *staff, struct uuid account_id, struct faults *faults) MUST_CHECK;
bool staff_end(struct tx *tx, struct uuid trial_id, const struct workplace *workplace,
    const struct staff *staff, struct faults *faults) MUST_CHECK;

/*
 * Whom the candidate, a workplace, shares with workplaces that are allocated already or stand in
 * `together`, codes of units that are allocated with it: candidate->shared and sentences in
 * candidate->warnings, none of which tells an arm. What the protocol refuses, and what was not
 * acknowledged, is added to what is missing.
 */
bool staff_check(struct tx *tx, const struct allocation_scheme *scheme,
    struct allocation_candidate *candidate, const char *const *together, size_t together_count,
    bool acknowledged) MUST_CHECK;

/* Leaves a record of what was acknowledged, before the candidate's allocation and in its
 * transaction; nothing where nothing is shared. */
bool staff_acknowledge(struct tx *tx, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, struct uuid account_id) MUST_CHECK;

#endif
