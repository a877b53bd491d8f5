/*
 * state.h: the state machines of the product: which state may follow which. The database holds the
 * same rows (rctd.state_transition) and refuses every other change; a test compares the two.
 *
 * X(machine, from, to); "new" is before the first state.
 */
#ifndef RCTD_TRIAL_STATE_H
#define RCTD_TRIAL_STATE_H

#include <stdbool.h>
#include <stddef.h>

#define MACHINE_TRIAL "trial"
#define MACHINE_PROTOCOL "protocol"
#define MACHINE_PHASE "phase"
#define MACHINE_UNIT "unit"
#define MACHINE_TASK "task"
#define MACHINE_REMINDER "reminder"
#define MACHINE_ENDPOINT "endpoint"
#define MACHINE_CLAIM "claim"
#define MACHINE_BOOKING "booking"
#define MACHINE_SCREENING "screening"

/* clang-format off */
#define STATE_TRANSITIONS(X) \
    X(MACHINE_TRIAL,    "new",           "draft") \
    X(MACHINE_TRIAL,    "draft",         "open") \
    X(MACHINE_TRIAL,    "open",          "closed") \
    X(MACHINE_PROTOCOL, "new",           "draft") \
    X(MACHINE_PROTOCOL, "draft",         "locked") \
    X(MACHINE_PHASE,    "new",           "planned") \
    X(MACHINE_PHASE,    "planned",       "open") \
    X(MACHINE_PHASE,    "open",          "closed") \
    X(MACHINE_UNIT,     "new",           "registered") \
    X(MACHINE_UNIT,     "registered",    "roster-locked") \
    X(MACHINE_UNIT,     "registered",    "allocated") \
    X(MACHINE_UNIT,     "roster-locked", "allocated") \
    X(MACHINE_UNIT,     "registered",    "withdrawn") \
    X(MACHINE_UNIT,     "allocated",     "withdrawn") \
    X(MACHINE_TASK,     "new",           "planned") \
    X(MACHINE_TASK,     "planned",       "done") \
    X(MACHINE_TASK,     "planned",       "missed") \
    X(MACHINE_TASK,     "planned",       "cancelled") \
    X(MACHINE_TASK,     "cancelled",     "planned") \
    X(MACHINE_TASK,     "missed",        "done") \
    X(MACHINE_REMINDER, "new",           "scheduled") \
    X(MACHINE_REMINDER, "scheduled",     "sent") \
    X(MACHINE_REMINDER, "scheduled",     "dead") \
    X(MACHINE_REMINDER, "scheduled",     "cancelled") \
    X(MACHINE_REMINDER, "cancelled",     "scheduled") \
    X(MACHINE_REMINDER, "dead",          "scheduled") \
    X(MACHINE_REMINDER, "dead",          "cancelled") \
    X(MACHINE_ENDPOINT, "new",           "active") \
    X(MACHINE_ENDPOINT, "active",        "disabled") \
    X(MACHINE_ENDPOINT, "disabled",      "active") \
    X(MACHINE_CLAIM,    "new",           "held") \
    X(MACHINE_CLAIM,    "held",          "released") \
    X(MACHINE_CLAIM,    "held",          "done") \
    X(MACHINE_BOOKING,  "new",           "planned") \
    X(MACHINE_BOOKING,  "planned",       "cancelled") \
    X(MACHINE_BOOKING,  "planned",       "done") \
    X(MACHINE_SCREENING, "new", "not-approached") \
    X(MACHINE_SCREENING, "new", "approached") \
    X(MACHINE_SCREENING, "new", "ineligible") \
    X(MACHINE_SCREENING, "new", "declined") \
    X(MACHINE_SCREENING, "new", "enrolled") \
    X(MACHINE_SCREENING, "not-approached", "approached") \
    X(MACHINE_SCREENING, "not-approached", "ineligible") \
    X(MACHINE_SCREENING, "not-approached", "declined") \
    X(MACHINE_SCREENING, "not-approached", "enrolled") \
    X(MACHINE_SCREENING, "not-approached", "linked") \
    X(MACHINE_SCREENING, "approached", "ineligible") \
    X(MACHINE_SCREENING, "approached", "declined") \
    X(MACHINE_SCREENING, "approached", "enrolled") \
    X(MACHINE_SCREENING, "approached", "linked") \
    X(MACHINE_SCREENING, "ineligible", "enrolled") \
    X(MACHINE_SCREENING, "declined", "enrolled") \
    X(MACHINE_SCREENING, "enrolled", "ineligible") \
    X(MACHINE_SCREENING, "enrolled", "declined")
/* clang-format on */

struct state_transition {
    const char *machine;
    const char *from;
    const char *to;
};

extern const struct state_transition state_transitions[];
extern const size_t state_transition_count;

bool state_may_follow(const char *machine, const char *from, const char *to);

#endif
