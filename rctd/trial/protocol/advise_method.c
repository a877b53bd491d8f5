/*
 * advise_method.c: advice on the parameters of a method: those that make the next arm certain, and
 * those that never do anything.
 */
#include "base/text.h"
#include "trial/protocol/advise.h"

#include <math.h>
#include <string.h>

#define SIMPLE_MIN 200       /* units from which tossed coins are seldom badly uneven */
#define REACHED_MIN 0.01     /* share of strata that reach a limit, under which it never acts */
#define NEVER_REACHED 5.0    /* square roots of the units: a fair coin hardly strays so far */
#define REACH_UNITS_MAX 1000 /* of a stratum: as many steps are walked */

static bool
is_one(double p)
{
    return p > 1 - 1e-9;
}

static bool
same(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

void
advise_simple(const struct advised *advised, struct faults *advice)
{
    if (advised->scheme->method != METHOD_SIMPLE || advised->target == 0 ||
        advised->target >= SIMPLE_MIN)
        return;
    if (advised->equal)
        advise(advised, advice, "Lachin 1988",
            "choose permuted-block, block-urn, or big-stick for two arms",
            "%u tosses of a coin: the numbers of two arms differ by %.1f at the end (standard "
            "deviation); simple randomisation is for %d %s or more",
            advised->target, sqrt(2.0 * advised->target / advised->arms), SIMPLE_MIN,
            advised->units);
    else
        advise(advised, advice, "Lachin 1988", "choose permuted-block or block-urn",
            "%u draws: the arms may miss the ratio widely; simple randomisation is for %d %s or "
            "more",
            advised->target, SIMPLE_MIN, advised->units);
}

/* A coin that is certain, or that has no bias. */
void
advise_coin(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    if (scheme->method != METHOD_BIASED_COIN && scheme->method != METHOD_BIASED_COIN_LIMIT)
        return;
    if (is_one(scheme->design.p))
        advise(advised, advice, "Efron 1971", "write p: 0.667",
            "p of 1: when the arms are uneven, the next arm is certain, as in blocks of 2");
    else if (same(scheme->design.p, 0.5))
        advise(advised, advice, "Efron 1971", "write p: 0.667",
            "p of 0.5: the coin never leans towards the arm that is behind%s",
            scheme->method == METHOD_BIASED_COIN ? ", this is simple randomisation"
                                                 : ", this is big-stick");
}

void
advise_urn(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    if (scheme->method == METHOD_URN && scheme->design.alpha == 0 && advised->arms == 2)
        advise(advised, advice, "Wei 1978", "write alpha: 1",
            "alpha of 0: the second arm of each stratum is certain, %zu of them in this scheme",
            advised->strata);
}

/*
 * The share of strata of `units` in which the difference of two arms reaches `limit`, when the arm
 * that is behind comes next with `back`: a walk on 0 to limit, where limit keeps what comes.
 */
static double
reached(unsigned limit, unsigned units, double back)
{
    double now[REACH_UNITS_MAX + 1] = {1}, next[REACH_UNITS_MAX + 1];
    if (limit > units || limit > NEVER_REACHED * sqrt(units))
        return 0;
    for (unsigned step = 0; step < units; step++) {
        memset(next, 0, (limit + 1) * sizeof *next);
        next[limit] = now[limit];
        next[1] += now[0];
        for (unsigned d = 1; d < limit; d++) {
            next[d - 1] += now[d] * back;
            next[d + 1] += now[d] * (1 - back);
        }
        memcpy(now, next, (limit + 1) * sizeof *now);
    }
    return now[limit];
}

/* A limit that next to no stratum comes to is none. */
void
advise_limit(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    bool stick = scheme->method == METHOD_BIG_STICK;
    if ((!stick && scheme->method != METHOD_BIASED_COIN_LIMIT) || advised->per_stratum == 0 ||
        advised->per_stratum > REACH_UNITS_MAX)
        return;
    double share =
        reached(scheme->design.limit, advised->per_stratum, stick ? 0.5 : scheme->design.p);
    if (share >= REACHED_MIN)
        return;
    advise(advised, advice, stick ? "Soares and Wu 1983" : "Chen 1999", "write limit: 3",
        "a limit of %u is reached in %.1f %% of strata with %u %s, less than %.0f %%: it never "
        "acts, and this is %s",
        scheme->design.limit, 100 * share, advised->per_stratum, advised->units, 100 * REACHED_MIN,
        stick ? "simple randomisation" : "biased-coin");
}

void
advise_maximal(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    if (advised->scheme->method != METHOD_MAXIMAL)
        return;
    unsigned widest = design->balanced_end ? design->length / 2 : design->length;
    if (design->limit >= widest)
        advise(advised, advice, "Berger, Ivanova and Knoll 2003", "write limit: 3",
            "a limit of %u with a length of %u never acts: this is %s", design->limit,
            design->length,
            design->balanced_end ? "a permuted block of that length" : "simple randomisation");
}

/* The next arm must not follow from what is known. */
void
advise_minimisation_certain(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    const struct protocol_design *design = &scheme->design;
    if (scheme->method != METHOD_MINIMISATION)
        return;
    if (design->form == FORM_RANKED && design->ranked_count > 0 && is_one(design->ranked[0]))
        advise(advised, advice, "ICH E9 1998 2.3.2; EMA 2015", "begin with 0.8 or less",
            "ranked begins with 1: whoever knows the units so far knows the next arm");
    else if (design->form != FORM_RANKED && is_one(design->p))
        advise(advised, advice, "ICH E9 1998 2.3.2; EMA 2015", "write p: 0.8",
            "p of 1: minimisation without chance; whoever knows the units so far knows the next "
            "arm");
}

/* The least share of a preferred arm that prefers it at all. */
static double
no_preference(const struct advised *advised)
{
    const struct protocol_scheme *scheme = advised->scheme;
    unsigned least = scheme->ratio_sum, most = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        unsigned share = scheme->ratio[arm];
        least = share > 0 && share < least ? share : least;
        most = share > most ? share : most;
    }
    bool plain = scheme->design.form == FORM_PLAIN;
    return (double)(plain ? most : least) / scheme->ratio_sum;
}

void
advise_minimisation_idle(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    const struct protocol_design *design = &scheme->design;
    if (scheme->method != METHOD_MINIMISATION || design->form == FORM_RANKED)
        return;
    double share = no_preference(advised);
    if (design->p <= share + 1e-9)
        advise(advised, advice, "Pocock and Simon 1975", "write p: 0.8",
            "p of %g is no more than an arm's share, %.3g: nothing is preferred, and nothing is "
            "balanced",
            design->p, share);
}

void
advise_minimisation_ratio(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    if (scheme->method != METHOD_MINIMISATION || scheme->design.form != FORM_PLAIN ||
        advised->equal)
        return;
    struct text ratio;
    text_init(&ratio, advice->arena);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0)
            text_printf(&ratio, "%s%u", ratio.length > 0 ? ":" : "", scheme->ratio[arm]);
    advise(advised, advice, "Proschan, Brittain and Kammerman 2011; Han 2009",
        "write form: biased-coin",
        "the plain form with the ratio %s: each arm's probability swings about its share, and a "
        "re-randomisation test loses its power",
        ratio.bytes);
}

/* Ranks with the same probability are not told apart; those that never come need not be. */
void
advise_minimisation_ranks(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    if (advised->scheme->method != METHOD_MINIMISATION || design->form != FORM_RANKED)
        return;
    for (size_t i = 1; i < design->ranked_count; i++)
        if (design->ranked[i] > 0 && same(design->ranked[i], design->ranked[i - 1]))
            advise(advised, advice, "Pocock and Simon 1975 3.3",
                "let each rank have less than the one before",
                "ranked gives rank %zu and rank %zu the same probability, %.3g: balance between "
                "them is not sought",
                i, i + 1, design->ranked[i]);
}
