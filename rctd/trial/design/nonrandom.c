/*
 * nonrandom.c: a comparison that is not random. Units are put into its groups with a reason, and no
 * stream of words has a part in it.
 */
#include "trial/design/design.h"

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    (void)scheme;
    (void)error;
    return true;
}

const struct design nonrandom_design = {
    .method = METHOD_NONRANDOM,
    .check = check,
    .no_sequence = "its groups are not random; each unit's is recorded with a reason",
};
