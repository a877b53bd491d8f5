/*
 * rotation.c: changes of a trial's data key: asked for by an administrator, carried out by the
 * daemons, watched by whoever has to know.
 */
#include "store/vault/rotation.h"

#include "api/handlers.h"
#include "store/vault/vault.h"

#include <limits.h>

const struct field rotation_new[] = {
    {.name = "reason",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 2000,
        .meaning = "Why; stands in the trail"},
    {0},
};

const struct field rotation_answer[] = {
    {.name = "key_version", .type = FIELD_INTEGER, .meaning = "The newer key's version"},
    {.name = "state",
        .type = FIELD_STRING,
        .meaning = "running, or finished: nothing is left under an older key, and its sealed bytes "
                   "are destroyed"},
    {.name = "total", .type = FIELD_INTEGER, .meaning = "Identities in the trial's vault now"},
    {.name = "remaining",
        .type = FIELD_INTEGER,
        .meaning = "Those still sealed under an older key"},
    {.name = "started_at", .type = FIELD_TIME, .meaning = "Since when"},
    {.name = "finished_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "Until when; null while it runs"},
    {.name = "older_key_destroyed_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the older key was destroyed; null while it runs"},
    {.name = "older_key_off_disk_at",
        .type = FIELD_TIME,
        .flags = FIELD_NULLABLE,
        .meaning = "When the files of the vault's tables were written without it; null until then"},
    {.name = "requested_by", .type = FIELD_STRING, .meaning = "Who asked for it"},
    {.name = "reason", .type = FIELD_STRING, .meaning = "Why"},
    {0},
};

static json_t *
encode(const struct sql_rotation_list_row *row)
{
    bool finished = row->finished_at.set;
    return json_pack("{s:i, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:s}", "key_version",
        row->to_version, "state", finished ? "finished" : "running", "total",
        (json_int_t)row->total, "remaining", (json_int_t)row->remaining, "started_at",
        json_time(row->started_at), "finished_at", json_opt_time(row->finished_at),
        "older_key_destroyed_at", finished ? json_opt_time(row->destroyed_at) : json_null(),
        "older_key_off_disk_at", json_opt_time(row->erased_from_disk_at), "requested_by",
        row->requested_by, "reason", row->reason);
}

static bool
read_rotations(struct call *call, int before, int most, struct sql_rotation_list_rows *rows,
    struct error *error)
{
    struct tx_context caller;
    if (vault_enter(call->tx, &caller) &&
        sql_rotation_list(call->tx,
            &(struct sql_rotation_list){.trial_id = call->trial_id, .before = before, .most = most},
            rows) &&
        vault_leave(call->tx, &caller))
        return true;
    call_failed(call, error);
    return false;
}

bool
rotation_add(struct call *call, struct error *error)
{
    struct sql_rotation_list_rows rows;
    int version;
    if (!rotation_start(call->tx, call->session, call->trial_id, call->caller.account_id,
            call_text(call, "reason"), &version))
        return call_failed(call, error);
    return read_rotations(call, INT_MAX, 1, &rows, error) &&
           call_answer(call, 202, encode(&rows.rows[0]));
}

bool
rotation_list(struct call *call, struct error *error)
{
    struct sql_rotation_list_rows rows;
    long long before = INT_MAX;
    const char *after = call->list.after;
    if (after[0] != '\0' && (!text_to_int64(after, &before) || before < 1 || before > INT_MAX))
        return list_no_cursor(call, error);
    if (!read_rotations(call, (int)before, call->list.most, &rows, error))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        list_add(
            call, arena_printf(call->arena, "%d", rows.rows[i].to_version), encode(&rows.rows[i]));
    return list_answer(call);
}
