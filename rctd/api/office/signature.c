/*
 * signature.c: signatures of requests and their list; passwords, which are for signing alone.
 */
#include "api/office/signature.h"

#include "api/handlers.h"
#include "base/password.h"
#include "http/auth.h"
#include "http/body.h"
#include "store/signature.h"

/* clang-format off */
#define PASSWORD_FIELD(field_name, field_flags, field_meaning) \
    { .name = (field_name), .type = FIELD_STRING, .flags = FIELD_SECRET | (field_flags), .min = 1, \
        .max = 1000, .meaning = (field_meaning) }
/* clang-format on */

const struct field signature_fields[] = {
    PASSWORD_FIELD("password", FIELD_REQUIRED, "Your account's password, again"),
    {.name = "meaning",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 200,
        .meaning = "What your signature means, such as approval or responsibility"},
    {0},
};

const struct field password_new[] = {
    PASSWORD_FIELD("password", FIELD_REQUIRED,
        "12 characters or more, and not the account's name; it signs, and lets nobody in"),
    PASSWORD_FIELD("current", 0, "The password until now, where the account has one"),
    PASSWORD_FIELD("code", 0,
        "Where the account has none yet: the one-time code that an administrator has made for it"),
    {.name = "end_tokens",
        .type = FIELD_BOOLEAN,
        .meaning = "true: every other token of the account ends, such as one that was stolen"},
    {0},
};

const struct field password_answer[] = {
    {.name = "account", .type = FIELD_STRING, .meaning = "Whose password it is"},
    {.name = "password_set",
        .type = FIELD_BOOLEAN,
        .meaning = "Whether the account has a password to sign with"},
    {0},
};

const struct field signature_answer[] = {
    {.name = "signature", .type = FIELD_UUID, .meaning = "Its number"},
    {.name = "account", .type = FIELD_STRING, .meaning = "The account that signed"},
    {.name = "printed_name",
        .type = FIELD_STRING,
        .meaning = "The signer's name as it was then (21 CFR 11.50)"},
    {.name = "role", .type = FIELD_STRING, .meaning = "The role that it was signed in"},
    {.name = "action", .type = FIELD_STRING, .meaning = "What was done: lock, reveal, unblind ..."},
    {.name = "object", .type = FIELD_STRING, .meaning = "To what, such as protocol/2"},
    {.name = "sha256",
        .type = FIELD_STRING,
        .meaning = "Of the record that was signed: of a lock the protocol's document, of a reveal "
                   "the scheme's commitment; 64 hex digits"},
    {.name = "meaning", .type = FIELD_STRING, .meaning = "What the signature means"},
    {.name = "signed_at", .type = FIELD_TIME, .meaning = "When, by the trial's clock"},
    {.name = "request",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The request that it came in, as the trail and the log have it"},
    {0},
};

/* An answer that is committed with its record of the attempt. */
static bool
refuse(struct call *call, const char *sentence)
{
    struct error refusal = ERROR_CLEAR;
    error_set(&refusal, ERROR_SIGNATURE, "signature", "%s", sentence);
    http_problem(call->request, call->response, &refusal, NULL);
    call->refused = true;
    return true;
}

static const char *
text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool
call_sign(struct call *call, const struct call_signing *signing, bool *done, struct error *error)
{
    bool required, right;
    const json_t *given = json_object_get(call->body, "signature");
    *done = false;
    if (!signature_required(call->tx, call->trial_id, signing->action, signing->version, &required))
        return call_failed(call, error);
    if (given == NULL && required)
        return error_set(error, ERROR_SIGNATURE, "signature",
            "The trial's protocol wants this signed: send `signature` with your password and what "
            "the signature means");
    if (given == NULL)
        return true;
    const struct signature_wish wish = {
        .trial_id = call->trial_id,
        .account_id = call->caller.account_id,
        .role = call->role,
        .action = signing->action,
        .object = signing->object,
        .record = signing->record,
        .password = text_of(given, "password"),
        .meaning = text_of(given, "meaning"),
        .remote = call->request->remote,
    };
    if (!signature_make(call->tx, &wish, &right))
        return call_failed(call, error);
    *done = !right;
    return right || refuse(call, "Nothing is signed or changed: the password is not right, or the "
                                 "account has none. `rctctl password' sets one");
}

static bool
answer_password(struct call *call, const char *account, bool set)
{
    return call_answer(call, 200, json_pack("{s:s, s:b}", "account", account, "password_set", set));
}

/* The password until now, or where there is none, an administrator's code: whoever has found a
 * token does not make it sign. */
static bool
check_proof(struct call *call, bool *has, bool *right)
{
    struct sql_password_present_row row;
    if (!sql_password_present(call->tx, &row))
        return false;
    *has = row.present;
    const char *proof = call_text(call, row.present ? "current" : "code");
    const struct signature_wish wish = {
        .account_id = call->caller.account_id,
        .action = "password",
        .object = "account",
        .password = proof == NULL ? "" : proof,
        .remote = call->request->remote,
    };
    return row.present ? signature_check(call->tx, &wish, right)
                       : signature_check_code(call->tx, &wish, right);
}

bool
password_set(struct call *call, struct error *error)
{
    bool has, right;
    struct digest token;
    const char *password = call_text(call, "password");
    const char *wrong = password_fault(password, call->caller.name, call->caller.display);
    if (wrong != NULL)
        return call_fault(call, error, "/password", "four words that nobody would guess",
            "The password %s", wrong);
    if (!auth_request(call->request, &token, error))
        return false;
    if (!check_proof(call, &has, &right))
        return call_failed(call, error);
    if (!right && !has && call_text(call, "code") != NULL)
        return refuse(call,
            "The password is not set: that one-time code is not the account's, was used already, "
            "is "
            "older than a day, or a newer one took its place. An administrator makes another with "
            "`rctctl account password-code'");
    if (!right)
        return refuse(call,
            has ? "The password is not changed: the one until now is not right. An administrator "
                  "can take it away, and then you set a new one with a code from them"
                : "The password is not set: the first one takes a one-time code. An administrator "
                  "makes it with `rctctl account password-code', and it is good for a day");
    if (!signature_set_password(call->tx, password, has ? NULL : call_text(call, "code"),
            json_is_true(json_object_get(call->body, "end_tokens")), token))
        return call_failed(call, error);
    return answer_password(call, call->caller.name, true);
}

const struct field password_code_answer[] = {
    {.name = "account", .type = FIELD_STRING, .meaning = "For whose first password it is"},
    {.name = "code",
        .type = FIELD_STRING,
        .meaning = "The code, this once; tell it to the person in another way than their token"},
    {.name = "expires_at", .type = FIELD_TIME, .meaning = "Until when it is good"},
    {0},
};

bool
password_code_add(struct call *call, struct error *error)
{
    struct sql_account_get_row account;
    char code[PASSWORD_CODE_SIZE];
    int64_t expires_at;
    if (!account_find(call->tx, call->request->parameters[0], &account) ||
        !signature_new_code(call->tx, account.account_id, code, &expires_at))
        return call_failed(call, error);
    return call_answer(call, 201,
        json_pack("{s:s, s:s, s:o}", "account", account.name, "code", code, "expires_at",
            json_time(expires_at)));
}

bool
password_remove(struct call *call, struct error *error)
{
    struct sql_account_get_row account;
    if (!account_find(call->tx, call->request->parameters[0], &account) ||
        !sql_password_clear(
            call->tx, &(struct sql_password_clear){.account_id = account.account_id}, NULL))
        return call_failed(call, error);
    return answer_password(call, account.name, false);
}

static json_t *
encode(const struct sql_signature_list_row *row)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:s?}", "signature",
        json_id(row->signature_id), "account", row->account, "printed_name", row->printed_name,
        "role", row->role, "action", row->action, "object", row->object, "sha256",
        json_hex(row->sha256.data, row->sha256.size), "meaning", row->meaning, "signed_at",
        json_time(row->signed_at), "request", row->request_id);
}

bool
signature_list(struct call *call, struct error *error)
{
    struct sql_signature_list_rows rows;
    if (!sql_signature_list(call->tx,
            &(struct sql_signature_list){
                .trial_id = call->trial_id, .after = call->list.after_id, .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].signature_id, encode(&rows.rows[i]));
    return list_answer(call);
}
