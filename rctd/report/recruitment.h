/*
 * recruitment.h: accrual against plan, all arms together (CONSORT 2025 22: enrolment). Every number
 * comes from one transaction, so that page, command and API agree to the digit. `allocated` counts
 * who was randomised; who entered a comparison that nobody randomised is never pooled with them.
 */
#ifndef RCTD_REPORT_RECRUITMENT_H
#define RCTD_REPORT_RECRUITMENT_H

#include "base/compiler.h"
#include "store/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recruitment_month {
    const char *month; /* YYYY-MM in the trial's time zone */
    int64_t allocated;
    int64_t cumulative; /* up to and with this month */
};

struct recruitment_phase {
    const char *phase;
    const char *state;
    struct opt_int64 target; /* wanted workplaces */
    int64_t allocated;
    int64_t not_randomised;
    struct opt_int64 people_target; /* wanted participants */
    int64_t people; /* participants randomised, one by one or with their workplace */
    const struct recruitment_month *months; /* those in which a workplace was allocated, in order */
    size_t month_count;
};

struct recruitment {
    int64_t registered;     /* workplaces ever registered */
    int64_t roster_locked;  /* of them, with a locked roster */
    int64_t allocated;      /* of them, randomised and not withdrawn */
    int64_t not_randomised; /* of them, in comparisons alone and not withdrawn */
    int64_t withdrawn;
    int64_t people_registered; /* participants ever registered */
    int64_t
        people_allocated; /* of them, randomised, themselves or with their workplace, for good */
    int64_t people_still_allocated; /* of those allocated, not withdrawn since */
    int64_t
        people_joined_later; /* of those registered, when their workplace was allocated already */
    int64_t people_withdrawn;
    const struct recruitment_phase *phases; /* in protocol order */
    size_t phase_count;
};

/* The counts within `scope` (see sql/query/unit.sql). Lives in the tx's arena. */
bool recruitment_read(struct tx *tx, struct uuid trial_id, const char *scope, const char *time_zone,
    struct recruitment *recruitment) MUST_CHECK;

#endif
