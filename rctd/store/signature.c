/*
 * signature.c: holds a password against the account's, counts what was wrong, and signs. The
 * database keeps hashes where no role reads them and gives each account its own.
 */
#include "store/signature.h"

#include <sodium.h>

/* Wrong passwords in ten minutes, after which none is looked at: of an account; from an address,
 * behind which a whole office may sit. */
#define WRONG_OF_ACCOUNT 5
#define WRONG_FROM_ADDRESS 30

bool
signature_required(
    struct tx *tx, struct uuid trial_id, const char *action, int version, bool *required)
{
    struct sql_signature_needed_row row;
    bool done = sql_signature_needed(tx,
        &(struct sql_signature_needed){
            .trial_id = trial_id, .action = action, .version = {version > 0, version}},
        &row);
    *required = row.needed;
    return done;
}

/* Counts the attempt before what was typed is looked at. */
static bool
count(struct tx *tx, const struct signature_wish *wish, struct sql_password_attempt_row *row)
{
    if (!sql_password_attempt(tx, &(struct sql_password_attempt){.remote = wish->remote}, row))
        return false;
    return (row->of_account <= WRONG_OF_ACCOUNT && row->of_remote <= WRONG_FROM_ADDRESS) ||
           tx_fail(tx, ERROR_RATE_LIMITED,
               "Too many wrong passwords; nothing is signed for ten minutes. Your token stays "
               "good");
}

/* A right one is not counted, a wrong one is written down. */
static bool
note(struct tx *tx, const struct signature_wish *wish, bool right)
{
    if (right)
        return sql_password_right(tx, &(struct sql_password_right){.remote = wish->remote}, NULL);
    return sql_signature_refusal_insert(tx,
        &(struct sql_signature_refusal_insert){.trial_id = wish->trial_id,
            .refusal_id = uuid_new(),
            .account_id = wish->account_id,
            .action = wish->action,
            .object = wish->object,
            .remote = wish->remote},
        NULL);
}

bool
signature_check(struct tx *tx, const struct signature_wish *wish, bool *right)
{
    struct sql_password_attempt_row row;
    *right = false;
    if (!count(tx, wish, &row))
        return false;
    *right = password_is_right(row.hash, wish->password);
    return note(tx, wish, *right);
}

bool
signature_check_code(struct tx *tx, const struct signature_wish *wish, bool *right)
{
    struct sql_password_attempt_row row;
    struct sql_password_code_right_row code;
    struct digest hash = password_code_hash(wish->password);
    *right = false;
    if (!count(tx, wish, &row) ||
        !sql_password_code_right(
            tx, &(struct sql_password_code_right){.hash = {hash.bytes, sizeof hash.bytes}}, &code))
        return false;
    *right = code.fits;
    return note(tx, wish, *right);
}

bool
signature_new_code(
    struct tx *tx, struct uuid account_id, char code[PASSWORD_CODE_SIZE], int64_t *expires_at)
{
    struct sql_password_code_put_row row;
    password_code_new(code);
    struct digest hash = password_code_hash(code);
    if (!sql_password_code_put(tx,
            &(struct sql_password_code_put){
                .account_id = account_id, .hash = {hash.bytes, sizeof hash.bytes}},
            &row))
        return tx_explain(tx, "another_makes_the_code", ERROR_REFUSED,
            "Nobody makes the code for their own password: another administrator does");
    *expires_at = row.expires_at;
    return true;
}

bool
signature_make(struct tx *tx, const struct signature_wish *wish, bool *right)
{
    if (!signature_check(tx, wish, right))
        return false;
    if (!*right)
        return true;
    return sql_signature_insert(tx,
        &(struct sql_signature_insert){.trial_id = wish->trial_id,
            .signature_id = uuid_new(),
            .account_id = wish->account_id,
            .role = role_name(wish->role),
            .action = wish->action,
            .object = wish->object,
            .sha256 = {wish->record.bytes, sizeof wish->record.bytes},
            .meaning = wish->meaning},
        NULL);
}

bool
signature_set_password(
    struct tx *tx, const char *password, const char *code, bool others_end, struct digest token)
{
    char hash[PASSWORD_HASH_SIZE];
    struct error error = ERROR_CLEAR;
    struct digest proof = password_code_hash(code == NULL ? "" : code);
    if (!password_hash(password, hash, &error))
        return tx_fail(tx, error.code, "%s", error.detail);
    bool set = sql_password_put(tx,
        &(struct sql_password_put){.hash = hash,
            .code = {code == NULL ? NULL : proof.bytes, code == NULL ? 0 : sizeof proof.bytes},
            .end_tokens = others_end,
            .token = {token.bytes, sizeof token.bytes}},
        NULL);
    sodium_memzero(hash, sizeof hash);
    return set;
}
