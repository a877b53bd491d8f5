/*
 * design.c: the table of methods, and what holds for the ratios of all of them.
 */
#include "trial/design/design.h"

#include "trial/design/permuted_block.h"

static const struct design designs[] = {
    {METHOD_PERMUTED_BLOCK, permuted_block_check, permuted_block_size, permuted_block},
};

const struct design *
design_of(enum protocol_method method)
{
    for (size_t i = 0; i < COUNT_OF(designs); i++)
        if (designs[i].method == method)
            return &designs[i];
    return NULL;
}

static bool
ratios_check(const struct protocol_scheme *scheme, struct error *error)
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
    if (*design == NULL)
        return error_set(error, ERROR_CONFIG, "design method",
            "this version of rctd cannot run the method of scheme %s", scheme->name);
    return ratios_check(scheme, error) && (*design)->check(scheme, error);
}
