/*
 * walk.c: builds the states layer by layer, layer k holding those after k allocations. Behind a
 * state that is all but impossible nothing is built: what is lost so is far below the last digit
 * that anybody reads.
 */
#include "trial/operating/walk.h"

#include "base/arena.h"
#include "trial/design/design.h"
#include "trial/design/permuted_block.h"
#include "trial/operating/layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARROWS_MAX 20000000 /* states, times the arms */
#define NEGLIGIBLE 1e-16    /* probability of a state that is not followed further */
#define CERTAIN (1 - 1e-12)
#define SAME 1e-9 /* differences closer than this are one */

struct step_to {
    uint32_t state; /* place in the next layer */
    double probability;
};

struct walk {
    struct arena *arena;
    struct pairs pairs;
    const struct protocol_scheme *scheme;
    const struct design *design;
    size_t block;
    size_t steps;
    struct walk_step *figures;

    size_t *first;   /* of each layer: its first state; one more at the end */
    double *largest; /* of each state: the largest absolute difference */
    size_t *leaving; /* of each state: its first step; one more at the end */
    size_t states;
    size_t state_capacity;
    size_t leaving_capacity;
    struct step_to *arrows;
    size_t arrow_count;
    size_t arrow_capacity;

    double *bounds;
    size_t bound_count;
    size_t widest; /* states in the largest layer */
    double *now;
    double *next;
};

/* Of arms with equal ratios the larger count stands first, whichever arm has it. */
static void
sort_counts(const struct pairs *pairs, int64_t *counts)
{
    for (size_t i = 1; i < pairs->count; i++) {
        size_t place = i;
        for (size_t before = i; before-- > 0;) {
            if (pairs->ratio[before] != pairs->ratio[i])
                continue;
            if (counts[before] >= counts[place])
                break;
            int64_t moved = counts[before];
            counts[before] = counts[place];
            counts[place] = moved;
            place = before;
        }
    }
}

/* Each arm's probability of being next, among the arms that take part. */
static void
next_probabilities(const struct walk *walk, const int64_t *counts, double *p)
{
    const struct pairs *pairs = &walk->pairs;
    int64_t by_arm[PROTOCOL_ARMS_MAX] = {0};
    double of_arm[PROTOCOL_ARMS_MAX];
    for (size_t i = 0; i < pairs->count; i++)
        by_arm[pairs->arm[i]] = counts[i];
    if (walk->block > 0)
        permuted_block_probabilities(walk->scheme, walk->block, by_arm, of_arm);
    else
        walk->design->probabilities(walk->scheme, by_arm, of_arm);
    for (size_t i = 0; i < pairs->count; i++)
        p[i] = of_arm[pairs->arm[i]];
}

static void
add_guess(const struct pairs *pairs, const int64_t *counts, const double *p, double mass,
    struct walk_step *figures)
{
    uint8_t behind[PROTOCOL_ARMS_MAX];
    size_t tied = pairs_behind(pairs, counts, behind);
    double guessed = 0;
    double most = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        guessed += behind[i] ? p[i] : 0;
        most = fmax(most, p[i]);
    }
    figures->guess += mass * guessed / (double)tied;
    figures->certain += most >= CERTAIN ? mass : 0;
}

static void
add_arrow(struct walk *walk, size_t to, double probability)
{
    walk->arrows = arena_grow(
        walk->arena, walk->arrows, walk->arrow_count, &walk->arrow_capacity, sizeof *walk->arrows);
    walk->arrows[walk->arrow_count++] = (struct step_to){(uint32_t)to, probability};
}

/* Follows a state to the next layer. */
static void
follow(struct walk *walk, const int64_t *counts, size_t done, double mass, struct layer *next)
{
    const struct pairs *pairs = &walk->pairs;
    double p[PROTOCOL_ARMS_MAX] = {0};
    next_probabilities(walk, counts, p);
    add_guess(pairs, counts, p, mass, &walk->figures[done]);
    if (mass < NEGLIGIBLE)
        return;
    for (size_t i = 0; i < pairs->count; i++) {
        if (p[i] <= 0)
            continue;
        int64_t moved[PROTOCOL_ARMS_MAX];
        memcpy(moved, counts, pairs->count * sizeof *moved);
        moved[i]++;
        sort_counts(pairs, moved);
        size_t to = layer_find(next, pairs->count, moved);
        next->mass[to] += mass * p[i];
        add_arrow(walk, to, p[i]);
    }
}

/* Equally large arms have equal means, whichever stood first in the states. */
static void
share_means(const struct pairs *pairs, double *means)
{
    double shared[PROTOCOL_ARMS_MAX];
    for (size_t i = 0; i < pairs->count; i++) {
        double sum = 0;
        size_t same = 0;
        for (size_t j = 0; j < pairs->count; j++)
            if (pairs->ratio[j] == pairs->ratio[i]) {
                sum += means[j];
                same++;
            }
        shared[i] = sum / (double)same;
    }
    memcpy(means, shared, pairs->count * sizeof *means);
}

/* Takes over the states of a layer and sums their figures. */
static void
keep_layer(struct walk *walk, const struct layer *layer, size_t done)
{
    const struct pairs *pairs = &walk->pairs;
    struct walk_step *figures = &walk->figures[done];
    walk->first[done] = walk->states;
    for (size_t state = 0; state < layer->size; state++) {
        const int64_t *counts = layer->counts + state * pairs->count;
        struct pairs_spread spread;
        pairs_spread(pairs, counts, &spread);
        figures->absolute += layer->mass[state] * spread.absolute;
        figures->square += layer->mass[state] * spread.square;
        for (size_t i = 0; i < pairs->count; i++)
            figures->mean[i] += layer->mass[state] * (double)counts[i];
        walk->largest = arena_grow(
            walk->arena, walk->largest, walk->states, &walk->state_capacity, sizeof *walk->largest);
        walk->largest[walk->states++] = spread.largest;
    }
    share_means(pairs, figures->mean);
    walk->first[done + 1] = walk->states;
    walk->widest = layer->size > walk->widest ? layer->size : walk->widest;
}

static void
mark_leaving(struct walk *walk, size_t state)
{
    walk->leaving = arena_grow(
        walk->arena, walk->leaving, state, &walk->leaving_capacity, sizeof *walk->leaving);
    walk->leaving[state] = walk->arrow_count;
}

/* Makes the layer behind `now`; false where there are too many states. */
static bool
build_layer(struct walk *walk, const struct layer *now, size_t done, struct layer *next)
{
    size_t arms = walk->pairs.count;
    size_t most = ARROWS_MAX / arms;
    size_t room = now->size * arms;
    layer_clear(next, arms, room < most ? room : most + arms);
    for (size_t state = 0; state < now->size; state++) {
        mark_leaving(walk, walk->first[done] + state);
        follow(walk, now->counts + state * arms, done, now->mass[state], next);
        if (walk->states + next->size > most)
            return false;
    }
    keep_layer(walk, next, done + 1);
    return true;
}

static bool
build(struct walk *walk)
{
    struct layer now = {0};
    struct layer next = {0};
    const int64_t zero[PROTOCOL_ARMS_MAX] = {0};
    bool fits = true;
    layer_clear(&now, walk->pairs.count, 1);
    now.mass[layer_find(&now, walk->pairs.count, zero)] = 1;
    keep_layer(walk, &now, 0);
    for (size_t done = 0; done < walk->steps && fits; done++) {
        fits = build_layer(walk, &now, done, &next);
        struct layer swapped = now;
        now = next;
        next = swapped;
    }
    for (size_t state = walk->first[walk->steps]; fits && state <= walk->states; state++)
        mark_leaving(walk, state);
    layer_free(&now);
    layer_free(&next);
    return fits;
}

static int
compare(const void *left, const void *right)
{
    const double *a = left;
    const double *b = right;
    return (*a > *b) - (*a < *b);
}

/* The last of several values that are the same but for rounding stands for them. */
static void
list_bounds(struct walk *walk)
{
    double *all = arena_array(walk->arena, walk->states, sizeof *all);
    memcpy(all, walk->largest, walk->states * sizeof *all);
    qsort(all, walk->states, sizeof *all, compare);
    for (size_t i = 0; i < walk->states; i++) {
        if (walk->bound_count > 0 && all[i] - all[walk->bound_count - 1] < SAME)
            all[walk->bound_count - 1] = all[i];
        else
            all[walk->bound_count++] = all[i];
    }
    walk->bounds = all;
}

struct walk *
walk_new(const struct protocol_scheme *scheme, size_t block, size_t steps)
{
    struct arena *arena = arena_new();
    struct walk *walk = arena_alloc(arena, sizeof *walk);
    *walk = (struct walk){
        .arena = arena,
        .scheme = scheme,
        .design = design_of(scheme->method),
        .block = block,
        .steps = steps,
        .figures = arena_array(arena, steps + 1, sizeof *walk->figures),
        .first = arena_array(arena, steps + 2, sizeof *walk->first),
    };
    pairs_of(scheme, &walk->pairs);
    double *means = arena_array(arena, (steps + 1) * walk->pairs.count, sizeof *means);
    for (size_t k = 0; k <= steps; k++)
        walk->figures[k].mean = means + k * walk->pairs.count;
    if (!build(walk)) {
        walk_free(walk);
        return NULL;
    }
    list_bounds(walk);
    walk->now = arena_array(arena, walk->widest, sizeof *walk->now);
    walk->next = arena_array(arena, walk->widest, sizeof *walk->next);
    return walk;
}

void
walk_free(struct walk *walk)
{
    if (walk != NULL)
        arena_free(walk->arena);
}

const struct walk_step *
walk_steps(const struct walk *walk)
{
    return walk->figures;
}

size_t
walk_states(const struct walk *walk)
{
    return walk->states;
}

const double *
walk_bounds(const struct walk *walk, size_t *count)
{
    *count = walk->bound_count;
    return walk->bounds;
}

/* The places of a layer between which there is any probability. */
struct window {
    size_t low;
    size_t high; /* one behind */
};

/* Hands a layer's probability on to the next and leaves zeros behind; gives what was there. */
static double
advance(struct walk *walk, size_t done, double bound, struct window *window)
{
    const double *largest = walk->largest + walk->first[done];
    const size_t *leaving = walk->leaving + walk->first[done];
    struct window after = {walk->widest, 0};
    double sum = 0;
    for (size_t state = window->low; state < window->high; state++) {
        double mass = walk->now[state];
        walk->now[state] = 0;
        if (mass <= 0 || largest[state] > bound)
            continue;
        sum += mass;
        for (size_t i = leaving[state]; i < leaving[state + 1]; i++) {
            size_t to = walk->arrows[i].state;
            walk->next[to] += mass * walk->arrows[i].probability;
            after.low = to < after.low ? to : after.low;
            after.high = to >= after.high ? to + 1 : after.high;
        }
    }
    *window = after;
    return sum;
}

void
walk_stay(struct walk *walk, double bound, double *stayed)
{
    struct window window = {0, 1};
    walk->now[0] = 1;
    for (size_t done = 0; done <= walk->steps; done++) {
        stayed[done] = advance(walk, done, bound, &window);
        double *swapped = walk->now;
        walk->now = walk->next;
        walk->next = swapped;
    }
}
