/*
 * constrained.c: constrained randomisation (trial/constrained) allocates all units of a batch at
 * once; it stands here so that every method has its row.
 */
#include "trial/design/design.h"

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    if (scheme->design.balanced_count == 0)
        return error_set(error, ERROR_CONFIG, "constrained randomisation",
            "scheme %s names no factors to balance: at least one is needed", scheme->name);
    return true;
}

const struct design constrained_design = {
    .method = METHOD_CONSTRAINED,
    .first_draw = 1,
    .check = check,
    .no_sequence = "all units of a batch are allocated at once, by what is known of each",
};
