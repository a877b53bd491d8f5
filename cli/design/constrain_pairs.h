/*
 * constrain_pairs.h: pairs of units that share an arm always, never, often or seldom.
 */
#ifndef RCTD_CLI_CONSTRAIN_PAIRS_H
#define RCTD_CLI_CONSTRAIN_PAIRS_H

#include "cli/design/constrain_show.h"

enum pair_kind { PAIRS_ALWAYS, PAIRS_NEVER, PAIRS_OFTEN, PAIRS_SELDOM, PAIR_KINDS };

extern const char *const constrain_pair_names[PAIR_KINDS]; /* "always_together", ... */

struct constrain_pair {
    const char *first; /* ids, in the order of the table */
    const char *second;
    double share; /* of the accepted assignments that have both in one arm */
};

struct constrain_pairs {
    struct constrain_pair *items;
    size_t count;
};

/*
 * The pairs of that kind, in the order of the table. As R's cvcrand counts: often is 75 % or more,
 * and has the pairs that are always together in it; seldom is 25 % or less, with those that never
 * are. Shares are not rounded.
 */
struct constrain_pairs constrain_pairs(
    struct arena *arena, const struct constrain_result *result, enum pair_kind kind);

#endif
