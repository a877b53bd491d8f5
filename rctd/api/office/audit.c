/*
 * audit.c: reads the trail out, row by row as it was hashed, so that whoever has read it can
 * compute the chain again (trial/chain.h) and need not trust the server.
 */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

const struct field audit_answer[] = {
    {.name = "trial_id",
        .type = FIELD_UUID,
        .meaning = "The trial's number; the nil UUID in the instance's streams"},
    {.name = "stream",
        .type = FIELD_STRING,
        .meaning = "The chain that the row is in: account:, unit: or stratum: and what it is "
                   "about, trial, instance"},
    {.name = "sequence",
        .type = FIELD_INTEGER,
        .min = 1,
        .max = INT64_C(9007199254740991),
        .meaning = "Place in the stream, from 1 without gaps"},
    {.name = "at", .type = FIELD_TIME, .meaning = "When, in microseconds, by the database's clock"},
    {.name = "actor",
        .type = FIELD_STRING,
        .meaning = "Who: the account's name; rctd for the daemon itself; database: and a role for "
                   "someone past the daemon"},
    {.name = "actor_role",
        .type = FIELD_STRING,
        .meaning = "In which role; none where none was asked for"},
    {.name = "organisation",
        .type = FIELD_STRING,
        .meaning = "The account's organisation at that time; may be empty"},
    {.name = "action",
        .type = FIELD_STRING,
        .meaning = "What was asked for, as the id of the request's operation"},
    {.name = "object_kind", .type = FIELD_STRING, .meaning = "What kind of thing was changed"},
    {.name = "object_id", .type = FIELD_STRING, .meaning = "Which one"},
    {.name = "old",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The thing before, as the JSON text that was hashed; personal values are salted "
                   "digests; null: it was new"},
    {.name = "new",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The thing after, likewise; null: it is gone"},
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "Why, where a reason was given"},
    {.name = "request_id",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning = "The request's X-Request-Id"},
    {.name = "previous",
        .type = FIELD_STRING,
        .meaning = "Hash of the row before, 64 hex digits; zeros before the first"},
    {.name = "hash",
        .type = FIELD_STRING,
        .meaning = "SHA-256 over `previous` and the row in canonical form, 64 hex digits (21 CFR "
                   "11.10(e))"},
    {0},
};

const struct field audit_query[] = {
    {.name = "stream", .type = FIELD_STRING, .min = 1, .max = 500, .meaning = "Only this stream"},
    {0},
};

const struct field head_answer[] = {
    {.name = "stream", .type = FIELD_STRING, .meaning = "The stream"},
    {.name = "sequence",
        .type = FIELD_INTEGER,
        .min = 1,
        .max = INT64_C(9007199254740991),
        .meaning = "The last row's place; for a stratum the number of its allocations"},
    {.name = "hash",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .meaning =
            "The last row's hash, 64 hex digits; null for a stratum, whose ledger keeps none"},
    {0},
};

static json_t *
encode(const struct sql_audit_list_row *row)
{
    return json_pack(
        "{s:o, s:s, s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:o, s:o}",
        "trial_id", json_id(row->trial_id), "stream", row->stream, "sequence",
        (json_int_t)row->sequence, "at", json_time(row->at), "actor", row->actor, "actor_role",
        row->actor_role, "organisation", row->organisation, "action", row->action, "object_kind",
        row->object_kind, "object_id", row->object_id, "old", row->old, "new", row->new, "reason",
        row->reason, "request_id", row->request_id, "previous",
        json_hex(row->previous.data, row->previous.size), "hash",
        json_hex(row->hash.data, row->hash.size));
}

/* A cursor is "SEQUENCE STREAM" of the row before. */
static bool
read_cursor(struct call *call, const char *after, const char **stream, int64_t *sequence,
    struct error *error)
{
    long long number;
    const char *space = strchr(after, ' ');
    if (space == NULL ||
        !text_to_int64(arena_strndup(call->arena, after, (size_t)(space - after)), &number))
        return list_no_cursor(call, error);
    *sequence = number;
    *stream = space + 1;
    return true;
}

static bool
list(struct call *call, struct uuid trial_id, struct error *error)
{
    struct sql_audit_list_rows rows;
    const char *after_stream = "";
    int64_t after_sequence = 0;
    if (call->list.after[0] != '\0' &&
        !read_cursor(call, call->list.after, &after_stream, &after_sequence, error))
        return false;
    if (!sql_audit_list(call->tx,
            &(struct sql_audit_list){.trial_id = trial_id,
                .stream = http_query(call->request, "stream"),
                .after_stream = after_stream,
                .after_sequence = after_sequence,
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_audit_list_row *row = &rows.rows[i];
        list_add(call, arena_printf(call->arena, "%" PRId64 " %s", row->sequence, row->stream),
            encode(row));
    }
    return list_answer(call);
}

static bool
heads(struct call *call, struct uuid trial_id, struct error *error)
{
    struct sql_audit_heads_rows rows;
    if (!sql_audit_heads(call->tx,
            &(struct sql_audit_heads){.trial_id = trial_id,
                .stream = http_query(call->request, "stream"),
                .after = call->list.after,
                .most = call->list.most},
            &rows))
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_audit_heads_row *row = &rows.rows[i];
        json_t *hash =
            row->hash.data == NULL ? json_null() : json_hex(row->hash.data, row->hash.size);
        list_add(call, row->stream,
            json_pack("{s:s, s:I, s:o}", "stream", row->stream, "sequence",
                (json_int_t)row->sequence, "hash", hash));
    }
    return list_answer(call);
}

bool
audit_list(struct call *call, struct error *error)
{
    return list(call, call->trial_id, error);
}

bool
audit_heads(struct call *call, struct error *error)
{
    return heads(call, call->trial_id, error);
}

bool
audit_instance_list(struct call *call, struct error *error)
{
    return list(call, UUID_NIL, error);
}

bool
audit_instance_heads(struct call *call, struct error *error)
{
    return heads(call, UUID_NIL, error);
}
