/*
 * minimisation.c: how unbalanced the factors would be with the unit in each arm, and the
 * probabilities that follow. The order of floating-point operations is that of rctd-allocation(7).
 */
#include "trial/design/minimisation.h"

#include "trial/protocol.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define TIE 1e-9 /* scores that differ by no more are the same */

struct minimisation {
    const struct protocol *protocol;
    const struct protocol_scheme *scheme;
    size_t *first_levels; /* per factor: the row of its first level in `counts` */
    int64_t (*counts)[PROTOCOL_ARMS_MAX];
};

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    const struct protocol_design *design = &scheme->design;
    size_t arms = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        arms += scheme->ratio[arm] > 0;
    if (design->balanced_count == 0)
        return error_set(error, ERROR_CONFIG, "minimisation",
            "scheme %s names no factors to balance: at least one is needed", scheme->name);
    if (arms < 2)
        return error_set(error, ERROR_CONFIG, "minimisation",
            "scheme %s has one arm: there is nothing to choose between", scheme->name);
    if (design->form == FORM_RANKED && !design_equal(scheme))
        return error_set(error, ERROR_CONFIG, "minimisation",
            "scheme %s has unequal ratios: ranked probabilities are for arms in equal numbers",
            scheme->name);
    if (design->form == FORM_RANKED && design->ranked_count != arms)
        return error_set(error, ERROR_CONFIG, "minimisation",
            "scheme %s has %zu ranked probabilities for %zu arms: each rank needs one",
            scheme->name, design->ranked_count, arms);
    if (design->form != FORM_RANKED && !(design->p > 0 && design->p <= 1))
        return error_set(error, ERROR_CONFIG, "minimisation",
            "scheme %s cannot have p = %g: it lies over 0 and is at most 1", scheme->name,
            design->p);
    return true;
}

struct minimisation *
minimisation_new(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const struct protocol_design *design = &scheme->design;
    struct minimisation *tally = memory_get(sizeof *tally);
    size_t levels = 0;
    tally->protocol = protocol;
    tally->scheme = scheme;
    tally->first_levels = memory_get(design->balanced_count * sizeof *tally->first_levels);
    for (size_t i = 0; i < design->balanced_count; i++) {
        tally->first_levels[i] = levels;
        levels +=
            protocol->subjects[scheme->unit].attributes[design->balanced[i].attribute].level_count;
    }
    tally->counts = memory_get(levels * sizeof *tally->counts);
    return tally;
}

void
minimisation_free(struct minimisation *tally)
{
    if (tally == NULL)
        return;
    free(tally->first_levels);
    free(tally->counts);
    free(tally);
}

const struct protocol *
minimisation_protocol(const struct minimisation *tally)
{
    return tally->protocol;
}

const struct protocol_scheme *
minimisation_scheme(const struct minimisation *tally)
{
    return tally->scheme;
}

void
minimisation_count(
    struct minimisation *tally, size_t factor, size_t level, size_t arm, int64_t units)
{
    tally->counts[tally->first_levels[factor] + level][arm] += units;
}

void
minimisation_add(struct minimisation *tally, const size_t *levels, size_t arm)
{
    for (size_t i = 0; i < tally->scheme->design.balanced_count; i++)
        minimisation_count(tally, i, levels[i], arm, 1);
}

const int64_t *
minimisation_counts(const struct minimisation *tally, size_t factor, size_t level)
{
    return tally->counts[tally->first_levels[factor] + level];
}

static double
range(const double x[], size_t arms)
{
    double least = x[0];
    double most = x[0];
    for (size_t i = 1; i < arms; i++) {
        least = fmin(least, x[i]);
        most = fmax(most, x[i]);
    }
    return most - least;
}

/* Of a sample. */
static double
variance(const double x[], size_t arms)
{
    double sum = 0;
    for (size_t i = 0; i < arms; i++)
        sum += x[i];
    double mean = sum / (double)arms;
    double squares = 0;
    for (size_t i = 0; i < arms; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return squares / (double)(arms - 1);
}

/* Differences of all pairs, as a share of what they can come to. */
static double
marginal(const double x[], size_t arms)
{
    double sum = 0;
    double differences = 0;
    for (size_t i = 0; i < arms; i++) {
        sum += x[i];
        for (size_t j = i + 1; j < arms; j++)
            differences += fabs(x[i] - x[j]);
    }
    return differences / ((double)(arms - 1) * sum);
}

static double
measure(enum protocol_measure kind, const double x[], size_t arms)
{
    switch (kind) {
    case MEASURE_VARIANCE:
        return variance(x, arms);
    case MEASURE_SD:
        return sqrt(variance(x, arms));
    case MEASURE_MARGINAL:
        return marginal(x, arms);
    default:
        return range(x, arms);
    }
}

/* The measure of one factor's counts at the unit's level, as if the unit were in the arm. */
static double
measure_with(const struct protocol_scheme *scheme, const int64_t *counts, size_t with)
{
    double x[PROTOCOL_ARMS_MAX];
    size_t arms = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0)
            x[arms++] = (double)(counts[arm] + (arm == with)) / scheme->ratio[arm];
    return measure(scheme->design.measure, x, arms);
}

void
minimisation_scores(
    const struct minimisation *tally, const size_t *levels, double scores[PROTOCOL_ARMS_MAX])
{
    const struct protocol_scheme *scheme = tally->scheme;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        scores[arm] = 0;
        for (size_t i = 0; scheme->ratio[arm] > 0 && i < scheme->design.balanced_count; i++)
            scores[arm] += scheme->design.balanced[i].weight *
                           measure_with(scheme, minimisation_counts(tally, i, levels[i]), arm);
    }
}

/* The least score of the arms whose score is over `above` by more than a tie. */
static double
least_score(const struct protocol_scheme *scheme, const double scores[], double above)
{
    double least = INFINITY;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0 && scores[arm] - above > TIE)
            least = fmin(least, scores[arm]);
    return least;
}

/* Marks the arms that tie with `least`; gives the sum of their ratios. */
static unsigned
tied_ratio(const struct protocol_scheme *scheme, const double scores[], double least,
    bool tied[PROTOCOL_ARMS_MAX])
{
    unsigned ratio = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        double over = scores[arm] - least;
        tied[arm] = scheme->ratio[arm] > 0 && over >= 0 && over <= TIE;
        ratio += tied[arm] ? scheme->ratio[arm] : 0;
    }
    return ratio;
}

/* The preferred arms share p in their ratio, the others what is left of 1. */
static void
share_plain(const struct protocol_scheme *scheme, const bool preferred[], unsigned ratio,
    double p[PROTOCOL_ARMS_MAX])
{
    double share = scheme->design.p;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        p[arm] = preferred[arm] ? share * scheme->ratio[arm] / ratio
                                : (1 - share) * scheme->ratio[arm] / (scheme->ratio_sum - ratio);
}

/*
 * p is the probability of the arm with the least ratio when it alone is preferred. What the others
 * have then is theirs whenever they are not preferred: over time each arm keeps its ratio.
 */
static void
share_biased_coin(const struct protocol_scheme *scheme, const bool preferred[], unsigned ratio,
    double p[PROTOCOL_ARMS_MAX])
{
    unsigned least = UINT_MAX;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0 && scheme->ratio[arm] < least)
            least = scheme->ratio[arm];
    double rest = 1;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        p[arm] = scheme->ratio[arm] * (1 - scheme->design.p) / (scheme->ratio_sum - least);
        rest -= preferred[arm] ? 0 : p[arm];
    }
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (preferred[arm])
            p[arm] = rest * scheme->ratio[arm] / ratio;
}

/* Each arm has the probability of its rank; arms that tie share those of their ranks. */
static void
share_ranked(const struct protocol_scheme *scheme, const double scores[], double least,
    double p[PROTOCOL_ARMS_MAX])
{
    bool tied[PROTOCOL_ARMS_MAX];
    size_t rank = 0;
    while (least < INFINITY) {
        size_t arms =
            tied_ratio(scheme, scores, least, tied) / scheme->ratio[design_arms(scheme) - 1];
        double sum = 0;
        for (size_t i = 0; i < arms; i++)
            sum += scheme->design.ranked[rank++];
        for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
            if (tied[arm])
                p[arm] = sum / (double)arms;
        least = least_score(scheme, scores, least);
    }
}

void
minimisation_probabilities(const struct protocol_scheme *scheme,
    const double scores[PROTOCOL_ARMS_MAX], double p[PROTOCOL_ARMS_MAX])
{
    bool preferred[PROTOCOL_ARMS_MAX];
    double least = least_score(scheme, scores, -INFINITY);
    unsigned ratio = tied_ratio(scheme, scores, least, preferred);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        p[arm] = (double)scheme->ratio[arm] / scheme->ratio_sum;
    if (ratio == scheme->ratio_sum)
        return;
    if (scheme->design.form == FORM_RANKED)
        share_ranked(scheme, scores, least, p);
    else if (scheme->design.form == FORM_BIASED_COIN)
        share_biased_coin(scheme, preferred, ratio, p);
    else
        share_plain(scheme, preferred, ratio, p);
}

const struct design minimisation_design = {
    .method = METHOD_MINIMISATION,
    .first_draw = 1,
    .check = check,
    .no_sequence = "each arm depends on the units that were allocated before",
};
