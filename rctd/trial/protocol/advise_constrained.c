/*
 * advise_constrained.c: advice on a constrained randomisation before its workplaces are known: how
 * many assignments there can be, and how many of them will be accepted.
 */
#include "trial/constrained/constrained.h"
#include "trial/protocol/advise.h"

#include <inttypes.h>
#include <math.h>

#define ENUMERATE_MAX 10000000u /* what the protocol may ask for */

/* Of all units, where the strata fill evenly; 0 where it is not to be told. */
static uint64_t
assignments(const struct advised *advised, struct arena *arena)
{
    const struct protocol_scheme *scheme = advised->scheme;
    unsigned ratio[PROTOCOL_ARMS_MAX];
    size_t arms = 0, units = advised->target;
    if (scheme->method != METHOD_CONSTRAINED || units == 0 || units > CONSTRAINED_UNITS_MAX ||
        advised->strata > units)
        return 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0)
            ratio[arms++] = scheme->ratio[arm];
    struct constrained_problem problem = {
        .arena = arena,
        .units = units,
        .strata = arena_array(arena, units, sizeof *problem.strata),
        .stratum_count = advised->strata,
    };
    for (size_t unit = 0; unit < units; unit++)
        problem.strata[unit] = unit % advised->strata;
    constrained_even_sizes(&problem, ratio, arms);
    return constrained_count(&problem);
}

/* How many of them are looked at. */
static uint64_t
scored(const struct protocol_design *design, uint64_t ways)
{
    if (ways <= design->enumerate)
        return ways;
    return ways < design->sample ? ways : design->sample;
}

void
advise_constrained_few(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    uint64_t ways = assignments(advised, advice->arena), looked_at = scored(design, ways);
    double accepted = floor((double)looked_at * design->accept);
    if (ways == 0 || accepted >= CONSTRAINED_FEW)
        return;
    double share = ceil(100.0 * CONSTRAINED_FEW / (double)looked_at) / 100;
    advise(advised, advice, "Moulton 2004",
        share <= 0.5 ? arena_printf(advice->arena, "write accept: %.0f%%", 100 * share)
                     : "use fewer strata, or simple or stratified randomisation",
        "%u %s can be assigned in %" PRIu64 " ways, and about %.0f of them would be accepted, "
        "fewer than %d: the design is hardly random, and a permutation test finds no p-value "
        "under %.2g",
        advised->target, advised->units, ways, accepted, CONSTRAINED_FEW,
        accepted > 2 ? 2 / accepted : 1);
}

void
advise_constrained_sampled(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    uint64_t ways = assignments(advised, advice->arena);
    if (ways <= design->enumerate)
        return;
    const char *count =
        ways == UINT64_MAX ? "more than 10^19" : arena_printf(advice->arena, "%" PRIu64, ways);
    advise(advised, advice, NULL,
        ways <= ENUMERATE_MAX ? arena_printf(advice->arena, "write enumerate: %s", count)
                              : "nothing need change: with so many, a sample is what can be done",
        "%u %s can be assigned in %s ways, more than the %u that are enumerated: a sample of %u "
        "is scored instead",
        advised->target, advised->units, count, design->enumerate, design->sample);
}

/* A sample is closed under exchanging arms of one size, and must still fit. */
void
advise_constrained_large(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    double closed = scheme->design.sample;
    if (assignments(advised, advice->arena) <= scheme->design.enumerate)
        return;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        unsigned alike = 0;
        for (size_t other = 0; other <= arm; other++)
            alike += scheme->ratio[arm] > 0 && scheme->ratio[other] == scheme->ratio[arm];
        closed *= alike > 1 ? alike : 1;
    }
    if (closed > CONSTRAINED_SCORED_MAX)
        advise(advised, advice, NULL, "write a smaller sample",
            "a sample of %u, with arms of one size exchanged, is %.3g assignments, more than the "
            "%d that can be scored: nothing could be allocated",
            scheme->design.sample, closed, CONSTRAINED_SCORED_MAX);
}
