/*
 * measure.h: what was measured with an instrument of the protocol: each item or field under its
 * name, as text, checked and in its normal form.
 */
#ifndef RCTD_TRIAL_MEASURE_H
#define RCTD_TRIAL_MEASURE_H

#include "trial/protocol.h"

/*
 * Checks values of an instrument: items are named "1", "2", ...; fields by their names. An item or
 * field may be left out, since people skip questions: a score says how many it can do without.
 * Whatever is wrong goes to `faults` under "/values/NAME"; `normal` gets the values as they are
 * stored, in the arena, in the instrument's order.
 */
bool measure_check(struct arena *arena, const struct protocol_instrument *instrument,
    const struct protocol_values *values, struct faults *faults,
    struct protocol_values *normal) MUST_CHECK;

/* NULL where there is none of that name. */
const struct protocol_instrument *measure_instrument(
    const struct protocol *protocol, const char *name);

/* Does the task ask for the instrument? NULL stands for no task of the protocol: no. */
bool measure_is_of_task(const struct protocol *protocol, const struct protocol_task *task,
    const struct protocol_instrument *instrument);

/* Do only some arms have tasks that ask for it? Then who has its data tells the arm. */
bool measure_tells_arm(
    const struct protocol *protocol, const struct protocol_instrument *instrument);

#endif
