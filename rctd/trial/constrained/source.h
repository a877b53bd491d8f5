/*
 * source.h: the assignments of a problem one after another, all that there are or a sample, each
 * set up in the scorer. A source can be gone through again from the start.
 *
 * Where there are two arms that are alike, an assignment and the one with the arms exchanged have
 * the same score and the same limits: of all that there are, one of the two is gone through.
 */
#ifndef RCTD_TRIAL_CONSTRAINED_SOURCE_H
#define RCTD_TRIAL_CONSTRAINED_SOURCE_H

#include "trial/constrained/enumerate.h"
#include "trial/constrained/sample.h"
#include "trial/constrained/score.h"

struct source {
    const struct constrained_problem *problem;
    struct scorer *scorer;
    struct sample *sample; /* NULL where all assignments are gone through */
    unsigned times;        /* 2: each stands for the one with the arms exchanged as well; else 1 */
    struct enumeration *enumeration;
    size_t at;     /* the present one of a sample */
    uint8_t *arms; /* room for one assignment */
};

/* Takes the sample over, which may be NULL; the scorer is borrowed. */
void source_open(struct source *source, const struct constrained_problem *problem,
    struct scorer *scorer, struct sample *sample);
void source_close(struct source *source);

/* Sets up the first assignment; the next, or false behind the last. */
void source_start(struct source *source);
bool source_next(struct source *source);

#endif
