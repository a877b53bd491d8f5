/*
 * rerandomise.c: reads units and outcomes, says what was seen, and counts what is at least as
 * extreme.
 */
#include "trial/proof/rerandomise_private.h"

#include "base/text.h"
#include "trial/allocate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Differences that only rounding sets apart, as a share of the largest outcome. */
#define SLACK 1e-10

struct rerandomise *
rerandomise_new(const struct protocol *protocol, const struct protocol_scheme *scheme,
    enum rerandomise_side side, struct error *error)
{
    const struct design *design;
    if (!design_check(scheme, &design, error))
        return NULL;
    if (scheme->method == METHOD_NONRANDOM) {
        error_set(error, ERROR_REFUSED, "rerandomise",
            "scheme %s is a comparison that nobody randomised: there is nothing to run again",
            scheme->name);
        return NULL;
    }
    struct rerandomise *test = memory_get(sizeof *test);
    *test = (struct rerandomise){
        .arena = arena_new(),
        .protocol = protocol,
        .scheme = scheme,
        .design = design,
        .side = side,
    };
    test->label = allocate_label(test->arena, protocol->trial, scheme->name);
    return test;
}

void
rerandomise_free(struct rerandomise *test)
{
    if (test == NULL)
        return;
    for (size_t i = 0; i < test->group_count; i++)
        constrained_free(test->groups[i].set);
    arena_free(test->arena);
    free(test);
}

static bool
bad_row(const struct ledger_row *row, struct error *error, const char *what)
{
    return error_set(error, ERROR_FIELDS, "rerandomise",
        "line %u of the ledger: %s; `rctctl verify' tells all that is wrong with it", row->line,
        what);
}

/* A row of another trial, or of a scheme that only bears the same name, proves nothing here. */
static bool
check_row(const struct rerandomise *test, const struct ledger_row *row, struct error *error)
{
    if (!ledger_cell_is(row->cells[LEDGER_TRIAL], test->protocol->trial))
        return bad_row(row, error, "it is of another trial");
    return ledger_cell_is(row->cells[LEDGER_METHOD], protocol_method_name(test->scheme->method)) ||
           bad_row(row, error, "it was allocated by another method");
}

/* What the design needs to know of the unit. */
static bool
read_decision(
    struct rerandomise *test, const struct ledger_row *row, struct unit *unit, struct error *error)
{
    struct ledger_cell decision = row->cells[LEDGER_DECISION];
    if (test->scheme->method == METHOD_MINIMISATION) {
        size_t *levels =
            arena_array(test->arena, test->scheme->design.balanced_count, sizeof *levels);
        unit->levels = levels;
        return ledger_decision_levels(test->protocol, test->scheme, decision, levels) ||
               bad_row(row, error, "it lacks the unit's levels");
    }
    return test->scheme->method != METHOD_CONSTRAINED ||
           ledger_decision_batch(test->arena, decision, &unit->batch) ||
           bad_row(row, error, "it names no batch");
}

/* The group that the row belongs to: the last one, or the next. */
static struct group *
find_group(struct rerandomise *test, const struct ledger_row *row, int64_t batch)
{
    struct group *last = test->group_count == 0 ? NULL : &test->groups[test->group_count - 1];
    if (last != NULL && ledger_cell_is(row->cells[LEDGER_STRATUM], last->key) &&
        batch == last->number)
        return last;
    test->groups = arena_grow(
        test->arena, test->groups, test->group_count, &test->group_capacity, sizeof *test->groups);
    struct group *group = &test->groups[test->group_count++];
    *group = (struct group){
        .key = ledger_cell_text(test->arena, row->cells[LEDGER_STRATUM]),
        .first = test->unit_count,
        .number = batch,
    };
    return group;
}

/* Positions count on within a stratum; batches share one count. */
static int64_t
due(const struct rerandomise *test, const struct group *group)
{
    bool batched = test->scheme->method == METHOD_CONSTRAINED;
    return (int64_t)(batched ? test->unit_count : group->count) + 1;
}

bool
rerandomise_row(struct rerandomise *test, const struct ledger_row *row, struct error *error)
{
    struct unit unit = {
        .id = ledger_cell_text(test->arena, row->cells[LEDGER_UNIT]), .arm = PROTOCOL_NONE};
    if (!check_row(test, row, error))
        return false;
    for (size_t arm = 0; arm < test->protocol->arm_count; arm++)
        if (test->scheme->ratio[arm] > 0 &&
            ledger_cell_is(row->cells[LEDGER_ARM], test->protocol->arms[arm].id))
            unit.arm = arm;
    if (unit.arm == PROTOCOL_NONE)
        return bad_row(row, error, "the arm is none of the scheme");
    if (!read_decision(test, row, &unit, error))
        return false;
    struct group *group = find_group(test, row, unit.batch.number);
    if (row->position != due(test, group))
        return bad_row(row, error, "positions are missing, or not in their order");
    test->units = arena_grow(
        test->arena, test->units, test->unit_count, &test->unit_capacity, sizeof *test->units);
    test->units[test->unit_count++] = unit;
    group->count++;
    return true;
}

static int
compare_units(const void *a, const void *b, void *context)
{
    const struct rerandomise *test = context;
    const size_t *one = a, *other = b;
    return strcmp(test->units[*one].id, test->units[*other].id);
}

static void
order_by_id(struct rerandomise *test)
{
    test->by_id = arena_array(test->arena, test->unit_count + 1, sizeof *test->by_id);
    for (size_t i = 0; i < test->unit_count; i++)
        test->by_id[i] = i;
    qsort_r(test->by_id, test->unit_count, sizeof *test->by_id, compare_units, test);
}

bool
rerandomise_outcome(struct rerandomise *test, const char *unit, double value)
{
    size_t low = 0, high = test->unit_count;
    if (test->by_id == NULL)
        order_by_id(test);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(test->units[test->by_id[middle]].id, unit) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == test->unit_count || strcmp(test->units[test->by_id[low]].id, unit) != 0)
        return false;
    test->units[test->by_id[low]].known = true;
    test->units[test->by_id[low]].value = value;
    return true;
}

const char *
rerandomise_missing(const struct rerandomise *test, size_t *at)
{
    while (*at < test->unit_count) {
        const struct unit *unit = &test->units[(*at)++];
        if (!unit->known)
            return unit->id;
    }
    return NULL;
}

/* Outcomes around 0, so that sums of large ones lose nothing. */
static void
centre(struct rerandomise *test)
{
    double sum = 0, largest = 0;
    size_t known = 0;
    for (size_t i = 0; i < test->unit_count; i++)
        if (test->units[i].known) {
            sum += test->units[i].value;
            known++;
        }
    double mean = known == 0 ? 0 : sum / (double)known;
    for (size_t i = 0; i < test->unit_count; i++)
        if (test->units[i].known) {
            test->units[i].centred = test->units[i].value - mean;
            largest = fmax(largest, fabs(test->units[i].centred));
        }
    test->slack = SLACK * largest;
}

static bool
add_pair(
    struct rerandomise *test, size_t first, size_t second, size_t *capacity, struct error *error)
{
    struct rerandomise_pair pair = {.first = first, .second = second};
    const size_t arms[2] = {first, second};
    struct means means = {0};
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < test->unit_count; i++)
            if (test->units[i].known && test->units[i].arm == arms[side]) {
                pair.units[side]++;
                pair.means[side] += test->units[i].value;
                means.counts[arms[side]]++;
                means.sums[arms[side]] += test->units[i].centred;
            }
        if (pair.units[side] == 0)
            return error_set(error, ERROR_REFUSED, "rerandomise",
                "no unit of arm %s has an outcome", test->protocol->arms[arms[side]].id);
        pair.means[side] /= (double)pair.units[side];
    }
    if (!rerandomise_difference(&means, &pair, &pair.difference))
        return false;
    test->pairs =
        arena_grow(test->arena, test->pairs, test->pair_count, capacity, sizeof *test->pairs);
    test->pairs[test->pair_count++] = pair;
    return true;
}

bool
rerandomise_prepare(struct rerandomise *test, uint32_t arms, uint64_t seed, struct error *error)
{
    size_t capacity = 0;
    centre(test);
    for (size_t a = 0; a < test->protocol->arm_count; a++)
        for (size_t b = a + 1; b < test->protocol->arm_count; b++) {
            bool wanted = arms == 0 || ((arms >> a & 1) != 0 && (arms >> b & 1) != 0);
            bool there = test->scheme->ratio[a] > 0 && test->scheme->ratio[b] > 0;
            if (wanted && there && !add_pair(test, a, b, &capacity, error))
                return false;
        }
    if (test->pair_count == 0)
        return error_set(error, ERROR_FIELDS, "rerandomise",
            "two arms of scheme %s are needed for a comparison", test->scheme->name);
    return test->scheme->method != METHOD_CONSTRAINED || rerandomise_solve(test, seed, error);
}

bool
rerandomise_difference(
    const struct means *means, const struct rerandomise_pair *pair, double *difference)
{
    size_t a = pair->first, b = pair->second;
    if (means->counts[a] == 0 || means->counts[b] == 0)
        return false;
    *difference =
        means->sums[a] / (double)means->counts[a] - means->sums[b] / (double)means->counts[b];
    return true;
}

static bool
is_extreme(const struct rerandomise *test, double seen, double difference)
{
    switch (test->side) {
    case SIDE_GREATER:
        return difference >= seen - test->slack;
    case SIDE_LESS:
        return difference <= seen + test->slack;
    case SIDE_TWO:
        break;
    }
    return fabs(difference) >= fabs(seen) - test->slack;
}

void
rerandomise_count(const struct rerandomise *test, const struct means *means, double weight,
    struct rerandomise_tally *tally)
{
    tally->runs++;
    for (size_t i = 0; i < tally->pair_count; i++) {
        struct rerandomise_pair *pair = &tally->pairs[i];
        double difference;
        bool defined = rerandomise_difference(means, pair, &difference);
        if (defined && !is_extreme(test, pair->difference, difference))
            continue;
        pair->extreme++;
        pair->undefined += !defined;
        pair->weight += weight;
    }
}

struct rerandomise_tally *
rerandomise_tally_new(const struct rerandomise *test)
{
    struct rerandomise_tally *tally = memory_get(sizeof *tally);
    tally->pair_count = test->pair_count;
    tally->pairs = memory_get(test->pair_count * sizeof *tally->pairs);
    memcpy(tally->pairs, test->pairs, test->pair_count * sizeof *tally->pairs);
    return tally;
}

void
rerandomise_tally_free(struct rerandomise_tally *tally)
{
    if (tally == NULL)
        return;
    free(tally->pairs);
    free(tally);
}

void
rerandomise_tally_add(struct rerandomise_tally *tally, const struct rerandomise_tally *other)
{
    tally->runs += other->runs;
    for (size_t i = 0; i < tally->pair_count; i++) {
        tally->pairs[i].extreme += other->pairs[i].extreme;
        tally->pairs[i].undefined += other->pairs[i].undefined;
        tally->pairs[i].weight += other->pairs[i].weight;
    }
}

void
rerandomise_finish(struct rerandomise_tally *tally, bool exact)
{
    for (size_t i = 0; i < tally->pair_count; i++) {
        struct rerandomise_pair *pair = &tally->pairs[i];
        double runs = (double)tally->runs;
        pair->p = exact ? fmin(pair->weight, 1) : (1 + (double)pair->extreme) / (1 + runs);
        pair->standard_error = exact || tally->runs == 0 ? 0 : sqrt(pair->p * (1 - pair->p) / runs);
    }
}
