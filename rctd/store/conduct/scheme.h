/*
 * scheme.h: the end of a scheme: its recruitment is closed for good, two people reveal its seed,
 * and then it can be read. The database holds each step (0008_reveal.sql); here each gets its
 * sentence.
 */
#ifndef RCTD_STORE_SCHEME_H
#define RCTD_STORE_SCHEME_H

#include "base/compiler.h"
#include "db/statement.h"
#include "store/session.h"
#include "trial/role.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* A scheme that is in force. ERROR_NOT_FOUND names those that there are. */
bool scheme_read(struct tx *tx, struct uuid trial_id, const char *name,
    struct sql_scheme_list_row *scheme) MUST_CHECK;

/* "planned" and "open" as its phase is; "closed", alone or with its phase; "revealed". */
const char *scheme_state(const struct sql_scheme_list_row *scheme);

/* Nothing is allocated in it from here on. Allocations that are under way come first. ERROR_REFUSED
 * where it is closed already or its phase was never open. */
bool scheme_close(struct tx *tx, struct uuid trial_id, const char *name, struct uuid account_id,
    const char *reason) MUST_CHECK;

/* Where a reveal stands. */
struct scheme_reveal {
    struct sql_scheme_list_row scheme;
    bool has_closing; /* false: it is not closed, or with its phase only */
    struct sql_scheme_closing_get_row closing;
    struct sql_seed_reveal_list_rows approvals; /* in the order of their time */
};

bool scheme_reveal_read(
    struct tx *tx, struct uuid trial_id, const char *name, struct scheme_reveal *reveal) MUST_CHECK;

/* Is there an approval in that role that stands: whose giver holds the role, or the reveal is
 * whole?
 */
bool scheme_is_approved(const struct scheme_reveal *reveal, enum role role);

/*
 * One person's half of a reveal: ROLE_TRIAL_MANAGER or ROLE_STATISTICIAN, under the trial's lock.
 * ERROR_REFUSED where the scheme still allocates, where the account has approved in either role,
 * somebody else in this one, or somebody in the other who has lost it since. Afterwards `reveal`
 * has the new half.
 */
bool scheme_approve(struct tx *tx, struct uuid trial_id, const char *name, enum role role,
    struct uuid account_id, const char *reason, struct scheme_reveal *reveal) MUST_CHECK;

/* A revealed seed. `seed` is wiped by whoever asked for it. */
struct scheme_seed {
    struct sql_scheme_seed_get_row row;
    struct sql_scheme_versions_rows versions;
    uint8_t seed[SEED_SIZE];
};

/* Opens the seed and leaves a record of who read it. ERROR_REFUSED where it is not revealed,
 * ERROR_NO_MASTER_KEY as seed_open(). */
bool scheme_seed_read(struct tx *tx, struct session *session, struct uuid trial_id,
    const char *name, struct uuid account_id, struct scheme_seed *seed) MUST_CHECK;

#endif
