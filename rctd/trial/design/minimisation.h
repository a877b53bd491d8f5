/*
 * minimisation.h: Pocock and Simon's minimisation (Biometrics 31, 1975), with the biased-coin form
 * of Han, Enas and McEntegart (Statistics in Medicine 28, 2009) for unequal ratios. An arm is
 * decided on the units allocated before: a tally counts them by factor, level and arm.
 *
 * `levels` has one index for each factor of scheme->design.balanced, in that order: the unit's
 * level among the attribute's levels (protocol_balanced_levels). Scores and probabilities of arms
 * that are not in the scheme are 0.
 *
 * A tally may be read by several threads while nobody adds to it.
 */
#ifndef RCTD_TRIAL_DESIGN_MINIMISATION_H
#define RCTD_TRIAL_DESIGN_MINIMISATION_H

#include "trial/design/design.h"

struct minimisation;

/* An empty tally; borrows the protocol and its scheme, whose method is minimisation. */
struct minimisation *minimisation_new(
    const struct protocol *protocol, const struct protocol_scheme *scheme);
void minimisation_free(struct minimisation *tally); /* NULL is allowed */

/* What it was made with. */
const struct protocol *minimisation_protocol(const struct minimisation *tally);
const struct protocol_scheme *minimisation_scheme(const struct minimisation *tally);

/* A unit has been allocated to the arm. */
void minimisation_add(struct minimisation *tally, const size_t *levels, size_t arm);

/*
 * At one level of one factor alone: so many units more (or fewer) in the arm. For a tally that is
 * read from sums, where every factor must be told of every unit.
 */
void minimisation_count(
    struct minimisation *tally, size_t factor, size_t level, size_t arm, int64_t units);

/* How many units each arm has at a level of a factor: PROTOCOL_ARMS_MAX numbers. */
const int64_t *minimisation_counts(const struct minimisation *tally, size_t factor, size_t level);

/* The score of each arm, if the unit were allocated to it: the less, the better balanced. */
void minimisation_scores(
    const struct minimisation *tally, const size_t *levels, double scores[PROTOCOL_ARMS_MAX]);

/* Each arm's probability of being next. */
void minimisation_probabilities(const struct protocol_scheme *scheme,
    const double scores[PROTOCOL_ARMS_MAX], double p[PROTOCOL_ARMS_MAX]);

#endif
