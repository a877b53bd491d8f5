/*
 * constrain.c: constrained randomisation of a table of units, offline: what a choice of covariates
 * and cut-off leads to, before anything is locked; and, with a seed, an assignment.
 */
#include "base/text.h"
#include "cli/command.h"
#include "cli/design/constrain_show.h"
#include "cli/offline.h"
#include "cli/progress.h"

#include <sodium.h>
#include <string.h>

#define LABEL "rctctl/constrain" /* where --label is not given */

static void
tell(void *context, int64_t done, int64_t total)
{
    progress_set(context, done, total);
}

/* What a seed draws; without one, a sample is that of the seed of zeros. */
static struct constrained_set *
solve(struct session *session, const uint8_t seed[SEED_SIZE], struct constrain_result *result)
{
    struct stream_key key;
    struct stream stream;
    struct progress bar;
    const struct constrained_progress progress = {.tell = tell, .context = &bar};
    stream_key_open(&key, seed, result->label, "");
    stream_open(&stream, &key, (uint64_t)result->batch);
    progress_start(&bar, "Scoring assignments");
    struct constrained_set *set =
        constrained_solve(result->input->problem, &stream, &progress, &session->error);
    progress_end(&bar);
    result->set = set;
    if (set != NULL && result->drawn) {
        uint8_t *arms = arena_alloc(session->arena, result->input->problem->units);
        result->chosen = stream_uniform(&stream, constrained_summary(set)->accepted);
        constrained_arms(set, result->chosen, arms);
        result->arms = arms;
    }
    stream_close(&stream);
    stream_key_close(&key);
    return set;
}

static int
run_constrain(struct session *session, const struct invocation *in)
{
    struct constrain_input input = {0};
    const char *label = invocation_option(in, "label"), *seed_given = invocation_option(in, "seed");
    const char *batch = invocation_option(in, "batch");
    struct constrain_result result = {
        .input = &input, .drawn = seed_given != NULL, .label = label == NULL ? LABEL : label};
    uint8_t seed[SEED_SIZE] = {0};
    long long number = 1;
    int status;
    if (batch != NULL && (!text_to_int64(batch, &number) || number < 1))
        return session_usage(session, "--batch takes a whole number from 1");
    result.batch = number;
    if (!constrain_read(session, in, &input, &status))
        return status;
    if (seed_given != NULL && !offline_seed(session, seed_given, seed))
        return session_fail(session);
    struct constrained_set *set = solve(session, seed, &result);
    sodium_memzero(seed, sizeof seed);
    if (set == NULL)
        return session_fail(session);
    constrain_show(session, &result);
    constrained_free(set);
    return 0;
}

static const char *const metrics[] = {"l2", "l1", NULL};

static const struct option_row options[] = {
    {.name = "id",
        .value = "COLUMN",
        .meaning = "the column that names each unit",
        .flags = OPTION_REQUIRED},
    {.name = "covariates",
        .value = "LIST",
        .meaning = "columns to balance, A,B:categorical,C:weight=2",
        .flags = OPTION_REQUIRED},
    {.name = "arms",
        .value = "SIZES",
        .meaning = "units of each arm, 8,8 or first=8,second=8",
        .flags = OPTION_REQUIRED},
    {.name = "metric",
        .value = "NAME",
        .meaning = "l2 (squared differences, the default) or l1 (absolute ones)",
        .choices = metrics},
    {.name = "cutoff",
        .value = "SHARE",
        .meaning = "accept the scores up to this quantile; default 0.1"},
    {.name = "strata",
        .value = "COLUMNS",
        .meaning = "keep the arms' shares within each stratum of these columns"},
    {.name = "enumerate",
        .value = "N",
        .meaning = "up to so many assignments are scored one and all; default 5000000"},
    {.name = "sample",
        .value = "N",
        .meaning = "beyond it, so many distinct ones are; default 20000"},
    {.name = "seed",
        .value = "HEX|@FILE",
        .meaning = "draw an assignment with this seed: 64 hex digits, or a file that holds them"},
    {.name = "label", .value = "TRIAL/SCHEME", .meaning = "the label of the draw; default " LABEL},
    {.name = "batch", .value = "N", .meaning = "the number of the draw; default 1"},
    {0},
};

const struct command constrain_commands[] = {
    {.group = "constrain",
        .arguments = "FILE",
        .meaning = "Show what constrained randomisation of a table of units leads to",
        .details =
            "FILE is a CSV with a header and one row per unit; `-' is standard input. Every\n"
            "assignment with these arm sizes is scored; those with the best balance are\n"
            "accepted, and with --seed one of them is drawn, as rctd-allocation(7) says. A\n"
            "seed on the command line can be seen by other users of the machine; one in @FILE\n"
            "cannot.\n"
            "\n"
            "A covariate is the name of a column, with words behind colons:\n"
            "  :categorical          a column of 0 and 1 for each level but the first in\n"
            "                        alphabetical order, or the least where all are numbers\n"
            "  :categorical=A/B      the same; the first in the order given is left out\n"
            "  :ordinal=A/B/C        levels count as 1, 2, 3\n"
            "  :weight=NUMBER        how much it counts in the score\n"
            "  :mean=NUMBER          two arms' means never differ by more\n"
            "  :total=NUMBER         two arms' totals never differ by more\n"
            "\n"
            "The score is the sum over columns and pairs of arms of weight times difference\n"
            "of means, squared over the sample variance (l2), or absolute over its root (l1).\n"
            "With weights of 1 it is that of R's cvcrand times (n / (n1 n2)) squared (l2), or\n"
            "times n / (n1 n2) (l1).\n"
            "Often together are pairs that share an arm in 75 % of the accepted assignments\n"
            "or more, seldom 25 % or less; as in cvcrand, those that always or never do are\n"
            "among them. Quantiles are of type 7.\n",
        .example = "rctctl constrain counties.csv --id county --covariates "
                   "location:categorical=Rural/Urban,insured,income:weight=2 "
                   "--arms 8,8 --metric l2 --cutoff 0.1",
        .options = options,
        .run = run_constrain,
        .offline = true},
    {0},
};
