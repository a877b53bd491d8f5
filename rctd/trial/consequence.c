/*
 * consequence.c: operating characteristics of a scheme at its target: strata of nearly the same
 * size are walked exactly, each size once, and put together; what has no exact way is simulated
 * briefly.
 */
#include "trial/consequence.h"

#include "trial/constrained/constrained.h"
#include "trial/design/design.h"

#include <math.h>

#define SIMULATED 200000  /* allocations: shares are then right to a tenth of a percent */
#define SIMULATED_N 20000 /* units in a trial that is still simulated */
#define TRIALS_MIN 30
#define SEED 1

/* Adds `count` strata of `units` each. */
static bool
add_strata(const struct protocol_scheme *scheme, size_t count, size_t units,
    struct consequence *sum, double *variance)
{
    struct operating of;
    if (count == 0 || units == 0)
        return true;
    if (!operating_exact(scheme, units, &of))
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
        .trials = TRIALS_MIN + SIMULATED / (int64_t)out->target,
        .seed = SEED,
        .threads = 1,
        .strata = out->strata,
        .pattern = OPERATING_EVEN,
    };
    if (out->target > SIMULATED_N || out->strata > SIMULATED_N ||
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
        out.unknown = "too many schemes to work out here";
    else if (!design_check(scheme, &design, &error))
        out.unknown = "it cannot be run";
    else if (!walk(scheme, &out) && !simulate(protocol, scheme, &out))
        out.unknown = "too many units to work out here";
    return out;
}
