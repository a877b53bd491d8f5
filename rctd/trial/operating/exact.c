/*
 * exact.c: figures without simulation. A design by counts is one walk from the first allocation to
 * the last. Permuted blocks are walks through one block of each size, strung together: a full block
 * leaves the arms as they were, so that where blocks begin is all that has to be known.
 */
#include "trial/operating/operating.h"

#include "base/arena.h"
#include "trial/design/design.h"
#include "trial/operating/walk.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEGLIGIBLE 1e-13 /* probability of a larger difference that is not looked for */
#define WORK_MAX 3e10    /* states times bounds; some ten seconds */

/* One block size, or the whole trial where the design goes by counts. */
struct part {
    double weight; /* probability of the size */
    size_t size;   /* allocations in the block */
    size_t steps;  /* of them within the trial */
    struct walk *walk;
    double *stayed; /* for the bound in question */
};

struct exact {
    struct arena *arena;
    struct pairs pairs;
    size_t n;
    struct part *parts;
    size_t part_count;
    double *begins; /* probability that a block begins behind allocation 0 .. n */
};

/* The sizes of permuted blocks, each once. */
static void
list_sizes(struct exact *exact, const struct protocol_design *design)
{
    for (size_t i = 0; i < design->block_count; i++) {
        size_t at = 0;
        while (at < exact->part_count && exact->parts[at].size != design->blocks[i])
            at++;
        if (at == exact->part_count)
            exact->parts[exact->part_count++] = (struct part){.size = design->blocks[i]};
        exact->parts[at].weight += 1 / (double)design->block_count;
    }
}

/* False where no walk can be made. */
static bool
open_parts(struct exact *exact, const struct protocol_scheme *scheme)
{
    bool blocks = scheme->method == METHOD_PERMUTED_BLOCK;
    if (!blocks && design_of(scheme->method)->probabilities == NULL)
        return false;
    exact->parts = arena_array(exact->arena, scheme->design.block_count + 1, sizeof *exact->parts);
    if (blocks)
        list_sizes(exact, &scheme->design);
    else
        exact->parts[exact->part_count++] = (struct part){.weight = 1, .size = SIZE_MAX};
    for (size_t i = 0; i < exact->part_count; i++) {
        struct part *part = &exact->parts[i];
        part->steps = part->size < exact->n ? part->size : exact->n;
        part->walk = walk_new(scheme, blocks ? part->size : 0, part->steps);
        part->stayed = arena_array(exact->arena, part->steps + 1, sizeof *part->stayed);
        if (part->walk == NULL)
            return false;
    }
    return true;
}

static void
close_parts(struct exact *exact)
{
    for (size_t i = 0; i < exact->part_count; i++)
        walk_free(exact->parts[i].walk);
}

/*
 * Where blocks begin, as far as they have stayed within the bound that part->stayed is about; NULL
 * stands for no bound. Gives the probability to have done so up to the last allocation.
 */
static double
string_blocks(const struct exact *exact, bool bound, double *begins)
{
    double whole = 0;
    memset(begins, 0, (exact->n + 1) * sizeof *begins);
    begins[0] = 1;
    for (size_t at = 0; at < exact->n; at++)
        for (size_t i = 0; i < exact->part_count && begins[at] > 0; i++) {
            const struct part *part = &exact->parts[i];
            size_t left = exact->n - at;
            size_t steps = part->size < left ? part->size : left;
            double mass = begins[at] * part->weight * (bound ? part->stayed[steps] : 1);
            if (part->size <= left)
                begins[at + part->size] += mass;
            else
                whole += mass;
        }
    return whole + begins[exact->n];
}

/* Adds what a block that begins at `at` with this probability gives. */
static void
add_block(const struct exact *exact, const struct part *part, size_t at, double mass,
    struct operating *out, double *curve, double *means)
{
    const struct walk_step *steps = walk_steps(part->walk);
    size_t left = exact->n - at;
    for (size_t k = 0; k < part->size && k <= left; k++) {
        curve[at + k] += mass * steps[k].absolute;
        if (k < left) {
            out->correct_guess += mass * steps[k].guess;
            out->deterministic += mass * steps[k].certain;
            continue;
        }
        out->final_abs += mass * steps[k].absolute;
        out->final_sd += mass * steps[k].square;
        for (size_t i = 0; i < exact->pairs.count; i++)
            means[i] += mass * steps[k].mean[i];
    }
}

static void
sum_blocks(const struct exact *exact, struct operating *out, double *curve)
{
    double means[PROTOCOL_ARMS_MAX] = {0};
    for (size_t at = 0; at < exact->n; at++)
        for (size_t i = 0; i < exact->part_count; i++) {
            double mass = exact->begins[at] * exact->parts[i].weight;
            if (mass > 0)
                add_block(exact, &exact->parts[i], at, mass, out, curve, means);
        }
    out->correct_guess /= (double)exact->n;
    out->deterministic /= (double)exact->n;
    out->final_sd = sqrt(fmax(0, out->final_sd - pairs_square_of_means(&exact->pairs, means)));
}

static int
compare(const void *left, const void *right)
{
    const double *a = left;
    const double *b = right;
    return (*a > *b) - (*a < *b);
}

/* The bounds of all parts, rising; some may be there twice. */
static const double *
all_bounds(const struct exact *exact, size_t *count)
{
    size_t total = 0;
    for (size_t i = 0; i < exact->part_count; i++) {
        size_t some;
        walk_bounds(exact->parts[i].walk, &some);
        total += some;
    }
    double *bounds = arena_array(exact->arena, total, sizeof *bounds);
    *count = 0;
    for (size_t i = 0; i < exact->part_count; i++) {
        size_t some;
        const double *from = walk_bounds(exact->parts[i].walk, &some);
        memcpy(bounds + *count, from, some * sizeof *bounds);
        *count += some;
    }
    qsort(bounds, total, sizeof *bounds, compare);
    return bounds;
}

/* Would it take too long? Differences beyond eight standard deviations are never looked at. */
static bool
is_too_much(const struct exact *exact, const double *bounds, size_t count)
{
    double states = 0;
    double square = 0;
    for (size_t i = 0; i < exact->part_count; i++) {
        const struct part *part = &exact->parts[i];
        states += (double)walk_states(part->walk);
        for (size_t k = 0; k <= part->steps; k++)
            square = fmax(square, walk_steps(part->walk)[k].square);
    }
    size_t looked_at = 0;
    while (looked_at < count && bounds[looked_at] <= 8 * sqrt(square) + 1)
        looked_at++;
    return states * (double)looked_at > WORK_MAX;
}

/* The probability that no difference was over the bound, up to the last allocation. */
static double
stay_within(const struct exact *exact, double bound, double *begins)
{
    for (size_t i = 0; i < exact->part_count; i++)
        walk_stay(exact->parts[i].walk, bound, exact->parts[i].stayed);
    return string_blocks(exact, true, begins);
}

/* The mean of the largest difference: from bound to bound times the probability to be over it. */
static bool
sum_largest(const struct exact *exact, double *mean)
{
    size_t count;
    const double *bounds = all_bounds(exact, &count);
    if (is_too_much(exact, bounds, count))
        return false;
    double *begins = arena_array(exact->arena, exact->n + 1, sizeof *begins);
    double always = stay_within(exact, DBL_MAX, begins);
    *mean = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (bounds[i + 1] - bounds[i] <= 0)
            continue;
        double over = always - stay_within(exact, bounds[i], begins);
        if (over < NEGLIGIBLE)
            break;
        *mean += (bounds[i + 1] - bounds[i]) * over / always;
    }
    return true;
}

bool
operating_exact_curve(
    const struct protocol_scheme *scheme, size_t n, struct operating *out, double *curve)
{
    struct exact exact = {.arena = arena_new(), .n = n};
    struct operating found = {.exact = true};
    pairs_of(scheme, &exact.pairs);
    bool ok = open_parts(&exact, scheme) && sum_largest(&exact, &found.max_abs);
    if (ok) {
        double *means = arena_array(exact.arena, n + 1, sizeof *means);
        exact.begins = arena_array(exact.arena, n + 1, sizeof *exact.begins);
        string_blocks(&exact, false, exact.begins);
        sum_blocks(&exact, &found, means);
        if (curve != NULL)
            memcpy(curve, means, (n + 1) * sizeof *curve);
        *out = found;
    }
    close_parts(&exact);
    arena_free(exact.arena);
    return ok;
}

bool
operating_exact(const struct protocol_scheme *scheme, size_t n, struct operating *out)
{
    return operating_exact_curve(scheme, n, out, NULL);
}
