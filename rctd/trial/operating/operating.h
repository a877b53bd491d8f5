/*
 * operating.h: how a design behaves over many trials: how well its next arm can be guessed, and how
 * far apart the arms' numbers come. Exact where a dynamic programme can do it, simulated elsewhere.
 * Pure: scheme and numbers in, figures out.
 *
 * The difference of two arms a and b with ratios r is 2 (n_a r_b - n_b r_a) / (r_a + r_b), which is
 * n_a - n_b where the ratios are equal. The guesser follows Blackwell and Hodges' convergence
 * strategy: the arm that is behind, the one with the least n_i / r_i; of m such arms each is
 * guessed with 1 / m. An allocation is deterministic where the design itself gives one arm the
 * probability 1; in permuted blocks that is so for whoever knows the size of the block that is
 * being filled.
 */
#ifndef RCTD_TRIAL_OPERATING_OPERATING_H
#define RCTD_TRIAL_OPERATING_OPERATING_H

#include "base/compiler.h"
#include "base/error.h"
#include "trial/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPERATING_N_MAX 1000000 /* allocations of a trial */
#define OPERATING_TRIALS_MAX 1000000000

enum operating_figure {
    OPERATING_CORRECT_GUESS,
    OPERATING_DETERMINISTIC,
    OPERATING_FINAL_SD,
    OPERATING_FINAL_ABS,
    OPERATING_MAX_ABS,
    OPERATING_FIGURES
};

/* With more than two arms final_sd and final_abs are means over the pairs of arms (sd: the root of
 * the mean variance), and max_abs is the largest of all pairs. */
struct operating {
    double correct_guess; /* share of the allocations that are guessed, 0 to 1 */
    double deterministic; /* share of the allocations whose arm is certain, 0 to 1 */
    double final_sd;      /* standard deviation of the difference after the last allocation */
    double final_abs;     /* mean of its absolute value */
    double max_abs;       /* mean of the largest absolute difference on the way */
    bool exact;
    double standard_error[OPERATING_FIGURES]; /* 0 where exact */
};

/*
 * The figures of n allocations from 1 in one stratum. The scheme must have passed design_check.
 * False, and nothing in `out`, where there is no exact way: minimisation, constrained, and too many
 * states. Designs that keep the imbalance small have few, up to an n of many thousands. Of those
 * that let it grow, as simple randomisation does, two and three arms reach beyond n = 1,000, four
 * to some 250. At the most it takes some ten seconds and 1 GB.
 *
 * `curve`, n + 1 numbers or NULL, gets the mean absolute difference after 0 .. n allocations.
 */
bool operating_exact(
    const struct protocol_scheme *scheme, size_t n, struct operating *out) MUST_CHECK;
bool operating_exact_curve(const struct protocol_scheme *scheme, size_t n, struct operating *out,
    double *curve) MUST_CHECK;

/* How units come to the strata. */
enum operating_pattern {
    OPERATING_EVEN,   /* in turn, so that all are equally large */
    OPERATING_RANDOM, /* each with the same probability */
    OPERATING_SHARES  /* with probabilities in proportion to `shares` */
};

/* What is simulated. Everything is borrowed. */
struct operating_setting {
    const struct protocol *protocol;      /* minimisation: whose attributes it balances; or NULL */
    const struct protocol_scheme *scheme; /* has passed design_check */
    size_t n;                             /* allocations of a trial, over all strata; from 1 */
    int64_t trials;                       /* from 2 */
    uint64_t seed;
    unsigned threads; /* 0: one for each processor; the figures do not depend on it */

    size_t strata; /* from 1; of minimisation 1 */
    enum operating_pattern pattern;
    const double *shares; /* one per stratum, positive; NULL but for OPERATING_SHARES */

    /* Minimisation: per balanced factor a positive share for each of its levels, or NULL where all
     * are equally frequent; NULL where that is so in every factor. */
    const double *const *level_shares;

    /* Called by the calling thread now and then; NULL for none. */
    void (*progress)(void *context, int64_t done, int64_t total);
    void *context;
};

/* Imbalance within a part of the trial: a stratum, or the levels of a factor. Means over its
 * strata or levels and over trials, but max_abs: the largest of all of them on the way. */
struct operating_part {
    double final_sd;
    double final_abs;
    double max_abs;
    double standard_error[OPERATING_FIGURES]; /* of the three, at their places */
};

/*
 * `trial` is about the arms' numbers in the whole trial; only the guesser goes by those of the
 * stratum. With more than one stratum `strata` tells about imbalance within strata. Minimisation
 * fills one of `factors` for each balanced factor, in the scheme's order; factors are independent
 * of each other. `curve`, n + 1 numbers or NULL, as above.
 */
struct operating_result {
    struct operating trial;
    struct operating_part strata;
    struct operating_part *factors; /* room for the scheme's balanced_count, or NULL */
    double *curve;
};

/* ERROR_CONFIG where the method cannot be simulated. The same seed gives the same figures on any
 * number of threads. */
bool operating_simulate(const struct operating_setting *setting, struct operating_result *result,
    struct error *error) MUST_CHECK;

#endif
