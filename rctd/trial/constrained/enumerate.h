/*
 * enumerate.h: every assignment of a problem once, each from the one before it by two units
 * exchanging their arms, so that whatever is kept about an assignment changes by one difference.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_ENUMERATE_H
#define RCTD_TRIAL_CONSTRAINED_ENUMERATE_H

#include "trial/constrained/constrained.h"

struct enumeration;

/*
 * `arms` gets the first assignment: in each stratum the arms one after another. With `half`, of two
 * arms that are alike, only those assignments come that leave the first unit of the first stratum
 * in the first arm; the others are these with the arms exchanged.
 */
struct enumeration *enumeration_new(
    const struct constrained_problem *problem, bool half, uint8_t *arms);
void enumeration_free(struct enumeration *enumeration); /* NULL is allowed */

/* The two units that exchange their arms next; false behind the last assignment. */
bool enumeration_next(struct enumeration *enumeration, size_t *first, size_t *second);

/* The first assignment alone; the arena is for what is needed on the way. */
void enumeration_base(
    struct arena *arena, const struct constrained_problem *problem, uint8_t *arms);

#endif
