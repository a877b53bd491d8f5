/*
 * enumerate.c: revolving doors (Nijenhuis and Wilf; Knuth, The Art of Computer Programming 4A,
 * 7.2.1.3, algorithm R), one inside the other. In each stratum a stage chooses the units of the
 * first arm, the next those of the second from what is left, and so on; the last arm gets the rest.
 *
 * A revolving door is a circle: from its last combination to its first is one exchange as well. So
 * an inner stage need not go back to its start when an outer one moves: it goes round once more
 * from where it is. What an outer stage takes in is replaced in the inner ones by what it gives
 * away.
 */
#include "trial/constrained/enumerate.h"

#include "trial/constrained/problem.h"

#include <stdlib.h>

#define NOWHERE UINT16_MAX

/* Combinations of `chosen` out of `size` places. */
struct door {
    size_t size;
    size_t chosen;
    uint16_t *places; /* rising, from index 1; behind the last stands `size` */
};

struct stage {
    struct door door;
    size_t stratum;
    uint64_t states;
    uint64_t done;   /* states seen since an outer stage last moved, without the present one */
    uint16_t *pool;  /* the unit at each place */
    uint16_t *where; /* the place of each unit, or NOWHERE */
};

struct enumeration {
    struct arena *arena;
    size_t stage_count;
    struct stage *stages;
};

static void
door_reset(struct door *door)
{
    for (size_t j = 1; j <= door->chosen; j++)
        door->places[j] = (uint16_t)(j - 1);
    door->places[door->chosen + 1] = (uint16_t)door->size;
}

/* Exchanges one place; behind the last combination comes the first. */
static void
door_turn(struct door *door, size_t *out, size_t *in)
{
    uint16_t *c = door->places;
    size_t t = door->chosen, j = 2;
    bool odd = t % 2 == 1;
    if (odd ? c[1] + 1 < c[2] : c[1] > 0) {
        *out = c[1];
        c[1] = (uint16_t)(odd ? c[1] + 1 : c[1] - 1);
        *in = c[1];
        return;
    }
    for (bool decrease = odd; j <= t; decrease = !decrease, j++) {
        if (decrease && c[j] >= j) {
            *out = c[j];
            *in = j - 2;
            c[j] = c[j - 1];
            c[j - 1] = (uint16_t)(j - 2);
            return;
        }
        if (!decrease && c[j] + 1 < c[j + 1]) {
            *out = j - 2;
            c[j - 1] = c[j];
            *in = ++c[j];
            return;
        }
    }
    *out = door->size - 1;
    *in = t - 1;
    door_reset(door);
}

void
enumeration_base(struct arena *arena, const struct constrained_problem *problem, uint8_t *arms)
{
    size_t *arm = arena_array(arena, problem->stratum_count, sizeof *arm);
    size_t *used = arena_array(arena, problem->stratum_count, sizeof *used);
    for (size_t unit = 0; unit < problem->units; unit++) {
        size_t stratum = problem->strata[unit];
        while (used[stratum] == problem->sizes[stratum * problem->arms + arm[stratum]]) {
            arm[stratum]++;
            used[stratum] = 0;
        }
        used[stratum]++;
        arms[unit] = (uint8_t)arm[stratum];
    }
}

/* The stage that chooses the units of `arm` among those of it and later arms, but the one that
 * stays in the arm it has; NOWHERE for none. */
static void
open_stage(struct arena *arena, const struct constrained_problem *problem, const uint8_t *arms,
    size_t stratum, size_t arm, size_t stays, struct stage *stage)
{
    stage->stratum = stratum;
    stage->pool = arena_array(arena, problem->units, sizeof *stage->pool);
    stage->where = arena_array(arena, problem->units, sizeof *stage->where);
    for (size_t unit = 0; unit < problem->units; unit++) {
        stage->where[unit] = NOWHERE;
        if (problem->strata[unit] != stratum || arms[unit] < arm || unit == stays)
            continue;
        stage->where[unit] = (uint16_t)stage->door.size;
        stage->pool[stage->door.size++] = (uint16_t)unit;
    }
    stage->door.chosen = problem->sizes[stratum * problem->arms + arm] - (stays != NOWHERE);
    stage->door.places = arena_array(arena, stage->door.chosen + 2, sizeof *stage->door.places);
    door_reset(&stage->door);
    stage->states = problem_combinations(stage->door.size, stage->door.chosen);
}

struct enumeration *
enumeration_new(const struct constrained_problem *problem, bool half, uint8_t *arms)
{
    struct arena *arena = arena_new();
    struct enumeration *enumeration = arena_alloc(arena, sizeof *enumeration);
    enumeration->arena = arena;
    enumeration->stages =
        arena_array(arena, problem->stratum_count * problem->arms, sizeof *enumeration->stages);
    enumeration_base(arena, problem, arms);
    size_t first = 0;
    while (problem->strata[first] != 0)
        first++;
    for (size_t stratum = 0; stratum < problem->stratum_count; stratum++)
        for (size_t arm = 0; arm + 1 < problem->arms; arm++)
            open_stage(arena, problem, arms, stratum, arm,
                half && stratum == 0 ? first : (size_t)NOWHERE,
                &enumeration->stages[enumeration->stage_count++]);
    return enumeration;
}

void
enumeration_free(struct enumeration *enumeration)
{
    if (enumeration != NULL)
        arena_free(enumeration->arena);
}

/* A stage gave `out` away and took `in`, which the later stages of its stratum had so far. */
static void
hand_down(struct enumeration *enumeration, size_t index, size_t out, size_t in)
{
    size_t stratum = enumeration->stages[index].stratum;
    for (size_t i = index + 1; i < enumeration->stage_count; i++) {
        struct stage *stage = &enumeration->stages[i];
        if (stage->stratum != stratum || stage->where[in] == NOWHERE)
            return;
        stage->where[out] = stage->where[in];
        stage->pool[stage->where[out]] = (uint16_t)out;
        stage->where[in] = NOWHERE;
    }
}

bool
enumeration_next(struct enumeration *enumeration, size_t *first, size_t *second)
{
    for (size_t i = enumeration->stage_count; i-- > 0;) {
        struct stage *stage = &enumeration->stages[i];
        size_t out, in;
        if (++stage->done < stage->states) {
            door_turn(&stage->door, &out, &in);
            *first = stage->pool[out];
            *second = stage->pool[in];
            hand_down(enumeration, i, *first, *second);
            return true;
        }
        stage->done = 0;
    }
    return false;
}
