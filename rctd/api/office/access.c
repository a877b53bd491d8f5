/*
 * access.c: reviews of who may do what (EU GMP Annex 11 12.3; ICH E6(R3) 4.3.3), on a trial or the
 * whole instance. Each look is a record of its own.
 */
#include "api/handlers.h"

#include "http/body.h"

#define UNUSED_DAYS_DEFAULT 90

const struct field access_query[] = {
    {.name = "since",
        .type = FIELD_DATE,
        .meaning = "With roles that were given or taken back since this day, in UTC"},
    {.name = "unused_days",
        .type = FIELD_INTEGER,
        .min = 1,
        .max = 3660,
        .meaning = "Flags accounts that were not used for so many days; 90 where left out"},
    {0},
};

const struct field access_answer[] = {
    {.name = "account", .type = FIELD_STRING, .meaning = "The account"},
    {.name = "display", .type = FIELD_STRING, .meaning = "The name of the person or machine"},
    {.name = "organisation", .type = FIELD_STRING, .meaning = "Where they work; may be empty"},
    {.name = "role",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The role; null: the account has none"},
    {.name = "trial",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "Where; null for a role of the whole instance, which reaches into every trial"},
    {.name = "county",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Only workplaces of this county"},
    {.name = "site",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Only workplaces of this site"},
    {.name = "purpose",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "What identities may be read for"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Why the role was given"},
    {.name = "granted_at", .type = FIELD_TIME, .flags = FIELD_NULLABLE, .meaning = "Since when"},
    {.name = "granted_by",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "By whom, as the trail has it"},
    {.name = "revoked_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When it was taken back; only with since="},
    {.name = "revoked_by", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "By whom"},
    {.name = "change",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = (const char *const[]){"given", "taken back", "given and taken back", NULL},
        .meaning = "What happened to it since that day"},
    {.name = "disabled_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "Since when the account is disabled"},
    {.name = "last_used_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When one of the account's tokens was last used, to a minute; null: never"},
    {.name = "live_tokens",
        .type = FIELD_INTEGER,
        .meaning = "Its tokens that are neither expired nor revoked"},
    {.name = "tokens_expire_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the last of them expires"},
    {.name = "password_set_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "Since when it has the password that it signs with; null: none"},
    {.name = "enrolments_refused",
        .type = FIELD_INTEGER,
        .meaning = "People whom the account would have enrolled there within unused_days and who "
                   "were registered already: trying numbers tells who takes part"},
    {.name = "look_at",
        .type = FIELD_ARRAY,
        .choices = (const char *const[]){"unused", "never-used", "disabled", "no-token", "no-role",
            "many-refused", "trial-closed", NULL},
        .meaning = "Why the account may not need the role: not used for so long, never used, "
                   "disabled, without a token that could use it, with a token and no role, refused "
                   "more than ten enrolments, or on a trial that is closed"},
    {0},
};

const struct field access_review_answer[] = {
    {.name = "review", .type = FIELD_UUID, .meaning = "Its number"},
    {.name = "account", .type = FIELD_STRING, .meaning = "Who looked"},
    {.name = "role", .type = FIELD_STRING, .meaning = "In which role"},
    {.name = "reviewed_at", .type = FIELD_TIME, .meaning = "When"},
    {.name = "unused_days", .type = FIELD_INTEGER, .meaning = "What was asked for"},
    {.name = "since", .type = FIELD_DATE, .flags = FIELD_NULLABLE, .meaning = "What was asked for"},
    {.name = "shown", .type = FIELD_INTEGER, .meaning = "How many rows were shown"},
    {.name = "flagged",
        .type = FIELD_INTEGER,
        .meaning = "How many of them had something to look at"},
    {0},
};

static json_t *
encode(const struct sql_access_list_row *row, json_t *look_at)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "account",
        row->account, "display", row->display, "organisation", row->organisation, "role", row->role,
        "trial", row->trial, "county", row->county, "site", row->site, "purpose", row->purpose,
        "reason", row->reason);
    json_t *more = json_pack("{s:o, s:s?, s:o, s:s?, s:s?, s:o, s:o, s:I, s:o, s:o, s:I, s:o}",
        "granted_at", json_opt_time(row->granted_at), "granted_by", row->granted_by, "revoked_at",
        json_opt_time(row->revoked_at), "revoked_by", row->revoked_by, "change", row->change,
        "disabled_at", json_opt_time(row->disabled_at), "last_used_at",
        json_opt_time(row->last_used_at), "live_tokens", (json_int_t)row->live_tokens,
        "tokens_expire_at", json_opt_time(row->tokens_expire_at), "password_set_at",
        json_opt_time(row->password_set_at), "enrolments_refused",
        (json_int_t)row->enrolments_refused, "look_at", look_at);
    json_object_update(json, more);
    json_decref(more);
    return json;
}

/* Who has looked, at how much. */
static bool
leave_record(struct call *call, const struct sql_access_list *asked, size_t shown, size_t flagged)
{
    return sql_access_review_insert(call->tx,
        &(struct sql_access_review_insert){.trial_id = asked->trial_id,
            .review_id = uuid_new(),
            .account_id = call->caller.account_id,
            .role = role_name(call->role),
            .unused_days = asked->unused_days,
            .since = asked->since,
            .shown = (int32_t)shown,
            .flagged = (int32_t)flagged},
        NULL);
}

bool
access_list(struct call *call, struct error *error)
{
    struct sql_access_list_rows rows;
    long long unused_days = UNUSED_DAYS_DEFAULT;
    const char *days = http_query(call->request, "unused_days");
    if (days != NULL && !text_to_int64(days, &unused_days))
        unused_days = UNUSED_DAYS_DEFAULT; /* the query's own check has let whole numbers through */
    const struct sql_access_list asked = {.trial_id = call->trial_id,
        .since = http_query(call->request, "since"),
        .unused_days = (int32_t)unused_days,
        .after = call->list.after_id,
        .most = call->list.most};
    if (!sql_access_list(call->tx, &asked, &rows))
        return call_failed(call, error);
    size_t flagged = 0, shown = 0;
    for (size_t i = 0; i < rows.count; i++) {
        json_t *look_at = json_stored(rows.rows[i].look_at);
        bool flag = json_array_size(look_at) > 0;
        if (!list_add_id(call, rows.rows[i].place, encode(&rows.rows[i], look_at)))
            break;
        shown++;
        flagged += flag;
    }
    if (!leave_record(call, &asked, shown, flagged))
        return call_failed(call, error);
    return list_answer(call);
}

bool
access_review_list(struct call *call, struct error *error)
{
    struct sql_access_review_list_rows rows;
    if (!sql_access_review_list(call->tx,
            &(struct sql_access_review_list){.trial_id = call->trial_id,
                .before = {call->list.after[0] != '\0', call->list.after_id},
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_access_review_list_row *row = &rows.rows[i];
        list_add_id(call, row->review_id,
            json_pack("{s:o, s:s, s:s, s:o, s:i, s:s?, s:i, s:i}", "review",
                json_id(row->review_id), "account", row->account, "role", row->role, "reviewed_at",
                json_time(row->reviewed_at), "unused_days", row->unused_days, "since", row->since,
                "shown", row->shown, "flagged", row->flagged));
    }
    return list_answer(call);
}
