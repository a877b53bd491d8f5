/*
 * biased_coin_limit.c: Chen's biased coin with imbalance tolerance (Communications in Statistics:
 * Stochastic Models 15, 1999): Efron's coin, and at the limit the arm that is behind is next.
 */
#include "trial/design/two_arms.h"

#include <stdlib.h>

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    return two_arms_check_p(scheme, error) && two_arms_check_limit(scheme, error);
}

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    int64_t lead = two_arms_lead(scheme, counts);
    two_arms_lean(scheme, lead, llabs(lead) >= scheme->design.limit ? 1 : scheme->design.p, p);
}

const struct design biased_coin_limit_design = {
    .method = METHOD_BIASED_COIN_LIMIT,
    .first_draw = 1,
    .check = check,
    .probabilities = probabilities,
};
