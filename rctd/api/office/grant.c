/*
 * grant.c: which roles an account holds. A role is given on one trial, or on the whole instance; it
 * is never changed, only revoked and given anew, so that the list is the history.
 */
#include "api/handlers.h"
#include "http/body.h"

#define ROLE_NAME(name, text, sight) text,
static const char *const role_names[] = {ROLES(ROLE_NAME) NULL};
#undef ROLE_NAME

#define PURPOSE_NAME(name, text, action, fields) text,
static const char *const purpose_names[] = {PURPOSES(PURPOSE_NAME) NULL};
#undef PURPOSE_NAME

const struct field grant_answer[] = {
    {.name = "grant", .type = FIELD_UUID, .meaning = "Its number, by which it is revoked"},
    {.name = "role", .type = FIELD_STRING, .choices = role_names, .meaning = "The role"},
    {.name = "trial",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning = "The trial; null for a role of the whole instance"},
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
        .choices = purpose_names,
        .meaning = "What an identity-reader may read identities for; null for other roles"},
    {.name = "reason", .type = FIELD_STRING, .meaning = "Why it was given"},
    {.name = "granted_at", .type = FIELD_TIME, .meaning = "Since when"},
    {.name = "revoked_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "Until when; null: it is held now"},
    {0},
};

const struct field grant_new[] = {
    {.name = "role",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = role_names,
        .meaning = "The role; a coordinator of a trial is not its trial-manager, statistician or "
                   "auditor (SPIRIT 2025 21-24)"},
    {.name = "trial",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_NULLABLE,
        .meaning =
            "The trial; left out for an administrator, and for an auditor of the whole instance"},
    {.name = "county",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .min = 1,
        .max = 200,
        .meaning = "Only workplaces of this county: for coordinator, researcher, interviewer and "
                   "identity-reader"},
    {.name = "site",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .min = 1,
        .max = 200,
        .meaning = "Only workplaces of this site: for coordinator, researcher, interviewer and "
                   "identity-reader"},
    {.name = "purpose",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = purpose_names,
        .meaning = "What an identity-reader may read identities for: contact (name, phone, e-mail, "
                   "address), linkage (number), verification (number and name) or safety (all)"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "Why; stands in the trail"},
    {0},
};

static json_t *
encode(const struct sql_grant_list_row *row)
{
    return json_pack("{s:o, s:s, s:s?, s:s?, s:s?, s:s?, s:s, s:o, s:o}", "grant",
        json_id(row->grant_id), "role", row->role, "trial", row->trial, "county", row->county,
        "site", row->site, "purpose", row->purpose, "reason", row->reason, "granted_at",
        json_time(row->granted_at), "revoked_at", json_opt_time(row->revoked_at));
}

bool
grant_list(struct call *call, struct error *error)
{
    struct sql_account_get_row account;
    struct sql_grant_list_rows rows;
    if (!account_find(call->tx, call->request->parameters[0], &account) ||
        !sql_grant_list(call->tx,
            &(struct sql_grant_list){.account_id = account.account_id,
                .after = call->list.after_id,
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_id(call, rows.rows[i].grant_id, encode(&rows.rows[i]));
    return list_answer(call);
}

static bool
may_be_bounded(enum role role)
{
    return role == ROLE_COORDINATOR || role == ROLE_RESEARCHER || role == ROLE_INTERVIEWER ||
           role == ROLE_IDENTITY_READER;
}

/* Finds the trial that the body names; nil where the role is one of the instance. */
static bool
find_trial(struct call *call, enum role role, struct uuid *trial_id)
{
    const char *trial = call_text(call, "trial");
    struct sql_trial_id_by_name_row row;
    bool found;
    *trial_id = UUID_NIL;
    if (trial == NULL) {
        if (!role_of_instance(role))
            faults_add(&call->faults, "/trial", 0, 0, "the trial that the role is held on",
                "is missing; only administrator and auditor are roles of the whole instance");
        return true;
    }
    if (!role_of_trial(role)) {
        faults_add(&call->faults, "/trial", 0, 0, "leave it out",
            "is not taken for a role of the whole instance");
        return true;
    }
    if (!sql_trial_id_by_name(
            call->tx, &(struct sql_trial_id_by_name){.name = trial}, &row, &found))
        return false;
    if (!found)
        faults_add(&call->faults, "/trial", 0, 0,
            "the name of a trial, as the list of trials shows it", "is no trial here: %s", trial);
    *trial_id = row.trial_id;
    return true;
}

static void
check_bounds(struct call *call, enum role role)
{
    static const char *const fields[][2] = {{"county", "/county"}, {"site", "/site"}};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (call_text(call, fields[i][0]) != NULL && !may_be_bounded(role))
            faults_add(&call->faults, fields[i][1], 0, 0, "leave it out",
                "is taken for coordinator, researcher, interviewer and identity-reader only");
}

static void
check_purpose(struct call *call, enum role role, enum purpose purpose)
{
    if (role == ROLE_IDENTITY_READER && purpose == PURPOSE_COUNT)
        faults_add(&call->faults, "/purpose", 0, 0, "contact, linkage, verification or safety",
            "is missing; identities are read for a purpose");
    if (role != ROLE_IDENTITY_READER && purpose != PURPOSE_COUNT)
        faults_add(&call->faults, "/purpose", 0, 0, "leave it out", "is an identity-reader's");
}

bool
grant_add(struct call *call, struct error *error)
{
    struct uuid trial_id, grant_id = uuid_new();
    struct sql_account_get_row account;
    struct sql_grant_list_row row;
    bool found;
    enum role role = role_by_name(call_text(call, "role"));
    enum purpose purpose = purpose_by_name(call_text(call, "purpose"));
    if (!account_find(call->tx, call->request->parameters[0], &account) ||
        !find_trial(call, role, &trial_id))
        return call_failed(call, error);
    check_bounds(call, role);
    check_purpose(call, role, purpose);
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    if (!account_add_grant(call->tx, trial_id, grant_id, account.account_id, role,
            call_text(call, "county"), call_text(call, "site"), purpose,
            call_text(call, "reason")) ||
        !sql_grant_get(call->tx,
            &(struct sql_grant_get){.account_id = account.account_id, .grant_id = grant_id}, &row,
            &found))
        return call_failed(call, error);
    return call_answer(call, 201, encode(&row));
}

bool
grant_remove(struct call *call, struct error *error)
{
    struct uuid grant_id;
    struct sql_account_get_row account;
    struct sql_grant_list_row row;
    if (!account_find(call->tx, call->request->parameters[0], &account))
        return call_failed(call, error);
    if (!uuid_parse(call->request->parameters[1], &grant_id))
        return error_set(error, ERROR_NOT_FOUND, "grant",
            "A role is named by its number, a UUID; the list shows it");
    if (!account_revoke_grant(call->tx, account.account_id, grant_id, &row))
        return call_failed(call, error);
    return call_answer(call, 200, encode(&row));
}
