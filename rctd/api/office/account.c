/*
 * account.c: accounts: made, disabled and listed by administrators; and what a token tells of
 * itself.
 */
#include "api/handlers.h"
#include "http/body.h"
#include "http/etag.h"

static const struct field held_role[] = {
    {.name = "role", .type = FIELD_STRING, .meaning = "The role's name"},
    {.name = "trial",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "The trial that it is held on; null for a role of the whole instance"},
    {.name = "county",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Only workplaces of this county; null: every county"},
    {.name = "site",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Only workplaces of this site; null: every site"},
    {.name = "purpose",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "What an identity-reader may read identities for; null for other roles"},
    {0},
};

const struct field me_answer[] = {
    {.name = "name", .type = FIELD_STRING, .meaning = "The account's name"},
    {.name = "display", .type = FIELD_STRING, .meaning = "The name of the person or machine"},
    {.name = "organisation", .type = FIELD_STRING, .meaning = "Where they work; may be empty"},
    {.name = "roles",
        .type = FIELD_ARRAY,
        .children = held_role,
        .meaning = "The roles that it holds now"},
    {.name = "token_expires_at",
        .type = FIELD_TIME,
        .meaning = "When the token of this request ceases to be taken, by the server's clock"},
    {.name = "unread", .type = FIELD_INTEGER, .meaning = "Notices that wait to be read"},
    {.name = "password_set",
        .type = FIELD_BOOLEAN,
        .meaning = "Whether the account has a password to sign with"},
    {0},
};

const struct field account_answer[] = {
    {.name = "account_id",
        .type = FIELD_UUID,
        .meaning = "Its number, by which the trail names its stream"},
    {.name = "name",
        .type = FIELD_STRING,
        .meaning = "The account's name in addresses and in the trail; never changes"},
    {.name = "display", .type = FIELD_STRING, .meaning = "The name of the person or machine"},
    {.name = "organisation", .type = FIELD_STRING, .meaning = "Where they work; may be empty"},
    {.name = "disabled_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "Since when its tokens are refused; null while it is enabled"},
    {.name = "roles",
        .type = FIELD_ARRAY,
        .children = held_role,
        .meaning = "The roles that it holds now"},
    {.name = "last_used_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When one of its tokens was last used, to a minute; null: never"},
    {.name = "created_at", .type = FIELD_TIME, .meaning = "When it was made"},
    {0},
};

const struct field account_new[] = {
    {.name = "name",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 63,
        .meaning = "1 to 63 of a-z 0-9 _ . @ + - with a letter or digit first; one account for "
                   "each person"},
    {.name = "display",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 200,
        .meaning = "The name of the person or machine, as the list of accounts shows it"},
    {.name = "organisation",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .max = 200,
        .meaning = "Where they work; stands in the trail with what they do"},
    {0},
};

const struct field account_changes[] = {
    {.name = "display",
        .type = FIELD_STRING,
        .min = 1,
        .max = 200,
        .meaning = "The name of the person or machine"},
    {.name = "organisation",
        .type = FIELD_STRING,
        .max = 200,
        .meaning = "Where they work; may be empty"},
    {.name = "disabled",
        .type = FIELD_BOOLEAN,
        .meaning = "true: its tokens are refused at once; false: those that are still valid are "
                   "taken again"},
    {0},
};

bool
me_show(struct call *call, struct error *error)
{
    struct sql_account_roles_rows roles;
    struct sql_notice_unread_row notices;
    struct sql_password_present_row password;
    if (!sql_account_roles(
            call->tx, &(struct sql_account_roles){.account_id = call->caller.account_id}, &roles) ||
        !sql_notice_unread(call->tx, &notices) || !sql_password_present(call->tx, &password))
        return call_failed(call, error);
    json_t *list = json_array();
    for (size_t i = 0; i < roles.count; i++) {
        const struct sql_account_roles_row *row = &roles.rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "role", row->role, "trial", row->trial,
                      "county", row->county, "site", row->site, "purpose", row->purpose));
    }
    return call_answer(call, 200,
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:b}", "name", call->caller.name, "display",
            call->caller.display, "organisation", call->caller.organisation, "roles", list,
            "token_expires_at", json_time(call->caller.token_expires_at), "unread",
            (json_int_t)notices.unread, "password_set", password.present));
}

bool
account_list(struct call *call, struct error *error)
{
    struct sql_account_list_rows rows;
    if (!sql_account_list(call->tx,
            &(struct sql_account_list){.after = call->list.after, .most = call->list.most}, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_account_list_row *row = &rows.rows[i];
        list_add(call, row->name,
            json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "account_id",
                json_id(row->account_id), "name", row->name, "display", row->display,
                "organisation", row->organisation, "disabled_at", json_opt_time(row->disabled_at),
                "roles", json_stored(row->roles), "last_used_at", json_opt_time(row->last_used_at),
                "created_at", json_time(row->created_at)));
    }
    return list_answer(call);
}

static bool
answer_account(struct call *call, int status, const char *name, struct error *error)
{
    struct sql_account_get_row row;
    if (!account_find(call->tx, name, &row))
        return call_failed(call, error);
    etag_add(call->response, etag_version(call->arena, row.version));
    return call_answer(call, status,
        json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "account_id", json_id(row.account_id),
            "name", row.name, "display", row.display, "organisation", row.organisation,
            "disabled_at", json_opt_time(row.disabled_at), "roles", json_stored(row.roles),
            "last_used_at", json_opt_time(row.last_used_at), "created_at",
            json_time(row.created_at)));
}

bool
account_add(struct call *call, struct error *error)
{
    const char *name = call_text(call, "name");
    const char *organisation = call_text(call, "organisation");
    if (!account_name_is_good(name))
        faults_add(
            &call->faults, "/name", 0, 0, ACCOUNT_NAME_REMEDY, "is not a name for an account");
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    if (!account_create(call->tx, uuid_new(), name, call_text(call, "display"),
            organisation == NULL ? "" : organisation))
        return call_failed(call, error);
    return answer_account(call, 201, name, error);
}

bool
account_show(struct call *call, struct error *error)
{
    return answer_account(call, 200, call->request->parameters[0], error);
}

/* The account as the body wants it. False when that is what it is already. */
static bool
apply(const struct call *call, const struct sql_account_get_row *account, const char **display,
    const char **organisation, bool *disabled)
{
    bool was_disabled = account->disabled_at.set;
    *display = call_text(call, "display");
    *organisation = call_text(call, "organisation");
    *disabled = json_object_get(call->body, "disabled") == NULL ? was_disabled
                                                                : call_flag(call, "disabled");
    if (*display == NULL)
        *display = account->display;
    if (*organisation == NULL)
        *organisation = account->organisation;
    return *disabled != was_disabled || !text_equal(*display, account->display) ||
           !text_equal(*organisation, account->organisation);
}

bool
account_patch(struct call *call, struct error *error)
{
    const char *name = call->request->parameters[0], *display, *organisation;
    struct sql_account_get_row account;
    bool disabled;
    if (!account_find(call->tx, name, &account))
        return call_failed(call, error);
    if (!etag_if_match(call->request, etag_version(call->arena, account.version), error))
        return false;
    if (json_object_size(call->body) == 0)
        faults_add(&call->faults, "", 0, 0, "display, organisation or disabled", "changes nothing");
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    if (apply(call, &account, &display, &organisation, &disabled) &&
        !account_save(call->tx, &account, display, organisation, disabled))
        return call_failed(call, error);
    return answer_account(call, 200, name, error);
}
