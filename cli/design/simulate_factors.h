/*
 * simulate_factors.h: the factors of a minimisation that stands in no protocol.
 */
#ifndef RCTD_CLI_SIMULATE_FACTORS_H
#define RCTD_CLI_SIMULATE_FACTORS_H

#include "cli/design/simulate_design.h"
#include "cli/design/simulate_value.h"

/* "2,3": a factor for each number, with so many equally frequent levels. */
bool simulate_factors_by_levels(struct session *session, const struct simulate_given *given,
    struct simulate_design *design) MUST_CHECK;

/* "sex=0.6/0.4,age=1/1/1:weight=2": names, the levels' shares, and weights. */
bool simulate_factors_by_names(struct session *session, const struct simulate_given *given,
    struct simulate_design *design) MUST_CHECK;

#endif
