/*
 * consent_link.c: links by which one participant reads one form and decides on it, once, without an
 * account. A coordinator makes them and takes them back; who comes with one sends its token in the
 * body, never in an address, and acts as a role of the database that can do these two things only.
 */
#include "api/handlers.h"
#include "base/clock.h"
#include "http/auth.h"
#include "http/body.h"
#include "store/people/unit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define DAY (INT64_C(24) * 3600 * 1000000)
#define DAYS_DEFAULT 14
#define DAYS_MAX 92

static const char *const states[] = {"open", "used", "revoked", "expired", NULL};
static const char *const decisions[] = {"given", "withdrawn", NULL};

/* clang-format off */
#define LINK_FIELDS \
    { .name = "link", .type = FIELD_UUID, .meaning = "Its number" }, \
    { .name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form that it shows" }, \
    { .name = "state", .type = FIELD_STRING, .choices = states, .meaning = "Does it work still" }, \
    { .name = "issued_at", .type = FIELD_TIME, .meaning = "When it was made" }, \
    { .name = "issued_by", .type = FIELD_STRING, .meaning = "The account that made it" }, \
    { .name = "expires_at", .type = FIELD_TIME, .meaning = "It works until then, or until it is used" }, \
    { .name = "opened_at", .type = FIELD_TIME, .flags = FIELD_NULLABLE, .meaning = "When it was last opened" }, \
    { .name = "ended_at", .type = FIELD_TIME, .flags = FIELD_NULLABLE, \
        .meaning = "When it was used or taken back" }

#define TOKEN_FIELD \
    { .name = "token", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 200, \
        .meaning = "The link's token, as it was given out" }
/* clang-format on */

const struct field consent_link_answer[] = {LINK_FIELDS, {0}};

const struct field consent_link_made[] = {
    LINK_FIELDS,
    {.name = "token",
        .type = FIELD_STRING,
        .meaning = "What the participant sends with it: shown this once"},
    {0},
};

const struct field consent_link_new[] = {
    {.name = "form",
        .type = FIELD_IDENTIFIER,
        .flags = FIELD_REQUIRED,
        .meaning = "A form that participants sign, whose text is stored"},
    {.name = "days",
        .type = FIELD_INTEGER,
        .min = 1,
        .max = DAYS_MAX,
        .meaning = "It works so long; 14 days when absent"},
    {0},
};

const struct field link_open_body[] = {
    TOKEN_FIELD,
    {.name = "language",
        .type = FIELD_STRING,
        .min = 2,
        .max = 10,
        .meaning = "Show it in this language where it is there; else in the form's first"},
    {0},
};

const struct field link_decide_body[] = {
    TOKEN_FIELD,
    {.name = "version",
        .type = FIELD_INTEGER,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 10000,
        .meaning = "The version that was shown"},
    {.name = "decision",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .choices = decisions,
        .meaning = "What is decided"},
    {.name = "scopes",
        .type = FIELD_MAP_BOOLEAN,
        .max = 50,
        .meaning = "Every scope of the form to true or false; not for a withdrawal, which is of "
                   "the whole form"},
    {0},
};

const struct field link_open_answer[] = {
    {.name = "title", .type = FIELD_STRING, .meaning = "The trial's title"},
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},
    {.name = "version", .type = FIELD_INTEGER, .meaning = "Its version"},
    {.name = "language", .type = FIELD_STRING, .meaning = "The language of the text"},
    {.name = "languages", .type = FIELD_ARRAY, .meaning = "Those that it is there in"},
    {.name = "text", .type = FIELD_STRING, .meaning = "What to read before deciding"},
    {.name = "text_sha256", .type = FIELD_STRING, .meaning = "Of the text, 64 hex digits"},
    {.name = "scopes",
        .type = FIELD_ARRAY,
        .meaning = "What is asked for; each is answered on its own"},
    {.name = "legal_basis",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "On what the data are kept, apart from this consent"},
    {.name = "decision",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = decisions,
        .meaning = "What was decided on this form before; null where nothing was"},
    {.name = "decided_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When that was decided"},
    {.name = "decided_version",
        .type = FIELD_INTEGER,
        .flags = FIELD_NULLABLE,
        .meaning = "On which version"},
    {.name = "decided_scopes",
        .type = FIELD_MAP_BOOLEAN,
        .flags = FIELD_NULLABLE,
        .meaning = "Scope by scope"},
    {0},
};

const struct field link_decide_answer[] = {
    {.name = "consent", .type = FIELD_UUID, .meaning = "The decision's number"},
    {.name = "form", .type = FIELD_IDENTIFIER, .meaning = "The form"},
    {.name = "version", .type = FIELD_INTEGER, .meaning = "Its version"},
    {.name = "decision", .type = FIELD_STRING, .choices = decisions, .meaning = "What was decided"},
    {.name = "scopes", .type = FIELD_MAP_BOOLEAN, .meaning = "Scope by scope"},
    {.name = "decided_at", .type = FIELD_TIME, .meaning = "When"},
    {0},
};

static json_t *
encode(const struct sql_consent_link_list_row *row)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "link", json_id(row->link_id),
        "form", row->form, "state", row->state, "issued_at", json_time(row->issued_at), "issued_by",
        row->issued_by, "expires_at", json_time(row->expires_at), "opened_at",
        json_opt_time(row->opened_at), "ended_at", json_opt_time(row->ended_at));
}

static bool
read_links(struct call *call, bool lock, struct unit *unit, struct sql_consent_link_list_rows *rows)
{
    return unit_read(call->tx, call->trial_id, call->scope, PROTOCOL_PARTICIPANT,
               call->request->parameters[1], lock, unit) &&
           sql_consent_link_list(call->tx,
               &(struct sql_consent_link_list){
                   .trial_id = call->trial_id, .unit_id = unit->row.unit_id},
               rows);
}

/* The link's row; NULL where there is none of that number. */
static const struct sql_consent_link_list_row *
find(const struct sql_consent_link_list_rows *rows, struct uuid link_id)
{
    for (size_t i = 0; i < rows->count; i++)
        if (uuid_equal(rows->rows[i].link_id, link_id))
            return &rows->rows[i];
    return NULL;
}

bool
consent_link_list(struct call *call, struct error *error)
{
    struct unit unit;
    struct sql_consent_link_list_rows rows;
    if (!read_links(call, false, &unit, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++)
        list_add_next(call, encode(&rows.rows[i]));
    return list_answer(call);
}

bool
consent_link_add(struct call *call, struct error *error)
{
    char token[AUTH_TOKEN_SIZE];
    struct unit unit;
    struct sql_consent_link_list_rows rows;
    struct uuid link_id = uuid_new();
    bool has_days = json_object_get(call->body, "days") != NULL;
    if (!read_links(call, true, &unit, &rows))
        return call_failed(call, error);
    auth_token_new(token);
    struct digest hash = auth_token_hash(token);
    if (!sql_consent_link_insert(call->tx,
            &(struct sql_consent_link_insert){.trial_id = call->trial_id,
                .link_id = link_id,
                .unit_id = unit.row.unit_id,
                .form = call_text(call, "form"),
                .token_hash = {hash.bytes, sizeof hash.bytes},
                .issued_by = call->caller.account_id,
                .expires_at =
                    clock_now() + (has_days ? call_number(call, "days") : DAYS_DEFAULT) * DAY},
            NULL) ||
        !read_links(call, false, &unit, &rows))
        return call_failed(call, error);
    json_t *json = encode(find(&rows, link_id));
    json_object_set_new(json, "token", json_string(token));
    sodium_memzero(token, sizeof token);
    return call_answer(call, 201, json);
}

bool
consent_link_revoke(struct call *call, struct error *error)
{
    struct unit unit;
    struct uuid link_id;
    struct sql_consent_link_list_rows rows;
    if (!read_links(call, true, &unit, &rows))
        return call_failed(call, error);
    if (!uuid_parse(call->request->parameters[2], &link_id) || find(&rows, link_id) == NULL)
        return error_set(error, ERROR_NOT_FOUND, "link",
            "There is no such link of %s; the list of links shows their numbers", unit.row.code);
    if (!sql_consent_link_revoke(call->tx,
            &(struct sql_consent_link_revoke){.trial_id = call->trial_id,
                .unit_id = unit.row.unit_id,
                .link_id = link_id,
                .ended_by = call->caller.account_id},
            NULL) ||
        !read_links(call, false, &unit, &rows))
        return call_failed(call, error);
    return call_answer(call, 200, encode(find(&rows, link_id)));
}

/* Unknown, mistyped, used, taken back, expired, of somebody who has left: all the same from outside
 * and counted against the address that it came from. */
static bool
does_not_work(struct error *error)
{
    return error_set(error, ERROR_UNAUTHENTICATED, "link",
        "This link does not work, or does not work any more; ask who sent it for a new one");
}

static bool
read_token(const struct call *call, struct digest *hash, struct error *error)
{
    const char *token = call_text(call, "token");
    if (!auth_token_check(token))
        return does_not_work(error);
    *hash = auth_token_hash(token);
    return true;
}

bool
link_open(struct call *call, struct error *error)
{
    struct digest hash;
    struct sql_consent_link_open_row row;
    bool found;
    if (!read_token(call, &hash, error))
        return false;
    if (!sql_consent_link_open(call->tx,
            &(struct sql_consent_link_open){.trial = call->request->parameters[0],
                .token_hash = {hash.bytes, sizeof hash.bytes},
                .language = call_text(call, "language")},
            &row, &found))
        return call_failed(call, error);
    if (!found)
        return does_not_work(error);
    json_t *json = json_pack("{s:s, s:s, s:i, s:s, s:o, s:s, s:o, s:o, s:s?}", "title", row.title,
        "form", row.form, "version", row.form_version, "language", row.language, "languages",
        json_stored(row.languages), "text", row.body, "text_sha256",
        json_hex(row.text_sha256.data, row.text_sha256.size), "scopes", json_stored(row.scopes),
        "legal_basis", row.legal_basis);
    json_object_set_new(json, "decision", json_text(row.decision));
    json_object_set_new(json, "decided_at", json_opt_time(row.decided_at));
    json_object_set_new(json, "decided_version", json_opt_number(row.decided_version));
    json_object_set_new(json, "decided_scopes",
        row.decided_scopes == NULL ? json_null() : json_stored(row.decided_scopes));
    return call_answer(call, 200, json);
}

bool
link_decide(struct call *call, struct error *error)
{
    struct digest hash;
    struct sql_consent_link_decide_row row;
    const json_t *scopes = json_object_get(call->body, "scopes");
    bool given = text_equal(call_text(call, "decision"), "given");
    bool found;
    if (!read_token(call, &hash, error))
        return false;
    if (given != (scopes != NULL))
        return call_fault(call, error, "/scopes",
            given ? "each scope of the form is agreed to or refused" : "leave it out",
            given ? "is missing" : "a withdrawal is of the whole form");
    char *dumped = scopes == NULL ? NULL : json_dumps(scopes, JSON_COMPACT);
    const char *text = arena_strdup(call->arena, dumped);
    free(dumped);
    if (!sql_consent_link_decide(call->tx,
            &(struct sql_consent_link_decide){.trial = call->request->parameters[0],
                .token_hash = {hash.bytes, sizeof hash.bytes},
                .consent_id = uuid_new(),
                .form_version = (int32_t)call_number(call, "version"),
                .decision = call_text(call, "decision"),
                .scopes = text},
            &row, &found))
        return call_failed(call, error);
    if (!found)
        return does_not_work(error);
    return call_answer(call, 201,
        json_pack("{s:o, s:s, s:i, s:s, s:o, s:o}", "consent", json_id(row.consent_id), "form",
            row.form, "version", row.form_version, "decision", row.decision, "scopes",
            json_stored(row.scopes), "decided_at", json_time(row.decided_at)));
}
