/*
 * rerandomise_exact.c: goes through every assignment that the design can give, each with its
 * probability. Units are placed one behind another, and taken back, so that an assignment costs
 * little more than its last unit.
 */
#include "trial/design/permuted_block.h"
#include "trial/proof/rerandomise_private.h"

#include <stdlib.h>
#include <string.h>

/* A unit that has been placed. */
struct step {
    double p[PROTOCOL_ARMS_MAX]; /* of each arm, given those before */
    double weight;               /* of all before it */
    size_t arm;                  /* where it stands, while others are placed behind it */
    size_t next;                 /* the arm that is tried next */
};

struct walk {
    const struct rerandomise *test;
    struct rerandomise_tally *tally;
    struct means means;
    size_t *group_of;                     /* of each unit */
    int64_t (*counts)[PROTOCOL_ARMS_MAX]; /* of each group */
    struct step *steps;
};

static void
enter(struct walk *walk, size_t at, double weight)
{
    const struct rerandomise *test = walk->test;
    struct step *step = &walk->steps[at];
    const int64_t *counts = walk->counts[walk->group_of[at]];
    *step = (struct step){.weight = weight};
    if (test->design->probabilities != NULL)
        test->design->probabilities(test->scheme, counts, step->p);
    else
        permuted_block_probabilities(test->scheme, test->scheme->design.blocks[0], counts, step->p);
}

static void
move(struct walk *walk, size_t at, int by)
{
    const struct unit *unit = &walk->test->units[at];
    size_t arm = walk->steps[at].arm;
    walk->counts[walk->group_of[at]][arm] += by;
    if (!unit->known)
        return;
    walk->means.counts[arm] += by;
    walk->means.sums[arm] += by * unit->centred;
}

/* Places the unit in the next arm that it can have; false when there is none. */
static bool
place_next(struct walk *walk, size_t at)
{
    struct step *step = &walk->steps[at];
    while (step->next < PROTOCOL_ARMS_MAX && step->p[step->next] <= 0)
        step->next++;
    if (step->next == PROTOCOL_ARMS_MAX)
        return false;
    step->arm = step->next++;
    move(walk, at, 1);
    return true;
}

/* Depth first; false when there are too many. */
static bool
walk_all(struct walk *walk)
{
    size_t units = walk->test->unit_count, at = 0;
    enter(walk, 0, 1);
    for (;;) {
        if (!place_next(walk, at)) {
            if (at == 0)
                return true;
            move(walk, --at, -1);
            continue;
        }
        const struct step *step = &walk->steps[at];
        double weight = step->weight * step->p[step->arm];
        if (at + 1 < units) {
            enter(walk, ++at, weight);
            continue;
        }
        rerandomise_count(walk->test, &walk->means, weight, walk->tally);
        move(walk, at, -1);
        if (walk->tally->runs > RERANDOMISE_EXACT_MAX)
            return false;
    }
}

static bool
exact_sequences(const struct rerandomise *test, struct rerandomise_tally *tally)
{
    struct walk walk = {
        .test = test,
        .tally = tally,
        .group_of = memory_get((test->unit_count + 1) * sizeof *walk.group_of),
        .counts = memory_get((test->group_count + 1) * sizeof *walk.counts),
        .steps = memory_get((test->unit_count + 1) * sizeof *walk.steps),
    };
    for (size_t g = 0; g < test->group_count; g++)
        for (size_t i = 0; i < test->groups[g].count; i++)
            walk.group_of[test->groups[g].first + i] = g;
    bool whole = walk_all(&walk);
    free(walk.group_of);
    free(walk.counts);
    free(walk.steps);
    return whole;
}

/* Every combination of the batches' accepted assignments, each as likely as any other. */
static bool
exact_batches(const struct rerandomise *test, struct rerandomise_tally *tally)
{
    double all = 1;
    for (size_t g = 0; g < test->group_count; g++) {
        const struct constrained_summary *summary = constrained_summary(test->groups[g].set);
        all *= (double)summary->accepted;
        if (!summary->enumerated || all > RERANDOMISE_EXACT_MAX)
            return false;
    }
    for (uint64_t index = 0; index < (uint64_t)all; index++) {
        struct means means = {0};
        uint64_t rest = index;
        for (size_t g = 0; g < test->group_count; g++) {
            const struct group *group = &test->groups[g];
            uint8_t arms[CONSTRAINED_UNITS_MAX];
            uint64_t accepted = constrained_summary(group->set)->accepted;
            constrained_arms(group->set, rest % accepted, arms);
            rest /= accepted;
            for (size_t i = 0; i < group->count; i++) {
                const struct unit *unit = &test->units[group->order[i]];
                size_t arm = group->problem->arm_indexes[arms[i]];
                means.counts[arm] += unit->known;
                means.sums[arm] += unit->known ? unit->centred : 0;
            }
        }
        rerandomise_count(test, &means, 1 / all, tally);
    }
    return true;
}

/* Where sizes are drawn, the counts do not tell where a block ends. */
static bool
one_size(const struct protocol_design *design)
{
    for (size_t i = 1; i < design->block_count; i++)
        if (design->blocks[i] != design->blocks[0])
            return false;
    return true;
}

bool
rerandomise_exact(const struct rerandomise *test, struct rerandomise_tally *tally)
{
    const struct protocol_design *design = &test->scheme->design;
    switch (test->scheme->method) {
    case METHOD_MINIMISATION:
        return false;
    case METHOD_CONSTRAINED:
        return exact_batches(test, tally);
    case METHOD_PERMUTED_BLOCK:
        return one_size(design) && exact_sequences(test, tally);
    default:
        return exact_sequences(test, tally);
    }
}
