/*
 * block_urn.c: Zhao and Weng's block urn (Contemporary Clinical Trials 32, 2011): an urn with one
 * block's balls, drawn without replacement; as soon as a whole ratio has been drawn, its balls go
 * back.
 */
#include "trial/design/design.h"

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    unsigned size = scheme->design.size;
    if (size == 0 || size % scheme->ratio_sum != 0)
        return error_set(error, ERROR_CONFIG, "block urn",
            "scheme %s cannot have an urn of %u: its size is a multiple of %u, the sum of the "
            "ratios",
            scheme->name, size, scheme->ratio_sum);
    return true;
}

/* How often every arm has been drawn in its ratio. */
static int64_t
whole_ratios(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX])
{
    int64_t least = INT64_MAX;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0 && counts[arm] / scheme->ratio[arm] < least)
            least = counts[arm] / scheme->ratio[arm];
    return least;
}

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    int64_t put_in = scheme->design.size / scheme->ratio_sum + whole_ratios(scheme, counts);
    int64_t total = scheme->ratio_sum * put_in;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        total -= counts[arm];
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        p[arm] = (double)(scheme->ratio[arm] * put_in - counts[arm]) / (double)total;
}

const struct design block_urn_design = {
    .method = METHOD_BLOCK_URN,
    .first_draw = 1,
    .check = check,
    .probabilities = probabilities,
};
