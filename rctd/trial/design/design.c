/*
 * design.c: the table of methods, what holds for the ratios of all of them, and the draw that those
 * have in common which decide by probabilities.
 */
#include "trial/design/design.h"

#include <assert.h>

static const struct design *const designs[] = {
#define DESIGN_ROW(name) &name##_design,
    DESIGNS(DESIGN_ROW)
#undef DESIGN_ROW
};

const struct design *
design_of(enum protocol_method method)
{
    size_t i = 0;
    while (designs[i]->method != method) {
        i++;
        assert(i < COUNT_OF(designs));
    }
    return designs[i];
}

static bool
check_ratios(const struct protocol_scheme *scheme, struct error *error)
{
    uint64_t sum = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        sum += scheme->ratio[arm];
    if (sum == 0)
        return error_set(error, ERROR_CONFIG, "design ratio",
            "scheme %s gives no arm a share: at least one ratio must be 1 or more", scheme->name);
    if (sum != scheme->ratio_sum)
        return error_set(error, ERROR_CONFIG, "design ratio",
            "the ratios of scheme %s add up to %llu, not to the sum that it carries", scheme->name,
            (unsigned long long)sum);
    return true;
}

bool
design_check(
    const struct protocol_scheme *scheme, const struct design **design, struct error *error)
{
    *design = design_of(scheme->method);
    return check_ratios(scheme, error) && (*design)->check(scheme, error);
}

size_t
design_pick(
    const struct protocol_scheme *scheme, const double p[PROTOCOL_ARMS_MAX], struct stream *stream)
{
    size_t arms = design_arms(scheme);
    size_t last = 0;
    for (size_t arm = 0; arm < arms; arm++) {
        if (p[arm] >= 1)
            return arm;
        if (p[arm] > 0)
            last = arm;
    }
    double fraction = stream_fraction(stream);
    double sum = 0;
    for (size_t arm = 0; arm < last; arm++) {
        sum += p[arm];
        if (fraction < sum)
            return arm;
    }
    return last;
}

size_t
design_arms(const struct protocol_scheme *scheme)
{
    size_t arms = PROTOCOL_ARMS_MAX;
    while (scheme->ratio[arms - 1] == 0)
        arms--;
    return arms;
}

bool
design_equal(const struct protocol_scheme *scheme)
{
    unsigned last = scheme->ratio[design_arms(scheme) - 1];
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] != 0 && scheme->ratio[arm] != last)
            return false;
    return true;
}
