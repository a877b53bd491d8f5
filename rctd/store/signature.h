/*
 * signature.h: electronic signatures (21 CFR 11.50, 11.200): the password again, with what the
 * signature means, of one object whose SHA-256 is kept with it. The protocol's key `signatures`
 * says what is not done without one; the database holds the same and looks for the signature in the
 * transaction of what is signed.
 *
 * Actions are words of the protocol: lock, reveal, unblind, dsmb-release. Objects are "protocol/2",
 * "scheme/rct", "unit/W0001".
 */
#ifndef RCTD_STORE_SIGNATURE_H
#define RCTD_STORE_SIGNATURE_H

#include "base/compiler.h"
#include "base/digest.h"
#include "base/password.h"
#include "db/statement.h"
#include "trial/role.h"

#include <stdbool.h>

/* Does the version in force want the action signed; or, where `version` is not 0, that version? */
bool signature_required(struct tx *tx, struct uuid trial_id, const char *action, int version,
    bool *required) MUST_CHECK;

struct signature_wish {
    struct uuid trial_id; /* nil for a change of the password itself */
    struct uuid account_id;
    enum role role;
    const char *action;
    const char *object;
    struct digest record;
    const char *password; /* the caller's, who wipes it */
    const char *meaning;
    const char *remote; /* the address that it comes from */
};

/*
 * Signs in this transaction, which does what is signed as well. Takes the time of Argon2id. True
 * with `*right` false: the password is wrong or the account has none; a record of that is in the
 * transaction, which the caller commits, doing nothing else in it. ERROR_RATE_LIMITED after too
 * many wrong ones of the account or from the address.
 */
bool signature_make(struct tx *tx, const struct signature_wish *wish, bool *right) MUST_CHECK;

/* The first half of signature_make() alone: is it the acting account's password? */
bool signature_check(struct tx *tx, const struct signature_wish *wish, bool *right) MUST_CHECK;

/*
 * Sets the acting account's password, a first one with the one-time code of an administrator
 * (signature_check_code() has said that it is right; NULL where there is a password). `others_end`:
 * its tokens end, but the one with that hash.
 */
bool signature_set_password(struct tx *tx, const char *password, const char *code, bool others_end,
    struct digest token) MUST_CHECK;

/* As signature_check(), of `wish->password` as the account's one-time code. */
bool signature_check_code(struct tx *tx, const struct signature_wish *wish, bool *right) MUST_CHECK;

/* A new one-time code for an account that has no password yet; ERROR_REFUSED for one's own. */
bool signature_new_code(struct tx *tx, struct uuid account_id, char code[PASSWORD_CODE_SIZE],
    int64_t *expires_at) MUST_CHECK;

#endif
