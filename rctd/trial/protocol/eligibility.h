/*
 * eligibility.h: is a unit eligible, by the rules of the protocol, its values and the answers
 * given?
 */
#ifndef RCTD_TRIAL_PROTOCOL_ELIGIBILITY_H
#define RCTD_TRIAL_PROTOCOL_ELIGIBILITY_H

#include "base/arena.h"
#include "trial/protocol/subject.h"
#include "trial/protocol/value.h"

#include <stdbool.h>
#include <stddef.h>

struct protocol_answer {
    const char *id; /* of a rule */
    bool yes;
};

struct protocol_answers {
    const struct protocol_answer *items;
    size_t count;
};

/* A rule that is not met: not known yet, or known not to hold. */
struct protocol_gap {
    const char *id;
    const char *text; /* for a coordinator: "Own manager: not answered yet" */
    bool failed;      /* false: something is still missing */
};

struct protocol_eligibility {
    bool eligible; /* every rule is met */
    struct protocol_gap *gaps;
    size_t gap_count;
};

/* The gaps stand in the order of the rules, in the arena. */
struct protocol_eligibility protocol_eligibility(struct arena *arena,
    const struct protocol_subject *subject, const struct protocol_values *values,
    const struct protocol_answers *answers);

#endif
