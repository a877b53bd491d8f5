/*
 * run.c: one simulated trial: a unit comes to a stratum or with its levels, the design gives it an
 * arm, and the arms' numbers are followed. The same few functions serve every method; what differs
 * is where the next arm comes from.
 */
#include "trial/operating/run.h"

#include "base/arena.h"
#include "trial/design/design.h"
#include "trial/design/minimisation.h"

#include <stdlib.h>
#include <string.h>

#define CERTAIN (1 - 1e-12)
#define KEPT_MAX 4000000 /* probabilities that a run remembers */
#define GRAIN 1024       /* the curve is summed in steps of 1 / GRAIN */

/* A stratum's place in the sequence: the block that is being used up. */
struct place {
    size_t next;
    size_t size;
    size_t certain_from; /* from this place on all arms are the same */
    uint8_t arms[DESIGN_BLOCK_MAX];
};

struct run {
    struct arena *arena;
    const struct operating_setting *setting;
    const struct run_shape *shape;
    const struct design *design;
    struct pairs pairs;
    struct stream stream;
    struct run_totals totals;

    struct balance whole;
    struct balance *cells;
    size_t *unit;         /* the cell of the unit in each part */
    size_t *levels;       /* minimisation: the unit's levels */
    struct place *places; /* one per stratum, where the design draws blocks */
    double **cumulated;   /* per part: shares of its cells, added up to 1; NULL: all are equal */
    double *kept;         /* two arms: probability of the first by units and its count, or -1 */
    struct minimisation *tally;
    double guessed;
    size_t certain;
};

static bool
is_by_counts(const struct design *design)
{
    return design->block == NULL && design->probabilities != NULL;
}

struct run_shape *
run_shape(const struct operating_setting *setting, struct arena *arena, struct error *error)
{
    const struct protocol_scheme *scheme = setting->scheme;
    const struct design *design = design_of(scheme->method);
    struct run_shape *shape = arena_alloc(arena, sizeof *shape);
    bool minimises = scheme->method == METHOD_MINIMISATION;
    if (design->block == NULL && design->probabilities == NULL && !minimises) {
        error_set(error, ERROR_CONFIG, "simulate",
            "the method %s cannot be simulated: it does not decide one unit after another",
            protocol_method_name(scheme->method));
        return NULL;
    }
    shape->parts = minimises ? scheme->design.balanced_count : setting->strata > 1;
    shape->first_cell = arena_array(arena, shape->parts + 1, sizeof *shape->first_cell);
    for (size_t i = 0; i < shape->parts; i++) {
        size_t cells = setting->strata;
        if (minimises)
            cells = setting->protocol->subjects[scheme->unit]
                        .attributes[scheme->design.balanced[i].attribute]
                        .level_count;
        shape->first_cell[i + 1] = shape->first_cell[i] + cells;
    }
    shape->cells = shape->first_cell[shape->parts];
    return shape;
}

static void
cumulate_shares(struct run *run)
{
    const struct operating_setting *setting = run->setting;
    bool minimises = setting->scheme->method == METHOD_MINIMISATION;
    for (size_t part = 0; part < run->shape->parts; part++) {
        size_t cells = run->shape->first_cell[part + 1] - run->shape->first_cell[part];
        const double *shares = setting->pattern == OPERATING_SHARES ? setting->shares : NULL;
        double sum = 0;
        if (minimises)
            shares = setting->level_shares == NULL ? NULL : setting->level_shares[part];
        if (shares == NULL)
            continue;
        run->cumulated[part] = arena_array(run->arena, cells, sizeof *run->cumulated[part]);
        for (size_t i = 0; i < cells; i++)
            run->cumulated[part][i] = sum += shares[i];
        for (size_t i = 0; i < cells; i++)
            run->cumulated[part][i] /= sum;
    }
}

/* Probabilities of two arms are remembered where they fit: some designs compute long on them. */
static void
make_kept(struct run *run)
{
    size_t n = run->setting->n;
    if (!is_by_counts(run->design) || run->pairs.count != 2 || n >= KEPT_MAX ||
        n * (n + 1) / 2 > KEPT_MAX)
        return;
    run->kept = arena_array(run->arena, n * (n + 1) / 2, sizeof *run->kept);
    for (size_t i = 0; i < n * (n + 1) / 2; i++)
        run->kept[i] = -1;
}

struct run *
run_new(const struct operating_setting *setting, const struct run_shape *shape, bool curve)
{
    struct arena *arena = arena_new();
    struct run *run = arena_alloc(arena, sizeof *run);
    *run = (struct run){
        .arena = arena,
        .setting = setting,
        .shape = shape,
        .design = design_of(setting->scheme->method),
        .cells = arena_array(arena, shape->cells, sizeof *run->cells),
        .unit = arena_array(arena, shape->parts, sizeof *run->unit),
        .levels = arena_array(arena, shape->parts, sizeof *run->levels),
        .cumulated = arena_array(arena, shape->parts, sizeof *run->cumulated),
        .totals.counts = arena_array(arena, shape->cells + 1, sizeof *run->totals.counts),
    };
    pairs_of(setting->scheme, &run->pairs);
    if (curve)
        run->totals.curve = arena_array(arena, setting->n + 1, sizeof *run->totals.curve);
    if (run->design->block != NULL)
        run->places = arena_array(arena, setting->strata, sizeof *run->places);
    cumulate_shares(run);
    make_kept(run);
    return run;
}

void
run_free(struct run *run)
{
    if (run != NULL)
        arena_free(run->arena);
}

const struct run_totals *
run_totals(const struct run *run)
{
    return &run->totals;
}

/* One of a part's cells, from 0. */
static size_t
draw_cell(struct run *run, size_t part)
{
    size_t cells = run->shape->first_cell[part + 1] - run->shape->first_cell[part];
    const double *cumulated = run->cumulated[part];
    size_t cell = 0;
    if (cumulated == NULL)
        return stream_uniform(&run->stream, cells);
    double at = stream_fraction(&run->stream);
    while (cell + 1 < cells && at >= cumulated[cell])
        cell++;
    return cell;
}

/* To which stratum the k-th unit, from 0, comes, or with which levels. */
static void
draw_unit(struct run *run, size_t k)
{
    if (run->tally == NULL) {
        if (run->shape->parts > 0)
            run->unit[0] = run->setting->pattern == OPERATING_EVEN ? k % run->setting->strata
                                                                   : draw_cell(run, 0);
        return;
    }
    for (size_t i = 0; i < run->shape->parts; i++) {
        run->levels[i] = draw_cell(run, i);
        run->unit[i] = run->shape->first_cell[i] + run->levels[i];
    }
}

/* The next arm of a block. With probabilities beside its blocks a design never has certain arms
 * that its blocks would show. */
static size_t
take_from_block(struct run *run, struct place *place)
{
    if (place->next == place->size) {
        place->size = run->design->block(run->setting->scheme, &run->stream, place->arms);
        place->next = 0;
        place->certain_from = place->size;
        if (run->design->probabilities == NULL)
            while (place->certain_from > 0 &&
                   place->arms[place->certain_from - 1] == place->arms[place->size - 1])
                place->certain_from--;
    }
    run->certain += place->next >= place->certain_from;
    return run->pairs.place[place->arms[place->next++]];
}

static size_t
pick(struct run *run, const double *p)
{
    for (size_t i = 0; i < run->pairs.count; i++)
        run->certain += p[run->pairs.arm[i]] >= CERTAIN;
    return run->pairs.place[design_pick(run->setting->scheme, p, &run->stream)];
}

static void
ask_design(const struct run *run, const struct balance *balance, double *p)
{
    int64_t by_arm[PROTOCOL_ARMS_MAX] = {0};
    for (size_t i = 0; i < run->pairs.count; i++)
        by_arm[run->pairs.arm[i]] = balance->counts[i];
    run->design->probabilities(run->setting->scheme, by_arm, p);
}

static size_t
take_by_counts(struct run *run, const struct balance *balance)
{
    double p[PROTOCOL_ARMS_MAX] = {0};
    if (run->kept == NULL) {
        ask_design(run, balance, p);
        return pick(run, p);
    }
    size_t units = (size_t)(balance->counts[0] + balance->counts[1]);
    double *kept = &run->kept[units * (units + 1) / 2 + (size_t)balance->counts[0]];
    if (*kept < 0) {
        ask_design(run, balance, p);
        *kept = p[run->pairs.arm[0]];
    }
    p[run->pairs.arm[0]] = *kept;
    p[run->pairs.arm[1]] = 1 - *kept;
    return pick(run, p);
}

static size_t
take_by_scores(struct run *run)
{
    double scores[PROTOCOL_ARMS_MAX];
    double p[PROTOCOL_ARMS_MAX];
    minimisation_scores(run->tally, run->levels, scores);
    minimisation_probabilities(run->setting->scheme, scores, p);
    size_t arm = pick(run, p);
    minimisation_add(run->tally, run->levels, run->pairs.arm[arm]);
    return arm;
}

static void
allocate_unit(struct run *run, size_t k)
{
    bool stratified = run->tally == NULL && run->shape->parts > 0;
    draw_unit(run, k);
    struct balance *own = stratified ? &run->cells[run->unit[0]] : &run->whole;
    size_t arm;
    if (run->tally != NULL)
        arm = take_by_scores(run);
    else if (run->places != NULL)
        arm = take_from_block(run, &run->places[stratified ? run->unit[0] : 0]);
    else
        arm = take_by_counts(run, own);
    run->guessed += balance_guess(&run->pairs, own, arm);
    balance_add(&run->pairs, &run->whole, arm);
    for (size_t i = 0; i < run->shape->parts; i++)
        balance_add(&run->pairs, &run->cells[run->unit[i]], arm);
    if (run->totals.curve != NULL)
        run->totals.curve[k + 1] +=
            rint(balance_absolute(&run->pairs, &run->whole) * GRAIN) / GRAIN;
}

static void
begin_trial(struct run *run)
{
    memset(&run->whole, 0, sizeof run->whole);
    memset(run->cells, 0, run->shape->cells * sizeof *run->cells);
    for (size_t i = 0; run->places != NULL && i < run->setting->strata; i++)
        run->places[i].next = run->places[i].size = 0;
    run->guessed = 0;
    run->certain = 0;
    if (run->setting->scheme->method == METHOD_MINIMISATION)
        run->tally = minimisation_new(run->setting->protocol, run->setting->scheme);
}

static void
add_moment(struct moment *moment, double value)
{
    moment->sum += value;
    moment->squares += value * value;
}

static void
add_counts(struct run *run, size_t row, const struct balance *balance)
{
    for (size_t i = 0; i < run->pairs.count; i++)
        run->totals.counts[row][i] += balance->counts[i];
}

static void
add_part(struct run *run, size_t part, struct moment *moments)
{
    size_t first = run->shape->first_cell[part];
    size_t end = run->shape->first_cell[part + 1];
    struct pairs_spread mean = {0};
    for (size_t cell = first; cell < end; cell++) {
        struct pairs_spread spread;
        pairs_spread(&run->pairs, run->cells[cell].counts, &spread);
        mean.absolute += spread.absolute / (double)(end - first);
        mean.square += spread.square / (double)(end - first);
        mean.largest = fmax(mean.largest, balance_largest(&run->pairs, &run->cells[cell]));
        add_counts(run, cell + 1, &run->cells[cell]);
    }
    add_moment(&moments[RUN_SQUARE], mean.square);
    add_moment(&moments[RUN_ABSOLUTE], mean.absolute);
    add_moment(&moments[RUN_LARGEST], mean.largest);
}

static void
end_trial(struct run *run, struct moment *moments)
{
    struct pairs_spread spread;
    pairs_spread(&run->pairs, run->whole.counts, &spread);
    add_moment(&moments[RUN_GUESS], run->guessed / (double)run->setting->n);
    add_moment(&moments[RUN_CERTAIN], (double)run->certain / (double)run->setting->n);
    add_moment(&moments[RUN_SQUARE], spread.square);
    add_moment(&moments[RUN_ABSOLUTE], spread.absolute);
    add_moment(&moments[RUN_LARGEST], balance_largest(&run->pairs, &run->whole));
    add_counts(run, 0, &run->whole);
    for (size_t i = 0; i < run->shape->parts; i++)
        add_part(run, i, moments + (i + 1) * RUN_FIGURES);
    minimisation_free(run->tally);
    run->tally = NULL;
}

void
run_trials(struct run *run, struct generator *generator, int64_t trials, struct moment *moments)
{
    generator_open(generator, &run->stream);
    for (int64_t trial = 0; trial < trials; trial++) {
        begin_trial(run);
        for (size_t k = 0; k < run->setting->n; k++)
            allocate_unit(run, k);
        end_trial(run, moments);
    }
    stream_close(&run->stream);
}
