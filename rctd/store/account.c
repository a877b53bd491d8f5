/*
 * account.c: finds out who asks, and makes accounts, tokens and roles.
 */
#include "store/account.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Failed attempts from one address in ten minutes, after which bad tokens are answered with 429. */
#define FAILURES_ALLOWED 30

static bool
read_grants(struct tx *tx, const char *text, struct caller *caller)
{
    json_error_t problem;
    json_t *list = json_loads(text, 0, &problem);
    if (list == NULL)
        return tx_fail(tx, ERROR_INTERNAL, "The account's roles cannot be read");
    struct arena *arena = tx_arena(tx);
    caller->grants = arena_array(arena, json_array_size(list), sizeof *caller->grants);
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        enum role role = role_by_name(json_string_value(json_object_get(item, "role")));
        if (role == ROLE_COUNT)
            continue; /* a role of a newer rctd: it allows nothing here */
        caller->grants[caller->grant_count++] = (struct caller_grant){
            .role = role,
            .instance = json_is_true(json_object_get(item, "instance")),
            .county = arena_strdup(arena, json_string_value(json_object_get(item, "county"))),
            .site = arena_strdup(arena, json_string_value(json_object_get(item, "site"))),
            .purpose = purpose_by_name(json_string_value(json_object_get(item, "purpose"))),
        };
    }
    json_decref(list);
    return true;
}

bool
account_authenticate(struct tx *tx, struct digest token, const char *trial, struct caller *caller)
{
    struct sql_account_authenticate_row row;
    bool found = false;
    *caller = (struct caller){0};
    if (!sql_account_authenticate(tx,
            &(struct sql_account_authenticate){
                .hash = {token.bytes, sizeof token.bytes}, .trial = trial},
            &row, &found))
        return false;
    if (!found)
        return tx_fail(tx, ERROR_UNAUTHENTICATED, "This token is not known here");
    if (row.revoked)
        return tx_fail(tx, ERROR_UNAUTHENTICATED,
            "This token was revoked; ask an administrator for a new one");
    if (row.expired)
        return tx_fail(tx, ERROR_UNAUTHENTICATED,
            "This token has expired; ask an administrator for a new one");
    if (row.disabled)
        return tx_fail(tx, ERROR_UNAUTHENTICATED, "This account is disabled; ask an administrator");
    caller->account_id = row.account_id;
    caller->name = row.name;
    caller->display = row.display;
    caller->organisation = row.organisation;
    caller->has_trial = row.trial_id.set;
    caller->trial_id = row.trial_id.value;
    caller->time_zone = row.time_zone;
    caller->trial_state = row.trial_state;
    caller->token_expires_at = row.expires_at;
    caller->unnoted_token = (struct opt_uuid){row.unnoted, row.token_id};
    return read_grants(tx, row.grants, caller);
}

bool
account_note_use(struct tx *tx, struct uuid token_id)
{
    return sql_token_note_use(tx, &(struct sql_token_note_use){.token_id = token_id}, NULL);
}

bool
account_failed(struct tx *tx, const char *remote)
{
    struct sql_failed_attempt_count_row row;
    if (!sql_failed_attempt_add(tx, &(struct sql_failed_attempt_add){.remote = remote}, NULL) ||
        !sql_failed_attempt_count(tx, &(struct sql_failed_attempt_count){.remote = remote}, &row))
        return false;
    return row.attempts > FAILURES_ALLOWED;
}

bool
account_find(struct tx *tx, const char *name, struct sql_account_get_row *account)
{
    bool found;
    if (!sql_account_get(tx, &(struct sql_account_get){.name = name}, account, &found))
        return false;
    return found || tx_fail(tx, ERROR_NOT_FOUND, "There is no account called %s", name);
}

bool
account_name_is_good(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789_.@+-";
    size_t length = strlen(name);
    return length >= 1 && length <= 63 && strchr(first, name[0]) != NULL &&
           strspn(name, others) == length && strcmp(name, "rctd") != 0;
}

bool
account_create(struct tx *tx, struct uuid account_id, const char *name, const char *display,
    const char *organisation)
{
    int64_t made;
    if (!account_name_is_good(name))
        return tx_fail(tx, ERROR_FIELDS, "%s is not a name for an account; take %s", name,
            ACCOUNT_NAME_REMEDY);
    if (!sql_account_insert(tx,
            &(struct sql_account_insert){.account_id = account_id,
                .name = name,
                .display = display,
                .organisation = organisation},
            &made))
        return false;
    if (made == 0)
        return tx_fail(tx, ERROR_CONFLICT, "There is an account called %s already", name);
    return true;
}

bool
account_save(struct tx *tx, const struct sql_account_get_row *account, const char *display,
    const char *organisation, bool disabled)
{
    int64_t changed;
    if (!sql_account_change(tx,
            &(struct sql_account_change){.account_id = account->account_id,
                .version = account->version,
                .display = display,
                .organisation = organisation,
                .disabled = disabled},
            &changed))
        return false;
    if (changed == 0)
        return tx_fail(tx, ERROR_STALE,
            "Somebody else changed the account at the same time. Read it again, then decide.");
    return true;
}

bool
account_add_token(struct tx *tx, struct uuid account_id, struct uuid token_id, const char *name,
    struct digest hash, int64_t expires_at)
{
    int64_t made;
    if (!sql_token_insert(tx,
            &(struct sql_token_insert){.token_id = token_id,
                .account_id = account_id,
                .name = name,
                .hash = {hash.bytes, sizeof hash.bytes},
                .expires_at = expires_at},
            &made))
        return false;
    if (made == 0)
        return tx_fail(tx, ERROR_CONFLICT,
            "The account has a token called %s already; revoke it or take another name", name);
    return true;
}

bool
account_revoke_token(
    struct tx *tx, struct uuid account_id, struct uuid token_id, struct sql_token_list_row *token)
{
    bool found;
    if (!sql_token_revoke(
            tx, &(struct sql_token_revoke){.account_id = account_id, .token_id = token_id}, NULL) ||
        !sql_token_get(tx, &(struct sql_token_get){.account_id = account_id, .token_id = token_id},
            token, &found))
        return false;
    return found ||
           tx_fail(tx, ERROR_NOT_FOUND, "The account has no such token; the list shows their ids");
}

bool
account_revoke_grant(
    struct tx *tx, struct uuid account_id, struct uuid grant_id, struct sql_grant_list_row *grant)
{
    bool found;
    if (!sql_grant_revoke(
            tx, &(struct sql_grant_revoke){.account_id = account_id, .grant_id = grant_id}, NULL) ||
        !sql_grant_get(tx, &(struct sql_grant_get){.account_id = account_id, .grant_id = grant_id},
            grant, &found))
        return false;
    return found ||
           tx_fail(tx, ERROR_NOT_FOUND, "The account has no such role; the list shows their ids");
}

static bool
check_duties(struct tx *tx, struct uuid trial_id, struct uuid account_id, enum role role)
{
    struct sql_account_duties_row did;
    bool reads = role == ROLE_STATISTICIAN || role == ROLE_AUDITOR;
    if (role != ROLE_COORDINATOR && role != ROLE_TRIAL_MANAGER && !reads)
        return true;
    if (!sql_account_duties(
            tx, &(struct sql_account_duties){.trial_id = trial_id, .account_id = account_id}, &did))
        return false;
    if (role == ROLE_COORDINATOR ? did.knows && !did.manages : reads && did.coordinates)
        return tx_fail(tx, ERROR_REFUSED,
            "This account is %s; who can read method and block sizes does not enrol (SPIRIT 2025 "
            "21-24)",
            reads ? "a coordinator there" : "statistician or auditor there");
    if (role == ROLE_COORDINATOR ? did.manages : did.coordinates)
        return tx_fail(tx, ERROR_REFUSED,
            "This account is the trial's %s; who defines a sequence does not enrol (SPIRIT 2025 "
            "21-24)",
            role == ROLE_COORDINATOR ? "trial manager" : "coordinator");
    if (role == ROLE_COORDINATOR && did.locked)
        return tx_fail(tx, ERROR_REFUSED,
            "This account has locked a protocol of the trial, so that it can never be its "
            "coordinator "
            "(SPIRIT 2025 21-24)");
    if (role == ROLE_TRIAL_MANAGER && did.allocated)
        return tx_fail(tx, ERROR_REFUSED,
            "This account has allocated in the trial, so that it can never be its trial manager "
            "(SPIRIT 2025 21-24)");
    return true;
}

bool
account_add_grant(struct tx *tx, struct uuid trial_id, struct uuid grant_id, struct uuid account_id,
    enum role role, const char *county, const char *site, enum purpose purpose, const char *reason)
{
    if (!check_duties(tx, trial_id, account_id, role))
        return false;
    if (sql_grant_insert(tx,
            &(struct sql_grant_insert){.trial_id = trial_id,
                .grant_id = grant_id,
                .account_id = account_id,
                .role = role_name(role),
                .county = county,
                .site = site,
                .purpose = purpose == PURPOSE_COUNT ? NULL : purpose_name(purpose),
                .reason = reason},
            NULL))
        return true;
    tx_explain(tx, "role_grant_once", ERROR_CONFLICT,
        "The account has this role already, with the same bounds");
    tx_explain(tx, "reads_or_analyses", ERROR_REFUSED,
        "Who analyses or audits by pseudonym does not read who people are: one account is not both "
        "identity-reader and statistician or auditor of a trial");
    tx_explain(tx, "knowledge_stays", ERROR_REFUSED,
        "This account was the trial's trial manager, statistician or auditor, and was used: what "
        "it "
        "knows of method, block sizes or arms does not end with the role, so that it never enrols "
        "in this trial (SPIRIT 2025 21-24). Make somebody else coordinator");
    return tx_explain(tx, "knows_or_enrols", ERROR_REFUSED,
        "The account is getting another role of the trial at the same time; who defines a "
        "sequence, "
        "or can read method and block sizes, does not enrol (SPIRIT 2025 21-24)");
}

/* The account that becomes administrator: the one of that name if it is one who only lacks a token.
 */
static bool
take_account(struct tx *tx, const char *name, struct uuid *account_id)
{
    struct sql_account_get_row account;
    bool found;
    if (!sql_account_get(tx, &(struct sql_account_get){.name = name}, &account, &found))
        return false;
    if (found && account.administrates && !account.disabled_at.set) {
        *account_id = account.account_id;
        return true;
    }
    *account_id = uuid_new();
    return account_create(tx, *account_id, name, name, "") &&
           account_add_grant(tx, UUID_NIL, uuid_new(), *account_id, ROLE_ADMINISTRATOR, NULL, NULL,
               PURPOSE_COUNT, "First administrator, made on the server");
}

bool
account_first_administrator(
    struct tx *tx, const char *name, struct digest token, int64_t expires_at)
{
    struct sql_administrator_lock_row lock;
    struct sql_administrator_count_row row;
    struct uuid account_id, token_id = uuid_new();
    char token_name[UUID_TEXT_SIZE + 16];
    if (!sql_administrator_lock(tx, &lock) || !sql_administrator_count(tx, &row))
        return false;
    if (row.administrators > 0)
        return tx_fail(tx, ERROR_CONFLICT,
            "This database has an administrator already; an administrator makes further accounts "
            "with "
            "rctctl account add");
    char id[UUID_TEXT_SIZE];
    snprintf(token_name, sizeof token_name, "on the server %s", uuid_text(token_id, id));
    return take_account(tx, name, &account_id) &&
           account_add_token(tx, account_id, token_id, token_name, token, expires_at);
}
