/*
 * two_arms.h: what the methods have in common that are defined for two arms in equal numbers, by
 * how far one of them is ahead.
 */
#ifndef RCTD_TRIAL_DESIGN_TWO_ARMS_H
#define RCTD_TRIAL_DESIGN_TWO_ARMS_H

#include "trial/design/design.h"

/* Two arms, the same ratio, and p from 0.5 to 1 or a limit of 1 or more; else an error. */
bool two_arms_check_p(const struct protocol_scheme *scheme, struct error *error) MUST_CHECK;
bool two_arms_check_limit(const struct protocol_scheme *scheme, struct error *error) MUST_CHECK;

/* How many more units the first arm has than the second. */
int64_t two_arms_lead(
    const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX]);

/* Gives the first arm `first`, the second what is left of 1, all others 0. */
void two_arms_set(const struct protocol_scheme *scheme, double first, double p[PROTOCOL_ARMS_MAX]);

/* Gives the arm that is behind `behind` and the other what is left of 1; half each without a lead.
 */
void two_arms_lean(
    const struct protocol_scheme *scheme, int64_t lead, double behind, double p[PROTOCOL_ARMS_MAX]);

#endif
