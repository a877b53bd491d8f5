/*
 * monitor.h: what is watched while a trial runs: progression to the next phase, representation,
 * harms, meetings of the data and safety board.
 */
#ifndef RCTD_TRIAL_PROTOCOL_MONITOR_H
#define RCTD_TRIAL_PROTOCOL_MONITOR_H

#include "trial/protocol/terms.h"

#include <stdbool.h>
#include <stddef.h>

struct expr;

enum protocol_compare { COMPARE_AT_LEAST, COMPARE_ABOVE, COMPARE_AT_MOST, COMPARE_BELOW };

/* A limit such as ">= 50%"; compared unrounded. */
struct protocol_limit {
    enum protocol_compare compare;
    double share; /* 0 to 1 */
};

/* A criterion for going on to the next phase. What is neither green nor amber is red. */
struct protocol_criterion {
    const char *name;
    const char *of; /* the denominator in a word ("approached"); NULL where the name says it */
    const struct expr *flag; /* over participants' flags and attributes; NULL for none */
    const char *flag_text;
    size_t task; /* PROTOCOL_NONE for none */
    struct protocol_limit green;
    struct protocol_limit amber;
};

struct protocol_reference {
    size_t attribute; /* of participants, with levels */
    double *shares;   /* one per level of the attribute, 0 to 1 */
};

/* At least so large a share of participants, or so many workplaces, have what the rule says. */
struct protocol_target {
    enum protocol_unit unit; /* PARTICIPANT: `at_least` is a share 0 to 1; WORKPLACE: a count */
    const struct expr *rule;
    const char *rule_text;
    double at_least;
};

struct protocol_representation {
    struct protocol_reference *references;
    size_t reference_count;
    double tolerance; /* percentage points */
    struct protocol_target *targets;
    size_t target_count;
};

struct protocol_event {
    const char *name;
    bool serious;
    const struct expr *threshold; /* over measurements, declared by use; NULL for none */
    const char *threshold_text;
};

struct protocol_dsmb {
    enum protocol_unit unit; /* what meets_at counts */
    unsigned *meets_at;      /* rising */
    size_t meeting_count;
    unsigned suppress_below; /* smaller cells are suppressed; 5 where the protocol says nothing */
};

#endif
