/*
 * unblinding.h: who asks for an arm, who is told one, and who knows one. The database tells a
 * blinded request an arm only while it writes down that it did (0019_unblinding.sql); here each
 * refusal gets its sentence.
 */
#ifndef RCTD_STORE_UNBLINDING_H
#define RCTD_STORE_UNBLINDING_H

#include "base/compiler.h"
#include "db/statement.h"
#include "trial/role.h"

#include <stdbool.h>

/* Who asks for whose arm, and why. */
struct unblinding_ask {
    struct uuid trial_id;
    struct uuid unblinding_id; /* new */
    struct uuid unit_id;
    const char *code; /* the unit's, for sentences */
    const char *reason;
    const char *key; /* the request's idempotency key */
};

/*
 * The arm of one unit, at once: of a participant whose workplace was allocated, the workplace's.
 * The caller knows it from here on; coordinators, trial managers and auditors get a notice.
 * ERROR_REFUSED where nothing is allocated, ERROR_KEY_REUSED.
 */
bool unblinding_emergency(
    struct tx *tx, const struct unblinding_ask *ask, struct sql_unblind_rows *told) MUST_CHECK;

/* Asks for the same with another person's approval; tells nothing yet. ERROR_REFUSED, with its id,
 * where the same account has a request for the unit that was not refused. */
bool unblinding_request(struct tx *tx, const struct unblinding_ask *ask) MUST_CHECK;

/*
 * The second person's word: a trial manager's or a statistician's, of another account and in
 * another role than who asked (`asked` is its row). ERROR_REFUSED where it was decided already or
 * is an emergency.
 */
bool unblinding_decide(struct tx *tx, struct uuid trial_id,
    const struct sql_unblinding_list_row *asked, bool approved, enum role role,
    struct uuid account_id, const char *reason) MUST_CHECK;

/* The arm, to who asked for it, once approved. ERROR_FORBIDDEN for others, ERROR_REFUSED. */
bool unblinding_tell(struct tx *tx, struct uuid trial_id, struct uuid unblinding_id,
    struct uuid account_id, struct sql_unblinding_arm_rows *told) MUST_CHECK;

/* ERROR_NOT_FOUND, also where the caller may not know of it. */
bool unblinding_read(struct tx *tx, struct uuid trial_id, const char *scope,
    struct uuid unblinding_id, struct sql_unblinding_list_row *row) MUST_CHECK;

/* Somebody was told an arm of this unit. ERROR_REFUSED where nothing is allocated, ERROR_FORBIDDEN
 * where the caller may not speak for that account. */
bool unblinding_told(struct tx *tx, struct uuid trial_id, struct uuid account_id,
    struct uuid unit_id, const char *code, const char *source,
    struct uuid *knowledge_id) MUST_CHECK;

#endif
