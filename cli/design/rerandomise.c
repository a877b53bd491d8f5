/*
 * rerandomise.c: the randomisation test over an exported ledger: no server, no database, and no
 * seed of the trial's own. All processors run; each takes the next runs that nobody has.
 */
#include "trial/proof/rerandomise.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/design/rerandomise_read.h"
#include "cli/invocation.h"
#include "cli/offline.h"
#include "cli/progress.h"
#include "cli/proof/ledger_file.h"
#include "cli/table.h"
#include "trial/proof/ledger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define TRIALS_DEFAULT "10000"
#define TRIALS_MAX 1000000000
#define BITE 64 /* runs that a thread takes at once */
#define MISSING_SHOWN 20

struct testing {
    struct session *session;
    const struct protocol *protocol;
    const struct protocol_scheme *scheme;
    struct rerandomise *test;
    struct rerandomise_outcomes outcomes;
    enum rerandomise_side side;
    long long seed;
    long long trials;
    bool exact;
    struct rerandomise_tally *tally;
    atomic_llong taken; /* runs that a thread has taken */
};

struct runner {
    pthread_t thread;
    struct testing *testing;
    struct progress *progress; /* of the first one */
    struct rerandomise_tally *tally;
    struct error error;
    bool failed;
};

static const char *const side_names[] = {
    [SIDE_TWO] = "two", [SIDE_GREATER] = "greater", [SIDE_LESS] = "less", NULL};

static bool
read_rows(struct testing *t, struct ledger_file *file)
{
    struct session *session = t->session;
    struct ledger_reader reader;
    struct ledger_row row;
    bool ok = ledger_open(&reader, file->bytes, file->size, &session->faults);
    size_t rows = 0;
    while (ok && ledger_next(&reader, &row))
        if (ledger_cell_is(row.cells[LEDGER_SCHEME], t->scheme->name)) {
            ok = rerandomise_row(t->test, &row, &session->error);
            rows++;
        }
    ledger_close(&reader);
    if (session->faults.total > 0)
        return error_set(&session->error, ERROR_FIELDS, session->file,
            "%zu line%s of the ledger %s cannot be read", session->faults.total,
            session->faults.total == 1 ? "" : "s", session->file);
    return ok && (rows > 0 || error_set(&session->error, ERROR_FIELDS, session->file,
                                  "the ledger %s has no allocation of scheme %s", session->file,
                                  t->scheme->name));
}

/* The scheme of the first row, where none is named. */
static const char *
first_scheme(struct session *session, const struct ledger_file *file)
{
    struct ledger_reader reader;
    struct ledger_row row;
    const char *name = NULL;
    if (ledger_open(&reader, file->bytes, file->size, NULL) && ledger_next(&reader, &row))
        name = ledger_cell_text(session->arena, row.cells[LEDGER_SCHEME]);
    ledger_close(&reader);
    return name;
}

static bool
read_ledger(struct testing *t, const struct invocation *in)
{
    struct ledger_file file;
    const char *path = invocation_option(in, "ledger"), *name = invocation_option(in, "scheme");
    if (!ledger_file_open(t->session, path, &file))
        return false;
    name = name == NULL ? first_scheme(t->session, &file) : name;
    t->scheme =
        offline_scheme(t->session, t->protocol, name == NULL ? t->protocol->schemes[0].name : name);
    if (t->scheme != NULL)
        t->test = rerandomise_new(t->protocol, t->scheme, t->side, &t->session->error);
    bool ok = t->scheme != NULL && t->test != NULL && read_rows(t, &file);
    ledger_file_close(&file);
    return ok;
}

/* "opal,jade" as a bit set; nothing: all arms of the scheme. */
static bool
read_arms(struct testing *t, const char *given, uint32_t *arms)
{
    char *rest = given == NULL ? NULL : arena_strdup(t->session->arena, given);
    *arms = 0;
    for (char *word = rest == NULL ? NULL : strtok_r(rest, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        size_t arm = protocol_arm_index(t->protocol, word);
        if (arm == PROTOCOL_NONE || t->scheme->ratio[arm] == 0)
            return error_set(&t->session->error, ERROR_FIELDS, "--arms", "scheme %s has no arm %s",
                t->scheme->name, word);
        *arms |= UINT32_C(1) << arm;
    }
    return true;
}

static void *
run_some(void *argument)
{
    struct runner *runner = argument;
    struct testing *t = runner->testing;
    for (;;) {
        long long first = atomic_fetch_add(&t->taken, BITE);
        if (first >= t->trials || runner->failed)
            return NULL;
        long long left = t->trials - first;
        runner->failed = !rerandomise_run(t->test, (uint64_t)t->seed, first,
            left < BITE ? left : BITE, runner->tally, &runner->error);
        progress_set(runner->progress, first, t->trials);
    }
}

static bool
run_all(struct testing *t)
{
    struct session *session = t->session;
    unsigned count = ledger_file_threads(), started = 1;
    struct runner *runners = arena_array(session->arena, count, sizeof *runners);
    struct progress progress;
    bool ok = true;
    progress_start(&progress, "Running the design again");
    for (unsigned i = 0; i < count; i++)
        runners[i] = (struct runner){.testing = t,
            .progress = i == 0 ? &progress : NULL,
            .tally = i == 0 ? t->tally : rerandomise_tally_new(t->test)};
    while (started < count &&
           pthread_create(&runners[started].thread, NULL, run_some, &runners[started]) == 0)
        started++;
    run_some(&runners[0]);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0 && i < started)
            pthread_join(runners[i].thread, NULL);
        if (i > 0)
            rerandomise_tally_add(t->tally, runners[i].tally);
        if (runners[i].failed)
            session->error = runners[i].error;
        ok = ok && !runners[i].failed;
        if (i > 0)
            rerandomise_tally_free(runners[i].tally);
    }
    progress_end(&progress);
    return ok;
}

/* The whole reference set where it is small, unless a number of runs was asked for. */
static bool
run_test(struct testing *t, bool sampled)
{
    t->tally = rerandomise_tally_new(t->test);
    t->exact = !sampled && rerandomise_exact(t->test, t->tally);
    if (!t->exact) {
        rerandomise_tally_free(t->tally);
        t->tally = rerandomise_tally_new(t->test);
        if (!run_all(t))
            return false;
    }
    rerandomise_finish(t->tally, t->exact);
    return true;
}

static const struct column columns[] = {
    {"first", "ARM", COLUMN_TEXT},
    {"first_units", "UNITS", COLUMN_NUMBER},
    {"first_mean", "MEAN", COLUMN_NUMBER},
    {"second", "AGAINST", COLUMN_TEXT},
    {"second_units", "UNITS", COLUMN_NUMBER},
    {"second_mean", "MEAN", COLUMN_NUMBER},
    {"difference", "DIFFERENCE", COLUMN_NUMBER},
    {"p", "P", COLUMN_NUMBER},
    {"standard_error", "ITS SE", COLUMN_NUMBER},
    {"extreme", "AS EXTREME", COLUMN_CSV},
    {"runs", "RUNS", COLUMN_CSV},
    {"exact", "EXACT", COLUMN_CSV},
    {"without_difference", "WITHOUT DIFFERENCE", COLUMN_CSV},
    {"side", "SIDE", COLUMN_CSV},
    {"seed", "SEED", COLUMN_CSV},
    {0},
};

static json_t *
pairs_json(const struct testing *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->tally->pair_count; i++) {
        const struct rerandomise_pair *pair = &t->tally->pairs[i];
        json_array_append_new(list,
            json_pack("{s:s, s:I, s:f, s:s, s:I, s:f, s:f, s:f, s:f, s:I, s:I, s:b, s:I, s:s, s:I}",
                "first", t->protocol->arms[pair->first].id, "first_units",
                (json_int_t)pair->units[0], "first_mean", pair->means[0], "second",
                t->protocol->arms[pair->second].id, "second_units", (json_int_t)pair->units[1],
                "second_mean", pair->means[1], "difference", pair->difference, "p", pair->p,
                "standard_error", pair->standard_error, "extreme", (json_int_t)pair->extreme,
                "runs", (json_int_t)t->tally->runs, "exact", t->exact, "without_difference",
                (json_int_t)pair->undefined, "side", side_names[t->side], "seed",
                (json_int_t)t->seed));
    }
    return session_keep(t->session, list);
}

static json_t *
missing_json(const struct testing *t)
{
    json_t *list = json_array();
    size_t at = 0;
    for (const char *unit; (unit = rerandomise_missing(t->test, &at)) != NULL;)
        json_array_append_new(list, json_string(unit));
    return session_keep(t->session, list);
}

/* Who is in no mean, on standard error, so that nobody overlooks it. */
static void
tell_left_out(const struct testing *t, const json_t *missing)
{
    const struct rerandomise_outcomes *outcomes = &t->outcomes;
    size_t count = json_array_size(missing);
    fflush(stdout);
    if (count > 0)
        fprintf(stderr, "rctctl: %zu unit%s without an outcome, left out:", count,
            count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < MISSING_SHOWN; i++)
        fprintf(stderr, " %s", json_string_value(json_array_get(missing, i)));
    if (count > 0)
        fprintf(stderr, "%s\n", count > MISSING_SHOWN ? " ..." : "");
    if (outcomes->unknown > 0)
        fprintf(stderr,
            "rctctl: %zu outcome%s of units that the ledger does not have, such as %s\n",
            outcomes->unknown, outcomes->unknown == 1 ? "" : "s", outcomes->first_unknown);
}

static void
report(struct testing *t)
{
    json_t *pairs = pairs_json(t), *missing = missing_json(t);
    if (t->session->output == OUTPUT_JSON) {
        table_json(session_keep(t->session,
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:I, s:O, s:O, s:I}", "trial",
                t->protocol->trial, "scheme", t->scheme->name, "method",
                protocol_method_name(t->scheme->method), "side", side_names[t->side], "exact",
                t->exact, "runs", (json_int_t)t->tally->runs, "seed", (json_int_t)t->seed, "pairs",
                pairs, "without_outcome", missing, "unknown", (json_int_t)t->outcomes.unknown)));
        return;
    }
    table_list(t->session, columns, pairs, "");
    if (t->session->output == OUTPUT_PEOPLE && t->exact)
        printf("exact: all %lld assignments that the design can give\n", (long long)t->tally->runs);
    else if (t->session->output == OUTPUT_PEOPLE)
        printf("%lld runs of the design, seed %lld\n", (long long)t->tally->runs, t->seed);
    tell_left_out(t, missing);
}

static bool
rerandomise(struct testing *t, const struct invocation *in)
{
    struct session *session = t->session;
    uint32_t arms;
    t->protocol = offline_protocol(session, invocation_option(in, "protocol"));
    t->outcomes = (struct rerandomise_outcomes){.file = invocation_option(in, "outcome"),
        .id = invocation_option(in, "id"),
        .value = invocation_option(in, "value")};
    return t->protocol != NULL && read_ledger(t, in) &&
           rerandomise_read(session, t->test, &t->outcomes) &&
           read_arms(t, invocation_option(in, "arms"), &arms) &&
           rerandomise_prepare(t->test, arms, (uint64_t)t->seed, &session->error) &&
           run_test(t, invocation_has(in, "trials"));
}

static int
run_rerandomise(struct session *session, const struct invocation *in)
{
    struct testing t = {.session = session};
    const char *trials = invocation_option(in, "trials"), *seed = invocation_option(in, "seed");
    const char *side = invocation_option(in, "side");
    while (side != NULL && side_names[t.side] != NULL && strcmp(side_names[t.side], side) != 0)
        t.side++;
    if (!text_to_int64(trials == NULL ? TRIALS_DEFAULT : trials, &t.trials) || t.trials < 1 ||
        t.trials > TRIALS_MAX)
        return session_usage(session, "--trials takes a whole number from 1 to %d", TRIALS_MAX);
    if (!text_to_int64(seed == NULL ? "1" : seed, &t.seed) || t.seed < 0)
        return session_usage(session, "--seed takes a whole number from 0");
    bool ok = rerandomise(&t, in);
    if (ok)
        report(&t);
    rerandomise_tally_free(t.tally);
    rerandomise_free(t.test);
    return ok ? 0 : session_fail(session);
}

static const struct option_row options[] = {
    {.name = "protocol", .value = "FILE", .meaning = "the protocol", .flags = OPTION_REQUIRED},
    {.name = "ledger",
        .value = "FILE",
        .meaning = "what `rctctl ledger export' wrote",
        .flags = OPTION_REQUIRED},
    {.name = "outcome",
        .value = "FILE",
        .meaning = "a table (CSV) with an outcome for each unit",
        .flags = OPTION_REQUIRED},
    {.name = "id",
        .value = "COLUMN",
        .meaning = "its column of the units' codes",
        .flags = OPTION_REQUIRED},
    {.name = "value",
        .value = "COLUMN",
        .meaning = "its column of outcomes: numbers",
        .flags = OPTION_REQUIRED},
    {.name = "scheme", .value = "NAME", .meaning = "the scheme; else that of the first row"},
    {.name = "arms", .value = "A,B", .meaning = "only these arms; else each pair of arms"},
    {.name = "side",
        .value = "SIDE",
        .meaning = "which differences are as extreme; default two",
        .choices = side_names},
    {.name = "trials", .value = "T", .meaning = "so many runs; else an exact test, or 10000 runs"},
    {.name = "seed",
        .value = "N",
        .meaning = "of the runs, so that they can be repeated; default 1"},
    {0},
};

const struct command rerandomise_commands[] = {
    {.group = "rerandomise",
        .arguments = "",
        .meaning = "Test a difference between arms by randomising again",
        .details =
            "Runs the scheme's own design again over the units of an exported ledger, in their\n"
            "order, strata and levels, and gives the share of runs with a difference of means\n"
            "at least as large as the one that was seen: a p-value that rests on nothing but\n"
            "the randomisation. Where the design can give few assignments, all are gone\n"
            "through and p is exact. It needs no seed of the trial. Outcomes that are missing\n"
            "are left out of the means.\n",
        .example = "rctctl rerandomise --protocol work-together.yaml --ledger ledger.csv "
                   "--scheme rct --outcome outcomes.csv --id workplace --value uwes",
        .options = options,
        .run = run_rerandomise,
        .offline = true},
    {0},
};
