/*
 * consequence.c: operating characteristics of a scheme at its target: strata of nearly the same
 * size are walked exactly, each size once, and put together; what has no exact way is simulated
 * briefly.
 */
#include "trial/consequence.h"

#include "trial/constrained/constrained.h"
#include "trial/design/design.h"

#include <math.h>

#define UNITS_MAX 20000  /* of a trial that is worked out here */
#define SIMULATED 100000 /* allocations: shares are then right to some tenths of a percent */
#define TRIALS_MIN 30
#define SEED 1
#define WALK_MAX 2e6 /* states that are walked, weighed by what one costs: a tenth of a second */

/* What a step of the maximal procedure costs, which counts the ways to the end of its block. */
static double
step_weight(const struct protocol_scheme *scheme)
{
    const struct protocol_design *design = &scheme->design;
    return scheme->method == METHOD_MAXIMAL ? 1 + (double)design->limit * design->length / 2000 : 1;
}

/* How many states an exact walk meets at the most: steps of a block or of the whole stratum, times
 * the differences between the arms that each can come to. */
static double
states(const struct protocol_scheme *scheme, size_t units)
{
    const struct protocol_design *design = &scheme->design;
    double steps = (double)units, reach = (double)units, product = 1;
    if (scheme->method == METHOD_PERMUTED_BLOCK) {
        reach = 0;
        for (size_t i = 0; i < design->block_count; i++)
            reach = fmax(reach, design->blocks[i]);
        steps = reach = fmin(reach, (double)units);
    }
    if (scheme->method == METHOD_BLOCK_URN)
        reach = fmin(reach, design->size);
    if (design->limit > 0)
        reach = fmin(reach, design->limit);
    size_t arms = design_arms(scheme), in = 0;
    for (size_t arm = 0; arm < arms; arm++)
        in += scheme->ratio[arm] > 0;
    for (size_t i = 1; i < in; i++)
        product *= reach / (double)i + 1;
    return steps * product;
}

/* Adds `count` strata of `units` each. */
static bool
add_strata(const struct protocol_scheme *scheme, size_t count, size_t units,
    struct consequence *sum, double *variance)
{
    struct operating of;
    if (count == 0 || units == 0)
        return true;
    if (states(scheme, units) * step_weight(scheme) > WALK_MAX ||
        !operating_exact(scheme, units, &of))
        return false;
    double share = (double)count * (double)units / sum->target;
    sum->correct_guess += share * of.correct_guess;
    sum->deterministic += share * of.deterministic;
    sum->stratum_abs += (double)count * of.final_abs / (double)sum->strata;
    *variance += (double)count * of.final_sd * of.final_sd;
    return true;
}

static bool
walk(const struct protocol_scheme *scheme, struct consequence *out)
{
    struct consequence sum = *out;
    double variance = 0;
    size_t units = out->target / out->strata, larger = out->target % out->strata;
    if (!add_strata(scheme, larger, units + 1, &sum, &variance) ||
        !add_strata(scheme, out->strata - larger, units, &sum, &variance))
        return false;
    sum.final_sd = sqrt(variance);
    sum.exact = true;
    *out = sum;
    return true;
}

static bool
simulate(
    const struct protocol *protocol, const struct protocol_scheme *scheme, struct consequence *out)
{
    struct operating_result result = {0};
    struct error error;
    const struct operating_setting setting = {
        .protocol = protocol,
        .scheme = scheme,
        .n = out->target,
        .trials = TRIALS_MIN + (int64_t)(SIMULATED / step_weight(scheme) / out->target),
        .seed = SEED,
        .threads = 1,
        .strata = out->strata,
        .pattern = OPERATING_EVEN,
    };
    if (out->target * step_weight(scheme) > UNITS_MAX || out->strata > UNITS_MAX ||
        !operating_simulate(&setting, &result, &error))
        return false;
    const struct operating_part *stratum = &result.strata;
    bool whole = out->strata == 1;
    out->correct_guess = result.trial.correct_guess;
    out->deterministic = result.trial.deterministic;
    out->final_sd = result.trial.final_sd;
    out->stratum_abs = whole ? result.trial.final_abs : stratum->final_abs;
    for (size_t i = 0; i < OPERATING_FIGURES; i++)
        out->standard_error[i] = result.trial.standard_error[i];
    if (!whole)
        out->standard_error[OPERATING_FINAL_ABS] = stratum->standard_error[OPERATING_FINAL_ABS];
    return true;
}

/* Counts what constrained randomisation will choose from. */
static void
count_assignments(const struct protocol_scheme *scheme, struct consequence *out)
{
    const struct protocol_design *design = &scheme->design;
    unsigned ratio[PROTOCOL_ARMS_MAX];
    size_t arms = 0;
    if (out->target == 0 || out->target > CONSTRAINED_UNITS_MAX || out->strata > out->target)
        return;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0)
            ratio[arms++] = scheme->ratio[arm];
    struct arena *arena = arena_new();
    struct constrained_problem problem = {
        .arena = arena,
        .units = out->target,
        .strata = arena_array(arena, out->target, sizeof *problem.strata),
        .stratum_count = out->strata,
    };
    for (size_t unit = 0; unit < problem.units; unit++)
        problem.strata[unit] = unit % out->strata;
    constrained_even_sizes(&problem, ratio, arms);
    out->assignments = out->scored = constrained_count(&problem);
    if (out->scored > design->enumerate && out->scored > design->sample)
        out->scored = design->sample;
    out->accepted = (uint64_t)floor((double)out->scored * design->accept);
    arena_free(arena);
}

struct consequence
consequence_of(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    struct consequence out = {
        .strata = protocol_scheme_strata(protocol, scheme),
        .target = protocol->phases[scheme->phase].target[scheme->unit],
    };
    const struct design *design;
    struct error error;
    if (scheme->method == METHOD_CONSTRAINED)
        count_assignments(scheme, &out);
    if (scheme->method == METHOD_NONRANDOM)
        out.unknown = "nothing is drawn";
    else if (scheme->method == METHOD_CONSTRAINED)
        out.unknown = "all are drawn at once";
    else if (out.target == 0)
        out.unknown = "its phase has no target";
    else if (scheme >= protocol->schemes + CONSEQUENCES_MAX)
        out.unknown = "too many schemes to work out here: rctctl simulate";
    else if (!design_check(scheme, &design, &error))
        out.unknown = "it cannot be run";
    else if (out.target > UNITS_MAX || (!walk(scheme, &out) && !simulate(protocol, scheme, &out)))
        out.unknown = "too much to work out here: rctctl simulate";
    return out;
}
