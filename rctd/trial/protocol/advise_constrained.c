/*
 * advise_constrained.c: advice on a constrained randomisation before its workplaces are known: how
 * many assignments there can be, and how many of them will be accepted.
 */
#include "trial/consequence.h"
#include "trial/constrained/constrained.h"
#include "trial/protocol/advise.h"

#include <inttypes.h>
#include <math.h>

#define ENUMERATE_MAX 10000000u /* what the protocol may ask for */

void
advise_constrained_few(const struct advised *advised, struct faults *advice)
{
    struct consequence of = consequence_of(advised->protocol, advised->scheme);
    if (of.assignments == 0 || of.accepted >= CONSTRAINED_FEW)
        return;
    /* Of two equal arms every assignment has its mirror image, with a difference of one size. */
    double alike = advised->arms == 2 && advised->equal ? 2 : 1;
    double share = ceil(100.0 * CONSTRAINED_FEW / (double)of.scored) / 100;
    advise(advised, advice, "Moulton 2004",
        share <= 0.5 ? arena_printf(advice->arena, "write accept: %.0f%%", 100 * share)
                     : "use fewer strata, or simple or stratified randomisation",
        "%u %s can be assigned in %" PRIu64 " ways, and about %" PRIu64 " of them would be "
        "accepted, fewer than %d: the design is hardly random, and a permutation test finds no "
        "p-value under %.2g",
        advised->target, advised->units, of.assignments, of.accepted, CONSTRAINED_FEW,
        fmin(1, alike / (double)of.accepted));
}

void
advise_constrained_sampled(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    uint64_t ways = consequence_of(advised->protocol, advised->scheme).assignments;
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
    if (consequence_of(advised->protocol, scheme).assignments <= scheme->design.enumerate)
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
