/*
 * two_arms.c: biased coin, big stick and the maximal procedure speak of one arm's lead over the
 * other.
 */
#include "trial/design/two_arms.h"

static size_t
first_of(const struct protocol_scheme *scheme)
{
    size_t arm = 0;
    while (scheme->ratio[arm] == 0)
        arm++;
    return arm;
}

static size_t
second_of(const struct protocol_scheme *scheme)
{
    return design_arms(scheme) - 1;
}

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    if (!design_equal(scheme) || scheme->ratio_sum != 2 * scheme->ratio[first_of(scheme)])
        return error_set(error, ERROR_CONFIG, "design ratio",
            "the method of scheme %s is for two arms in equal numbers", scheme->name);
    return true;
}

bool
two_arms_check_p(const struct protocol_scheme *scheme, struct error *error)
{
    if (!(scheme->design.p >= 0.5 && scheme->design.p <= 1))
        return error_set(error, ERROR_CONFIG, "design p",
            "scheme %s cannot have p = %g: the arm that is behind is given 0.5 to 1", scheme->name,
            scheme->design.p);
    return check(scheme, error);
}

bool
two_arms_check_limit(const struct protocol_scheme *scheme, struct error *error)
{
    if (scheme->design.limit == 0)
        return error_set(error, ERROR_CONFIG, "design limit",
            "scheme %s has no limit: the largest imbalance must be 1 or more", scheme->name);
    return check(scheme, error);
}

int64_t
two_arms_lead(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX])
{
    return counts[first_of(scheme)] - counts[second_of(scheme)];
}

void
two_arms_set(const struct protocol_scheme *scheme, double first, double p[PROTOCOL_ARMS_MAX])
{
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        p[arm] = 0;
    p[first_of(scheme)] = first;
    p[second_of(scheme)] = 1 - first;
}

void
two_arms_lean(
    const struct protocol_scheme *scheme, int64_t lead, double behind, double p[PROTOCOL_ARMS_MAX])
{
    two_arms_set(scheme, lead == 0 ? 0.5 : lead < 0 ? behind : 1 - behind, p);
}
