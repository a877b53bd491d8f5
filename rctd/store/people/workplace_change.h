/*
 * workplace_change.h: what becomes of workplaces: merged, split, closed, renamed, opened again.
 * Changes are dated and stay; the clusters of the analysis never follow them.
 */
#ifndef RCTD_STORE_WORKPLACE_LINK_H
#define RCTD_STORE_WORKPLACE_LINK_H

#include "base/compiler.h"
#include "base/fault.h"
#include "store/people/workplace.h"

#include <stdbool.h>

struct workplace_change {
    const char *kind;  /* merged, split, closed, renamed, reopened */
    const char *other; /* of merged and split: the code of what it became, or what left it; else
                          NULL */
    const char *name;  /* of renamed: the new one; else NULL */
    const char *on;    /* YYYY-MM-DD; NULL: today */
    const char *reason;
};

/*
 * Records a change of a workplace whose row is locked. ERROR_FIELDS with `faults`; ERROR_REFUSED
 * where it does not follow from what became of the workplaces before.
 */
bool workplace_change_record(struct tx *tx, struct uuid trial_id, const char *scope,
    const struct workplace *workplace, const struct workplace_change *change,
    struct uuid account_id, struct faults *faults, struct uuid *change_id) MUST_CHECK;

#endif
