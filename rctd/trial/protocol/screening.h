/*
 * screening.h: the reasons that the screening log takes.
 */
#ifndef RCTD_TRIAL_PROTOCOL_SCREENING_H
#define RCTD_TRIAL_PROTOCOL_SCREENING_H

#include "base/arena.h"
#include "trial/protocol/terms.h"

#include <stdbool.h>
#include <stddef.h>

struct protocol;

/* Why workplaces or people are not in the trial, beside the rules of eligibility: what the
 * screening log takes as a reason. */
struct protocol_screening {
    const char **declined;
    size_t declined_count;
    const char **not_approached;
    size_t not_approached_count;
};

/* The reason that every list has: nobody gave one. */
#define PROTOCOL_REASON_NOT_SAID "not-said"

/* Is it a reason that a unit in this state of the screening log may have (ineligible: a rule;
 * declined, not-approached: a reason of these lists)? */
bool protocol_screening_reason(const struct protocol *protocol, enum protocol_unit unit,
    const char *state, const char *reason);

/* Those that there are, as "a, b, c"; in the arena. */
const char *protocol_screening_reasons(struct arena *arena, const struct protocol *protocol,
    enum protocol_unit unit, const char *state);

#endif
