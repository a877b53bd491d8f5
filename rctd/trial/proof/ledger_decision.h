/*
 * ledger_decision.h: what a row of a ledger was decided on, as far as it is an input: the unit's
 * levels, its batch and values, or why it is in a group that nobody randomised. The rest of a
 * decision follows from these.
 */
#ifndef RCTD_TRIAL_LEDGER_DECISION_H
#define RCTD_TRIAL_LEDGER_DECISION_H

#include "base/arena.h"
#include "base/compiler.h"
#include "trial/proof/ledger.h"
#include "trial/protocol.h"

#include <stdbool.h>
#include <stdint.h>

/* Of minimisation: the index of the unit's level in each factor that the scheme balances. False
 * where a factor has no level, or none of the protocol's. */
bool ledger_decision_levels(const struct protocol *protocol, const struct protocol_scheme *scheme,
    struct ledger_cell decision, size_t *levels) MUST_CHECK;

/* Of constrained randomisation. */
struct ledger_batch {
    int64_t number;                /* from 1 */
    int64_t units;                 /* in the batch */
    struct protocol_values values; /* of the row's unit */
};

/* In the arena; false where the decision names no batch. */
bool ledger_decision_batch(
    struct arena *arena, struct ledger_cell decision, struct ledger_batch *batch) MUST_CHECK;

/* Of a nonrandom comparison: is there a reason? */
bool ledger_decision_reason(struct ledger_cell decision);

#endif
