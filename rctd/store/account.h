/*
 * account.h: who asks: accounts, their tokens and their roles.
 */
#ifndef RCTD_STORE_ACCOUNT_H
#define RCTD_STORE_ACCOUNT_H

#include "base/compiler.h"
#include "base/digest.h"
#include "db/statement.h"
#include "trial/person.h"
#include "trial/role.h"

#include <stdbool.h>

/* A role that the caller holds on the trial of the request, or on the instance. */
struct caller_grant {
    enum role role;
    bool instance;
    const char *county;   /* NULL: every county */
    const char *site;     /* NULL: every site */
    enum purpose purpose; /* of an identity reader; PURPOSE_COUNT else */
};

/* Who asks, and about which trial. Lives in the transaction's arena. */
struct caller {
    struct uuid account_id;
    const char *name;
    const char *display;
    const char *organisation;
    struct caller_grant *grants;
    size_t grant_count;
    bool has_trial; /* the trial that was named exists */
    struct uuid trial_id;
    const char *time_zone;
    const char *trial_state;
    int64_t token_expires_at;
    struct opt_uuid unnoted_token; /* set: its use was not noted in the last minute */
};

/*
 * Finds the account of a token by the token's hash, with its roles on the instance and on the trial
 * of that name ("" for none). ERROR_UNAUTHENTICATED for a token that is unknown, expired or revoked
 * or whose account is disabled; all are looked at in this transaction, so that a revocation holds
 * at once.
 */
bool account_authenticate(
    struct tx *tx, struct digest token, const char *trial, struct caller *caller) MUST_CHECK;

bool account_note_use(struct tx *tx, struct uuid token_id) MUST_CHECK;

/* Counts a failed attempt from an address; true when there were too many in ten minutes. */
bool account_failed(struct tx *tx, const char *remote);

/* ERROR_NOT_FOUND where there is no account of that name. */
bool account_find(struct tx *tx, const char *name, struct sql_account_get_row *account) MUST_CHECK;

/* A new account. ERROR_CONFLICT when the name is taken, ERROR_FIELDS when it is none; see
 * account_name_is_good(). */
bool account_create(struct tx *tx, struct uuid account_id, const char *name, const char *display,
    const char *organisation) MUST_CHECK;

/* 1 to 63 of a-z 0-9 _ . @ + -, a letter or digit first, and not "rctd": so the daemon signs the
 * trail. */
bool account_name_is_good(const char *name);

#define ACCOUNT_NAME_REMEDY                                                                        \
    "1 to 63 of the characters a-z 0-9 _ . @ + - with a letter or digit first; rctd is taken"

/* Changes an account that was read with this version. ERROR_STALE when somebody else was faster;
 * ERROR_REFUSED for the last administrator's account. */
bool account_save(struct tx *tx, const struct sql_account_get_row *account, const char *display,
    const char *organisation, bool disabled) MUST_CHECK;

/* A new token; the caller keeps its text. ERROR_CONFLICT when the account has one of that name. */
bool account_add_token(struct tx *tx, struct uuid account_id, struct uuid token_id,
    const char *name, struct digest hash, int64_t expires_at) MUST_CHECK;

/* Revokes a token or a role for good and gives it as it is now; again is no error. ERROR_NOT_FOUND;
 * ERROR_REFUSED for the last administrator's role. */
bool account_revoke_token(struct tx *tx, struct uuid account_id, struct uuid token_id,
    struct sql_token_list_row *token) MUST_CHECK;
bool account_revoke_grant(struct tx *tx, struct uuid account_id, struct uuid grant_id,
    struct sql_grant_list_row *grant) MUST_CHECK;

/* Gives a role. trial_id is nil for a role of the instance. Refuses what nobody may be at once: who
 * defines a trial's sequence, or can read its method and block sizes, does not enrol in it (SPIRIT
 * 2025 21-24); who analyses or audits by pseudonym does not read identities. `purpose` is an
 * identity reader's, else PURPOSE_COUNT. ERROR_CONFLICT where the account has the role already. */
bool account_add_grant(struct tx *tx, struct uuid trial_id, struct uuid grant_id,
    struct uuid account_id, enum role role, const char *county, const char *site,
    enum purpose purpose, const char *reason) MUST_CHECK;

/*
 * Makes the instance's first administrator, with a token. ERROR_CONFLICT while there is one who can
 * log in. Where every administrator's token has expired or was revoked, this is the way back in: an
 * enabled administrator of that name gets a new token, else a new account is made.
 */
bool account_first_administrator(
    struct tx *tx, const char *name, struct digest token, int64_t expires_at) MUST_CHECK;

#endif
