/*
 * token.c: an account's tokens. A token's text is in the answer that makes it and nowhere else: not
 * in the database, the trail, the log, or an answer kept by key.
 */
#include "api/handlers.h"
#include "base/clock.h"
#include "http/auth.h"
#include "http/body.h"

#define DAY INT64_C(86400000000)
#define DAYS_DEFAULT 90
#define DAYS_MAX 366

#define TOKEN_FIELDS                                                                               \
    {.name = "token_id",                                                                           \
        .type = FIELD_UUID,                                                                        \
        .meaning = "Its number, by which it is revoked; not the token"},                           \
        {.name = "name", .type = FIELD_STRING, .meaning = "What it is for"},                       \
        {.name = "created_at", .type = FIELD_TIME, .meaning = "When it was made"},                 \
        {.name = "expires_at", .type = FIELD_TIME, .meaning = "From when on it is refused"},       \
        {.name = "last_used_at",                                                                   \
            .type = FIELD_TIME,                                                                    \
            .flags = FIELD_NULLABLE,                                                               \
            .meaning = "When it was last used, to a minute; null: never"},                         \
    {                                                                                              \
        .name = "revoked_at", .type = FIELD_TIME, .flags = FIELD_NULLABLE,                         \
        .meaning = "When it was revoked, for good; null: it was not"                               \
    }

const struct field token_answer[] = {
    TOKEN_FIELDS,
    {0},
};

const struct field token_made[] = {
    TOKEN_FIELDS,
    {.name = "token",
        .type = FIELD_STRING,
        .meaning =
            "The token: rctd_ and 49 characters, of which 256 bits are random; shown this once"},
    {0},
};

const struct field token_new[] = {
    {.name = "name",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 100,
        .meaning =
            "What it is for, such as laptop; once among the account's tokens that are not revoked"},
    {.name = "days",
        .type = FIELD_INTEGER,
        .min = 1,
        .max = DAYS_MAX,
        .meaning = "Days from now, of 24 hours, for which it is valid; 90 where expires_at is left "
                   "out too"},
    {.name = "expires_at",
        .type = FIELD_TIME,
        .meaning = "In place of days: from when on it is refused, at most 366 days from now"},
    {0},
};

static json_t *
encode(const struct sql_token_list_row *row)
{
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "token_id", json_id(row->token_id), "name",
        row->name, "created_at", json_time(row->created_at), "expires_at",
        json_time(row->expires_at), "last_used_at", json_opt_time(row->last_used_at), "revoked_at",
        json_opt_time(row->revoked_at));
}

bool
token_list(struct call *call, struct error *error)
{
    struct sql_account_get_row account;
    struct sql_token_list_rows rows;
    if (!account_find(call->tx, call->request->parameters[0], &account) ||
        !sql_token_list(call->tx,
            &(struct sql_token_list){.account_id = account.account_id,
                .after = call->list.after_id,
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].token_id, encode(&rows.rows[i]));
    return list_answer(call);
}

/* When the new token expires; adds a fault where the body's wish cannot be. */
static int64_t
read_expiry(struct call *call)
{
    const char *wanted = call_text(call, "expires_at");
    bool has_days = json_object_get(call->body, "days") != NULL;
    int64_t now = clock_now(), expires_at = 0;
    if (wanted == NULL)
        return now + (has_days ? call_number(call, "days") : DAYS_DEFAULT) * DAY;
    if (has_days)
        faults_add(&call->faults, "/expires_at", 0, 0, "leave one out", "is given beside days");
    else if (!clock_parse(wanted, &expires_at) || expires_at <= now)
        faults_add(
            &call->faults, "/expires_at", 0, 0, "a time in the future", "has passed already");
    else if (expires_at > now + DAYS_MAX * DAY)
        faults_add(
            &call->faults, "/expires_at", 0, 0, "at most 366 days from now", "is too far ahead");
    return expires_at;
}

static bool
answer_made(struct call *call, struct uuid account_id, struct uuid token_id, const char *token,
    struct error *error)
{
    struct sql_token_list_row row;
    bool found;
    if (!sql_token_get(call->tx,
            &(struct sql_token_get){.account_id = account_id, .token_id = token_id}, &row, &found))
        return call_failed(call, error);
    json_t *json = encode(&row);
    json_object_set_new(json, "token", json_string(token));
    return call_answer(call, 201, json);
}

bool
token_add(struct call *call, struct error *error)
{
    char token[AUTH_TOKEN_SIZE];
    struct uuid token_id = uuid_new();
    struct sql_account_get_row account;
    const char *name = call_text(call, "name");
    int64_t expires_at = read_expiry(call);
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    if (!account_find(call->tx, call->request->parameters[0], &account))
        return call_failed(call, error);
    if (account.disabled_at.set)
        return error_set(error, ERROR_REFUSED, "account",
            "The account %s is disabled; enable it first", account.name);
    auth_token_new(token);
    if (!account_add_token(
            call->tx, account.account_id, token_id, name, auth_token_hash(token), expires_at))
        return call_failed(call, error);
    return answer_made(call, account.account_id, token_id, token, error);
}

bool
token_revoke(struct call *call, struct error *error)
{
    struct uuid token_id;
    struct sql_account_get_row account;
    struct sql_token_list_row row;
    if (!account_find(call->tx, call->request->parameters[0], &account))
        return call_failed(call, error);
    if (!uuid_parse(call->request->parameters[1], &token_id))
        return error_set(error, ERROR_NOT_FOUND, "token",
            "A token is named by its number, a UUID; the list shows it");
    if (!account_revoke_token(call->tx, account.account_id, token_id, &row))
        return call_failed(call, error);
    return call_answer(call, 200, encode(&row));
}
