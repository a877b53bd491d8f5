/*
 * sample.h: distinct assignments drawn at random, where there are too many to score them all.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_SAMPLE_H
#define RCTD_TRIAL_CONSTRAINED_SAMPLE_H

#include "trial/constrained/constrained.h"
#include "trial/constrained/key.h"

struct sample {
    struct key_shape shape;
    size_t count;
    uint64_t *keys; /* count * shape.words */
};

/*
 * Draws until there are problem->sample distinct ones, or all that there are, or 100 times as many
 * were drawn; then adds what comes of them by exchanging arms that have the same sizes. NULL with
 * ERROR_REFUSED where that would be more than CONSTRAINED_SCORED_MAX.
 */
struct sample *sample_draw(const struct constrained_problem *problem, struct stream *stream,
    const struct constrained_progress *progress, struct error *error);
void sample_free(struct sample *sample); /* NULL is allowed */

#endif
