/*
 * maximal.c: Berger, Ivanova and Deloria Knoll's maximal procedure (Statistics in Medicine 22,
 * 2003): of all sequences of a block that never leave the limit, and end in balance where that is
 * asked for, each is as likely as another. An arm's probability is therefore the share of the
 * completions of the block that go on with it.
 */
#include "trial/design/two_arms.h"

#include <assert.h>
#include <stdlib.h>

#define LENGTH_MAX                                                                                 \
    1000 /* up to here the number of completions, at most 2^LENGTH_MAX, is a double */

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    unsigned length = scheme->design.length;
    if (length == 0 || length > LENGTH_MAX)
        return error_set(error, ERROR_CONFIG, "maximal procedure",
            "scheme %s cannot have blocks of %u: a block of the maximal procedure has 1 to %d "
            "places",
            scheme->name, length, LENGTH_MAX);
    if (scheme->design.balanced_end && length % 2 != 0)
        return error_set(error, ERROR_CONFIG, "maximal procedure",
            "scheme %s has blocks of %u, which cannot end in balance: make the length even",
            scheme->name, length);
    return two_arms_check_limit(scheme, error);
}

/*
 * Completions through either arm, from `lead` with `left` places behind the next one. Entry i is
 * the number of ways on from lead - (left + 1) + 2 i; from the end of the block towards its next
 * place, each is the sum of the two leads that it can go to. Only leads within the limit are looked
 * at, with a zero on either side of them.
 */
static void
count_completions(
    const struct protocol_design *design, int64_t lead, int64_t left, double *second, double *first)
{
    double ways[LENGTH_MAX + 1];
    assert(left >= 0 && left < LENGTH_MAX && llabs(lead) <= design->limit);
    for (int64_t i = 0; i <= left + 1; i++) {
        int64_t end = lead - (left + 1) + 2 * i;
        ways[i] = design->balanced_end ? end == 0 : llabs(end) <= design->limit;
    }
    for (int64_t step = left; step > 0; step--) {
        int64_t low = step - lead > design->limit ? (step - lead - design->limit + 1) / 2 : 0;
        int64_t high =
            (step - lead + design->limit) / 2 < step ? (step - lead + design->limit) / 2 : step;
        for (int64_t i = low; i <= high; i++)
            ways[i] += ways[i + 1];
        if (low > 0)
            ways[low - 1] = 0;
        ways[high + 1] = 0;
    }
    *second = ways[0];
    *first = ways[1];
}

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    int64_t units = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        units += counts[arm];
    double second;
    double first;
    count_completions(&scheme->design, two_arms_lead(scheme, counts),
        scheme->design.length - 1 - units % scheme->design.length, &second, &first);
    two_arms_set(scheme, first / (first + second), p);
}

const struct design maximal_design = {
    .method = METHOD_MAXIMAL,
    .first_draw = 1,
    .check = check,
    .probabilities = probabilities,
};
