/*
 * big_stick.c: Soares and Wu's big stick (Communications in Statistics A 12, 1983): a fair coin,
 * until one arm is ahead by the limit; then the other is next.
 */
#include "trial/design/two_arms.h"

#include <stdlib.h>

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    int64_t lead = two_arms_lead(scheme, counts);
    two_arms_lean(scheme, lead, llabs(lead) >= scheme->design.limit ? 1 : 0.5, p);
}

const struct design big_stick_design = {
    .method = METHOD_BIG_STICK,
    .first_draw = 1,
    .check = two_arms_check_limit,
    .probabilities = probabilities,
};
