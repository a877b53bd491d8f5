/*
 * biased_coin.c: Efron's biased coin (Biometrika 58, 1971): the arm that is behind is next with
 * probability p.
 */
#include "trial/design/two_arms.h"

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    two_arms_lean(scheme, two_arms_lead(scheme, counts), scheme->design.p, p);
}

const struct design biased_coin_design = {
    .method = METHOD_BIASED_COIN,
    .first_draw = 1,
    .check = two_arms_check_p,
    .probabilities = probabilities,
};
