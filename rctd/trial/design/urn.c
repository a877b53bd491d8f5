/*
 * urn.c: Wei's urn UD(alpha, beta) (Annals of Statistics 6, 1978): alpha balls of each arm at the
 * start, drawn with replacement; every draw adds beta balls of each other arm.
 */
#include "trial/design/design.h"

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    if (!design_equal(scheme))
        return error_set(error, ERROR_CONFIG, "urn",
            "scheme %s has unequal ratios: the urn is for arms in equal numbers", scheme->name);
    return true;
}

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    int64_t arms = 0;
    int64_t units = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        arms += scheme->ratio[arm] > 0;
        units += counts[arm];
    }
    int64_t alpha = scheme->design.alpha;
    int64_t beta = scheme->design.beta;
    int64_t total = arms * alpha + (arms - 1) * beta * units;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        int64_t balls = alpha + beta * (units - counts[arm]);
        p[arm] = scheme->ratio[arm] == 0 ? 0
                 : total == 0            ? 1 / (double)arms
                                         : (double)balls / (double)total;
    }
}

const struct design urn_design = {
    .method = METHOD_URN,
    .first_draw = 1,
    .check = check,
    .probabilities = probabilities,
};
