/*
 * protocol.c: protocol versions. The list with hashes and commitments is for every role; the
 * document names arms, method and block sizes and is for trial managers, statisticians and auditors
 * alone.
 */
#include "api/conduct/protocol.h"

#include "api/handlers.h"
#include "api/office/signature.h"

#include <string.h>

const struct field protocol_new[] = {
    {.name = "document",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = PROTOCOL_SIZE_MAX,
        .meaning =
            "The protocol file, byte for byte (rctd-protocol(5)); the commitment is made over it"},
    {.name = "reason",
        .type = FIELD_STRING,
        .max = 2000,
        .meaning = "Why; required when a version is locked already (an amendment)"},
    {0},
};

const struct field protocol_lock_body[] = {
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "Why it is locked now; stands in the trail"},
    {.name = "sha256",
        .type = FIELD_STRING,
        .min = 64,
        .max = 64,
        .meaning = "Of the draft that was looked at; refused where another has taken its place"},
    SIGNATURE_FIELD,
    {0},
};

static const struct field commitment_fields[] = {
    {.name = "scheme", .type = FIELD_IDENTIFIER, .meaning = "The scheme"},
    {.name = "label", .type = FIELD_STRING, .meaning = "TRIAL/SCHEME (rctd-allocation(7))"},
    {.name = "commitment",
        .type = FIELD_STRING,
        .meaning = "64 hex digits, published before any allocation"},
    {0},
};

/* clang-format off */
#define VERSION_FIELDS \
    { .name = "version", .type = FIELD_INTEGER, .meaning = "Counts from 1" }, \
    { .name = "state", .type = FIELD_STRING, .choices = (const char *const[]) { "draft", "locked", NULL }, \
        .meaning = "A locked version never changes" }, \
    { .name = "sha256", .type = FIELD_STRING, .meaning = "Of the document, 64 hex digits" }, \
    { .name = "reason", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "Why it was amended" }, \
    { .name = "created_at", .type = FIELD_TIME, .meaning = "When it was submitted" }, \
    { .name = "created_by", .type = FIELD_STRING, .meaning = "The account that submitted it" }, \
    { .name = "locked_at", .type = FIELD_TIME, .flags = FIELD_NULLABLE, .meaning = "When it was locked" }
/* clang-format on */

const struct field protocol_version_answer[] = {VERSION_FIELDS, {0}};

const struct field protocol_answer[] = {
    VERSION_FIELDS,
    {.name = "commitments",
        .type = FIELD_ARRAY,
        .children = commitment_fields,
        .meaning = "Of the seeds made when this version was locked"},
    {0},
};

const struct field protocol_document_answer[] = {
    VERSION_FIELDS,
    {.name = "document", .type = FIELD_STRING, .meaning = "The file as submitted"},
    {0},
};

static json_t *
encode_version(int version, const char *state, struct bytes sha256, const char *reason,
    int64_t created_at, const char *created_by, struct opt_int64 locked_at)
{
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:s, s:o}", "version", version, "state", state,
        "sha256", json_hex(sha256.data, sha256.size), "reason", json_text(reason), "created_at",
        json_time(created_at), "created_by", created_by, "locked_at", json_opt_time(locked_at));
}

struct protocol_origin
protocol_origin_of(const struct call *call)
{
    return (struct protocol_origin){.trial_id = call->trial_id,
        .trial = call->request->parameters[0],
        .account_id = call->caller.account_id,
        .account = call->caller.name};
}

bool
protocol_list(struct call *call, struct error *error)
{
    struct sql_protocol_list_rows rows;
    if (!sql_protocol_list(
            call->tx, &(struct sql_protocol_list){.trial_id = call->trial_id}, &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_protocol_list_row *row = &rows.rows[i];
        json_t *item = encode_version(row->version, row->state, row->sha256, row->reason,
            row->created_at, row->created_by, row->locked_at);
        json_object_set_new(item, "commitments", json_stored(row->seeds));
        list_add_next(call, item);
    }
    return list_answer(call);
}

static bool
answer_version(struct call *call, int status, int version, bool document, struct error *error)
{
    struct sql_protocol_get_row row;
    bool found;
    if (!sql_protocol_get(call->tx,
            &(struct sql_protocol_get){.trial_id = call->trial_id, .version = version}, &row,
            &found))
        return call_failed(call, error);
    if (!found)
        return error_set(
            error, ERROR_NOT_FOUND, "protocol", "There is no version %d of the protocol", version);
    json_t *json = encode_version(row.version, row.state, row.sha256, row.reason, row.created_at,
        row.created_by, row.locked_at);
    if (document)
        json_object_set_new(json, "document", json_string(row.document));
    return call_answer(call, status, json);
}

bool
protocol_version_of(const struct call *call, int *version, struct error *error)
{
    long long number;
    if (!text_to_int64(call->request->parameters[1], &number) || number < 1 || number > 100000)
        return error_set(error, ERROR_NOT_FOUND, "protocol",
            "There is no version %s of the protocol; versions are 1, 2, 3 ...",
            call->request->parameters[1]);
    *version = (int)number;
    return true;
}

bool
protocol_show(struct call *call, struct error *error)
{
    int version;
    return protocol_version_of(call, &version, error) &&
           answer_version(call, 200, version, true, error);
}

bool
protocol_submit(struct call *call, struct error *error)
{
    int version;
    const struct protocol_origin origin = protocol_origin_of(call);
    if (!protocol_draft(call->tx, call->session, &origin, call_text(call, "document"),
            call_text(call, "reason"), &call->faults, &version))
        return call_failed(call, error);
    return answer_version(call, 201, version, false, error);
}

/* A signature is of the draft that is locked: of the one that was looked at, where the body names
 * it, and of the one that is there otherwise. */
static bool
sign_lock(struct call *call, int version, bool *done, struct error *error)
{
    struct sql_protocol_get_row row;
    bool found;
    *done = false;
    if (!sql_protocol_get(call->tx,
            &(struct sql_protocol_get){.trial_id = call->trial_id, .version = version}, &row,
            &found))
        return call_failed(call, error);
    if (!found || !text_equal(row.state, "draft"))
        return true; /* refused by the lock itself */
    struct call_signing signing = {.action = "lock",
        .object = arena_printf(call->arena, "protocol/%d", version),
        .record = digest_sha256(row.document, strlen(row.document)),
        .version = version};
    return call_sign(call, &signing, done, error);
}

bool
protocol_lock(struct call *call, struct error *error)
{
    int version;
    bool done;
    const struct protocol_origin origin = protocol_origin_of(call);
    if (!protocol_version_of(call, &version, error) || !sign_lock(call, version, &done, error))
        return false;
    if (done)
        return true;
    if (!protocol_lock_version(
            call->tx, call->session, &origin, version, call_text(call, "sha256"), &call->faults))
        return call_failed(call, error);
    struct sql_protocol_list_rows rows;
    if (!sql_protocol_list(
            call->tx, &(struct sql_protocol_list){.trial_id = call->trial_id}, &rows))
        return call_failed(call, error);
    const struct sql_protocol_list_row *row = &rows.rows[version - 1];
    json_t *json = encode_version(row->version, row->state, row->sha256, row->reason,
        row->created_at, row->created_by, row->locked_at);
    json_object_set_new(json, "commitments", json_stored(row->seeds));
    return call_answer(call, 200, json);
}
