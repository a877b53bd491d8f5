/*
 * simulate.c: how designs behave before one of them is locked: offline, exact where a dynamic
 * programme reaches, else by simulated trials on all processors.
 */
#include "base/plot.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/design/simulate_designs.h"
#include "cli/design/simulate_plot.h"
#include "cli/design/simulate_show.h"
#include "cli/invocation.h"
#include "cli/offline.h"
#include "cli/progress.h"

/* Without --trials: as many as make so many allocations, within bounds: some seconds on two
 * processors. */
#define ALLOCATIONS_WANTED 20000000
#define MINIMISED_WANTED 5000000
#define TRIALS_LEAST 1000
#define TRIALS_MOST 100000

struct wanted {
    int64_t trials; /* 0 where it is not given */
    uint64_t seed;
    bool simulate;
    const char *plot;
};

static bool
read_wanted(struct session *session, const struct invocation *in, struct wanted *wanted)
{
    const struct simulate_given trials = {"trials", invocation_option(in, "trials")};
    const struct simulate_given seed = {"seed", invocation_option(in, "seed")};
    long long number = 0;
    long long start = 1;
    *wanted = (struct wanted){
        .simulate = invocation_has(in, "simulate"), .plot = invocation_option(in, "plot")};
    if (trials.value != NULL && !simulate_whole(session, &trials, 2, OPERATING_TRIALS_MAX, &number))
        return false;
    if (seed.value != NULL && !simulate_whole(session, &seed, 0, INT64_MAX, &start))
        return false;
    wanted->trials = number;
    wanted->seed = (uint64_t)start;
    if (wanted->plot != NULL && !plot_can_write(wanted->plot))
        return error_set(&session->error, ERROR_MALFORMED, "--plot",
            "--plot cannot be `%s': the file's name ends in .svg, .png or .pdf", wanted->plot);
    return true;
}

static int64_t
trials_of(const struct wanted *wanted, const struct simulate_design *design)
{
    bool minimises = design->scheme.method == METHOD_MINIMISATION;
    int64_t trials = (minimises ? MINIMISED_WANTED : ALLOCATIONS_WANTED) / (int64_t)design->n;
    if (wanted->trials > 0)
        return wanted->trials;
    if (trials < TRIALS_LEAST)
        return TRIALS_LEAST;
    return trials < TRIALS_MOST ? trials : TRIALS_MOST;
}

static void
show_progress(void *context, int64_t done, int64_t total)
{
    progress_set(context, done, total);
}

static bool
simulate_one(struct session *session, const struct wanted *wanted, struct simulate_found *found)
{
    const struct simulate_design *design = found->design;
    struct progress progress;
    found->trials = trials_of(wanted, design);
    found->seed = wanted->seed;
    const struct operating_setting setting = {
        .protocol = design->protocol,
        .scheme = &design->scheme,
        .n = design->n,
        .trials = found->trials,
        .seed = wanted->seed,
        .strata = design->strata,
        .pattern = design->pattern,
        .shares = design->shares,
        .level_shares = (const double *const *)design->level_shares,
        .progress = show_progress,
        .context = &progress,
    };
    progress_start(&progress, arena_printf(session->arena, "Simulating %s", design->label));
    bool ok = operating_simulate(&setting, &found->figures, &session->error);
    progress_end(&progress);
    return ok;
}

static bool
find_figures(struct session *session, const struct wanted *wanted, struct simulate_found *found)
{
    const struct simulate_design *design = found->design;
    if (wanted->plot != NULL)
        found->figures.curve =
            arena_array(session->arena, design->n + 1, sizeof *found->figures.curve);
    found->figures.factors = arena_array(
        session->arena, design->scheme.design.balanced_count, sizeof *found->figures.factors);
    if (!wanted->simulate && design->strata == 1 &&
        operating_exact_curve(
            &design->scheme, design->n, &found->figures.trial, found->figures.curve))
        return true;
    return simulate_one(session, wanted, found);
}

static bool
simulate(struct session *session, const struct invocation *in)
{
    struct wanted wanted;
    struct simulate_designs designs;
    if (!read_wanted(session, in, &wanted) || !simulate_designs_read(session, in, &designs))
        return false;
    struct simulate_found *found = arena_array(session->arena, designs.count, sizeof *found);
    for (size_t i = 0; i < designs.count; i++) {
        found[i].design = &designs.items[i];
        if (!find_figures(session, &wanted, &found[i]))
            return false;
    }
    if (wanted.plot != NULL && !simulate_plot(session, found, designs.count, wanted.plot))
        return false;
    bool several = designs.count > 1 || invocation_has(in, "compare");
    simulate_show(session, found, designs.count, several);
    return true;
}

static int
run_simulate(struct session *session, const struct invocation *in)
{
    if (!invocation_has(in, "method") && !invocation_has(in, "protocol") &&
        !invocation_has(in, "compare"))
        return session_usage(session,
            "say which design: --method NAME with its parameters, --protocol FILE, or --compare "
            "DESIGN");
    return simulate(session, in) ? 0 : offline_fail(session);
}

static const struct option_row options[] = {
    {.name = "method", .value = "NAME", .meaning = "a method of rctd-allocation(7)"},
    {.name = "ratio", .value = "2:1", .meaning = "the arms' ratio; 1:1 where it is left out"},
    {.name = "n", .value = "N", .meaning = "allocations in a trial"},
    {.name = "blocks", .value = "4,6", .meaning = "permuted-block: the sizes"},
    {.name = "limit",
        .value = "B",
        .meaning = "big-stick, biased-coin-limit, maximal: largest difference"},
    {.name = "p",
        .value = "P",
        .meaning = "biased-coin, biased-coin-limit, minimisation: probability of the arm that is "
                   "behind; 0.667, or 2/3"},
    {.name = "size", .value = "SIZE", .meaning = "block-urn: the block"},
    {.name = "alpha", .value = "BALLS", .meaning = "urn: balls of each arm at the start"},
    {.name = "beta", .value = "BALLS", .meaning = "urn: balls added for the other arms"},
    {.name = "length", .value = "LENGTH", .meaning = "maximal: the block; N where it is left out"},
    {.name = "balanced-end", .meaning = "maximal: blocks end in balance"},
    {.name = "levels",
        .value = "2,3",
        .meaning = "minimisation: equally frequent levels of each factor"},
    {.name = "factors",
        .value = "sex=0.6/0.4,...",
        .meaning = "minimisation: factors with their levels' shares, and :weight=W"},
    {.name = "measure",
        .value = "MEASURE",
        .meaning = "minimisation: range, variance, sd or marginal"},
    {.name = "form", .value = "FORM", .meaning = "minimisation: plain, biased-coin or ranked"},
    {.name = "ranked",
        .value = "0.6,0.3,0.1",
        .meaning = "minimisation: probabilities of the first, second, ... rank"},
    {.name = "protocol", .value = "FILE", .meaning = "take the designs of a protocol's schemes"},
    {.name = "scheme", .value = "NAME", .meaning = "only this scheme of it"},
    {.name = "compare",
        .value = "DESIGN",
        .meaning = "a design to hold beside: METHOD:PARAMETER=VALUE:...",
        .flags = OPTION_MANY},
    {.name = "strata", .value = "S", .meaning = "units belong to so many strata"},
    {.name = "pattern",
        .value = "PATTERN",
        .meaning = "how they come to them: even (in turn), random, or shares such as 4,2,1"},
    {.name = "simulate", .meaning = "simulate also what can be computed exactly"},
    {.name = "trials", .value = "T", .meaning = "simulated trials"},
    {.name = "seed",
        .value = "SEED",
        .meaning = "of the simulation, a whole number; 1 if left out"},
    {.name = "plot", .value = "FILE", .meaning = "draw the designs into FILE.svg, .png or .pdf"},
    {0},
};

const struct command simulate_commands[] = {
    {.group = "simulate",
        .arguments = "",
        .meaning = "Show how predictable and how balanced designs are",
        .details =
            "Figures are exact where a dynamic programme can compute them: every method but\n"
            "minimisation, in one stratum, with two arms up to N = 1,000 and beyond, with more\n"
            "arms while there are not too many states. Otherwise trials are simulated on all\n"
            "processors; the same seed gives the same figures on any machine.\n"
            "correct_guess: share of the arms that are guessed by naming the arm that is behind,\n"
            "ties counting half (Blackwell and Hodges). deterministic: share of the arms that\n"
            "were certain, to one who knows the design and in permuted blocks the size of the\n"
            "block that is being filled. final_sd, final_abs: standard deviation and mean size\n"
            "of the difference between two arms at the end; max_abs: mean over trials of the\n"
            "largest on the way. For a ratio of r:s the difference is 2 (n s - m r) / (r + s).\n",
        .example = "rctctl simulate --n 100 --compare permuted-block:blocks=4,6 "
                   "--compare big-stick:limit=3 --compare biased-coin:p=2/3 --plot designs.svg",
        .options = options,
        .run = run_simulate,
        .offline = true},
    {0},
};
