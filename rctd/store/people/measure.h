/*
 * measure.h: data of participants: stored in use or in quarantine, as the consents have it that
 * they need, and released from there. The database decides on every row again
 * (sql/migrate/0015_withdrawal.sql).
 */
#ifndef RCTD_STORE_MEASURE_H
#define RCTD_STORE_MEASURE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/statement.h"
#include "store/people/unit.h"

#include <jansson.h>
#include <stdbool.h>

struct measure_new {
    const char *instrument;
    struct opt_uuid task_id; /* of the participant; the instrument is one that it asks for */
    int64_t collected_at;    /* of a day whose time nobody wrote down its first moment, and ... */
    int64_t collected_until; /* ... its last one; otherwise the same */
    json_t *values;          /* names of items or fields to texts; borrowed */
    struct uuid recorded_by;
};

/* Why data that are stored may not be in use; closed by NULL. */
extern const char *const measure_quarantines[];

/*
 * Checks values against the protocol and stores them. `*quarantine` says why they are not in use,
 * NULL where they are. A questionnaire whose last instrument this is, is done. ERROR_FIELDS with
 * `faults`; ERROR_REFUSED where the participant has said no, taken their consent back or withdrawn:
 * then nothing is stored.
 */
bool measure_add(struct tx *tx, const struct protocol *protocol, int version, struct uuid trial_id,
    const struct unit *unit, const struct measure_new *new, struct faults *faults,
    struct uuid *measure_id, const char **quarantine) MUST_CHECK;

/* Takes it out of quarantine. ERROR_NOT_FOUND; ERROR_REFUSED where it is in use, or the consent to
 * data does not hold. `scope` as in sql/query/unit.sql. */
bool measure_let_go(struct tx *tx, struct uuid trial_id, const char *scope, struct uuid measure_id,
    const char *reason, struct uuid account_id) MUST_CHECK;

#endif
