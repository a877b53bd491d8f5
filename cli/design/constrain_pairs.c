/*
 * constrain_pairs.c: goes through the pairs in the order of the table.
 */
#include "cli/design/constrain_pairs.h"

const char *const constrain_pair_names[PAIR_KINDS] = {
    [PAIRS_ALWAYS] = "always_together",
    [PAIRS_NEVER] = "never_together",
    [PAIRS_OFTEN] = "often_together",
    [PAIRS_SELDOM] = "seldom_together",
};

static bool
is_of_kind(enum pair_kind kind, uint64_t together, uint64_t all)
{
    switch (kind) {
    case PAIRS_ALWAYS:
        return together == all;
    case PAIRS_NEVER:
        return together == 0;
    case PAIRS_OFTEN:
        return 4 * together >= 3 * all;
    default:
        return 4 * together <= all;
    }
}

struct constrain_pairs
constrain_pairs(struct arena *arena, const struct constrain_result *result, enum pair_kind kind)
{
    const struct constrained_problem *problem = result->input->problem;
    const size_t *place = result->input->place;
    uint64_t all = constrained_summary(result->set)->accepted;
    struct constrain_pairs pairs = {NULL, 0};
    size_t capacity = 0;
    for (size_t i = 0; i < problem->units; i++)
        for (size_t j = i + 1; j < problem->units; j++) {
            uint64_t together = constrained_together(result->set, place[i], place[j]);
            if (!is_of_kind(kind, together, all))
                continue;
            pairs.items =
                arena_grow(arena, pairs.items, pairs.count, &capacity, sizeof *pairs.items);
            pairs.items[pairs.count++] = (struct constrain_pair){
                problem->ids[place[i]], problem->ids[place[j]], (double)together / (double)all};
        }
    return pairs;
}
