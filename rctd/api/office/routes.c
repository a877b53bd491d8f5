/*
 * routes.c: the rows for accounts, signatures, access and the trail.
 */
#include "api/routes.h"

#include "api/handlers.h"

/* clang-format off */
static const struct route rows[] = {
    { HTTP_GET, "/v1/me", "any", .answer = me_answer, .status = 200, .id = "me.show",
        .summary = "Whose token this is, and its roles", .handler = me_show },
    { HTTP_POST, "/v1/me/password", "any", .body = BODY_JSON, .key = KEY_UNUSED, .fields = password_new,
        .answer = password_answer, .status = 200, .id = "password.set",
        .summary = "Set the password that your account signs with", .handler = password_set },
    { HTTP_GET, "/v1/accounts", "instance.read", .list = LIST_BY_TEXT, .answer = account_answer, .status = 200,
        .id = "account.list", .summary = "Accounts with their roles and last use", .handler = account_list },
    { HTTP_POST, "/v1/accounts", "instance.write", .body = BODY_JSON, .fields = account_new,
        .answer = account_answer, .status = 201, .id = "account.add", .summary = "Make an account", .handler = account_add },
    { HTTP_GET, "/v1/accounts/{account}", "instance.read", .flags = ROUTE_ETAG, .answer = account_answer,
        .status = 200, .id = "account.show", .summary = "One account", .handler = account_show },
    { HTTP_PATCH, "/v1/accounts/{account}", "instance.write", .body = BODY_JSON, .flags = ROUTE_IF_MATCH | ROUTE_ETAG,
        .key = KEY_UNUSED, .fields = account_changes, .answer = account_answer, .status = 200, .id = "account.change",
        .summary = "Change or disable an account", .handler = account_patch },
    { HTTP_DELETE, "/v1/accounts/{account}/password", "instance.write", .key = KEY_UNUSED, .answer = password_answer,
        .status = 200, .id = "password.remove", .summary = "Take an account's password away; its owner sets another",
        .handler = password_remove },
    { HTTP_GET, "/v1/accounts/{account}/tokens", "instance.read", .list = LIST_BY_ID, .answer = token_answer,
        .status = 200, .id = "token.list", .summary = "Tokens of an account, never their text", .handler = token_list },
    { HTTP_POST, "/v1/accounts/{account}/tokens", "instance.write", .body = BODY_JSON, .key = KEY_UNUSED,
        .fields = token_new, .answer = token_made, .status = 201, .id = "token.add",
        .summary = "Make a token; its text is shown this once", .handler = token_add },
    { HTTP_DELETE, "/v1/accounts/{account}/tokens/{token}", "instance.write", .key = KEY_UNUSED, .answer = token_answer,
        .status = 200, .id = "token.revoke", .summary = "Revoke a token, at once on every daemon", .handler = token_revoke },
    { HTTP_GET, "/v1/accounts/{account}/grants", "instance.read", .list = LIST_BY_ID, .answer = grant_answer,
        .status = 200, .id = "grant.list", .summary = "Roles of an account, past ones too", .handler = grant_list },
    { HTTP_POST, "/v1/accounts/{account}/grants", "instance.write", .body = BODY_JSON, .fields = grant_new,
        .answer = grant_answer, .status = 201, .id = "grant.add",
        .summary = "Give a role; nobody defines and enrols in one trial", .handler = grant_add },
    { HTTP_DELETE, "/v1/accounts/{account}/grants/{grant}", "instance.write", .key = KEY_UNUSED, .answer = grant_answer,
        .status = 200, .id = "grant.remove", .summary = "Take a role back", .handler = grant_remove },
    { HTTP_GET, "/v1/access", "instance.read", .key = KEY_UNUSED, .list = LIST_BY_ID, .flags = ROUTE_RECORDED, .query = access_query,
        .answer = access_answer, .status = 200, .id = "access.instance_review",
        .summary = "Review of access: every account and role, last use, changes; each look is in the trail",
        .handler = access_list },
    { HTTP_GET, "/v1/access/reviews", "instance.read", .list = LIST_BY_ID, .answer = access_review_answer, .status = 200,
        .id = "access.instance_reviews", .summary = "Who reviewed access, and when", .handler = access_review_list },
    { HTTP_GET, "/v1/audit", "instance.trail", .list = LIST_BY_TEXT, .query = audit_query, .answer = audit_answer,
        .status = 200, .id = "audit.instance", .summary = "The instance's trail: accounts, tokens, roles",
        .handler = audit_instance_list },
    { HTTP_GET, "/v1/audit/heads", "instance.trail", .list = LIST_BY_TEXT, .answer = head_answer, .status = 200,
        .id = "audit.instance_heads", .summary = "The last row of each of its streams", .handler = audit_instance_heads },
    { HTTP_GET, "/v1/audit/records", "instance.trail", .list = LIST_BY_TEXT, .answer = record_answer, .status = 200,
        .id = "audit.instance_records", .summary = "What is stored now, to be held against the trail",
        .handler = record_instance_list },
    { HTTP_GET, TRIAL "/access", "access.read", .key = KEY_UNUSED, .list = LIST_BY_ID, .flags = ROUTE_RECORDED, .query = access_query,
        .answer = access_answer, .status = 200, .id = "access.review",
        .summary = "Review of access to the trial: who has which role since when, last use, changes; each look is in the trail",
        .handler = access_list },
    { HTTP_GET, TRIAL "/access/reviews", "access.read", .list = LIST_BY_ID, .answer = access_review_answer, .status = 200,
        .id = "access.reviews", .summary = "Who reviewed access to the trial, and when", .handler = access_review_list },
    { HTTP_GET, TRIAL "/signatures", "signature.read", .list = LIST_BY_ID, .answer = signature_answer, .status = 200,
        .id = "signature.list", .summary = "Who signed what, when, and with which meaning", .handler = signature_list },
    { HTTP_GET, TRIAL "/audit", "trail.read", .list = LIST_BY_TEXT, .query = audit_query, .answer = audit_answer,
        .status = 200, .id = "audit.list", .summary = "The trial's trail", .handler = audit_list },
    { HTTP_GET, TRIAL "/audit/heads", "trail.read", .list = LIST_BY_TEXT, .answer = head_answer, .status = 200,
        .id = "audit.heads", .summary = "The last row of each stream", .handler = audit_heads },
    { HTTP_GET, TRIAL "/audit/records", "trail.read", .list = LIST_BY_TEXT, .answer = record_answer, .status = 200,
        .id = "audit.records", .summary = "What is stored now, to be held against the trail", .handler = record_list },
};
/* clang-format on */

const struct route_table routes_office = {
    .routes = rows, .count = COUNT_OF(rows), .more = &routes_conduct};
