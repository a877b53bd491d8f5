/*
 * advise_constrained.c: advice on a constrained randomisation before its workplaces are known: how
 * many assignments there can be, and how many of them will be accepted.
 */
#include "trial/protocol/advise.h"

#include <math.h>

#define ACCEPTED_MIN 100        /* a permutation test then reaches p = 0.02 */
#define ENUMERATE_MAX 10000000u /* what the protocol may ask for */

/* n over k; as a double: more than 2^53 need not be exact. */
static double
choose(unsigned n, unsigned k)
{
    double ways = 1;
    for (unsigned i = 1; i <= k; i++)
        ways = ways * (n - k + i) / i;
    return round(ways);
}

/* Assignments of n units in the scheme's ratio; what is left over goes to the arms in order. */
static double
assignments_of(const struct protocol_scheme *scheme, unsigned n)
{
    double ways = 1;
    unsigned left = n, over = n;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        over -= (unsigned)((unsigned long long)n * scheme->ratio[arm] / scheme->ratio_sum);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        if (scheme->ratio[arm] == 0)
            continue;
        unsigned size = (unsigned)((unsigned long long)n * scheme->ratio[arm] / scheme->ratio_sum);
        if (over > 0) {
            size++;
            over--;
        }
        ways *= choose(left, size);
        left -= size;
    }
    return ways;
}

/* Of all units, where each stratum holds as many; 0 where it is not to be told. */
static double
assignments(const struct advised *advised)
{
    double ways = 1;
    if (advised->scheme->method != METHOD_CONSTRAINED || advised->target == 0 ||
        advised->strata > advised->target)
        return 0;
    unsigned each = advised->target / (unsigned)advised->strata;
    unsigned more = advised->target % (unsigned)advised->strata;
    for (unsigned i = 0; i < advised->strata; i++)
        ways *= assignments_of(advised->scheme, each + (i < more));
    return ways;
}

/* How many of them are looked at. */
static double
scored(const struct protocol_design *design, double ways)
{
    return ways > design->enumerate ? fmin(ways, design->sample) : ways;
}

void
advise_constrained_few(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    double ways = assignments(advised), looked_at = scored(design, ways);
    double accepted = floor(looked_at * design->accept);
    if (ways < 1 || accepted >= ACCEPTED_MIN)
        return;
    double share = ceil(100.0 * ACCEPTED_MIN / looked_at) / 100;
    advise(advised, advice, "Moulton 2004",
        share <= 0.5 ? arena_printf(advice->arena, "write accept: %.0f%%", 100 * share)
                     : "use fewer strata, or simple or stratified randomisation",
        "%u %s can be assigned in %.0f ways, and about %.0f of them would be accepted, fewer than "
        "%d: "
        "the design is hardly random, and a permutation test finds no p-value under %.2g",
        advised->target, advised->units, ways, accepted, ACCEPTED_MIN,
        accepted > 2 ? 2 / accepted : 1);
}

void
advise_constrained_sampled(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    double ways = assignments(advised);
    if (ways <= design->enumerate)
        return;
    advise(advised, advice, NULL,
        ways <= ENUMERATE_MAX ? arena_printf(advice->arena, "write enumerate: %.0f", ways)
                              : "nothing need change: with so many, a sample is what can be done",
        "%u %s can be assigned in %s ways, more than the %u that are enumerated: a sample of "
        "%u is scored instead",
        advised->target, advised->units,
        arena_printf(advice->arena, ways < 1e12 ? "%.0f" : "%.2g", ways), design->enumerate,
        design->sample);
}
