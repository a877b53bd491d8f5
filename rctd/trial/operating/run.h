/*
 * run.h: simulates one trial after another with the code that allocates real units, over words of a
 * fast generator, and adds up what became of them. A run belongs to one thread.
 */
#ifndef RCTD_TRIAL_OPERATING_RUN_H
#define RCTD_TRIAL_OPERATING_RUN_H

#include "base/arena.h"
#include "trial/operating/balance.h"
#include "trial/operating/generator.h"
#include "trial/operating/operating.h"

/* A figure of the trials so far: its sum, and that of its squares. */
struct moment {
    double sum;
    double squares;
};

/* The figures of a whole trial, in the order of `whole`, and of each part of it. */
enum run_figure { RUN_GUESS, RUN_CERTAIN, RUN_SQUARE, RUN_ABSOLUTE, RUN_LARGEST, RUN_FIGURES };

/*
 * Parts are the strata together, or a factor's levels together; cells are the strata or levels
 * themselves. Each unit belongs to one cell of every part.
 */
struct run_shape {
    size_t parts;
    size_t cells;
    size_t *first_cell; /* of each part; one more at the end */
};

/* Sums that are the same in whatever order trials are added: whole numbers, and multiples of a
 * power of two. */
struct run_totals {
    int64_t (*counts)[PROTOCOL_ARMS_MAX]; /* of the trial, and of each cell behind it */
    double *curve;                        /* n + 1 numbers, or NULL */
};

struct run;

/* How the setting's trials are cut up; NULL and ERROR_CONFIG where its method cannot be simulated.
 */
struct run_shape *run_shape(
    const struct operating_setting *setting, struct arena *arena, struct error *error);

struct run *run_new(
    const struct operating_setting *setting, const struct run_shape *shape, bool curve);
void run_free(struct run *run); /* NULL is allowed */

/* Simulates so many trials with words from the generator; `moments` gets RUN_FIGURES numbers for
 * the trial and as many for each part (guess and certain stay 0), over what was in it. */
void run_trials(
    struct run *run, struct generator *generator, int64_t trials, struct moment *moments);

const struct run_totals *run_totals(const struct run *run);

#endif
