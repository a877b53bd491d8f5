/*
 * audit_verify.c: walks the whole trail page by page, computes every hash again (trial/chain.h) and
 * compares the end of each stream with the head that rctd keeps beside it; then holds what is
 * stored against what the trail says of it (audit_records.h). Rows that others add in the meantime
 * are no damage: where a stream has grown past its head the heads are read again.
 */
#include "cli/proof/audit.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/proof/audit_heads.h"
#include "cli/proof/audit_records.h"
#include "cli/table.h"
#include "trial/proof/chain.h"

#include <stdio.h>
#include <string.h>

struct verification {
    struct session *session;
    const char *path;     /* of the trail */
    const char *trial_id; /* as it was hashed; NULL before the first row */
    struct chain_walk *walk;
    struct audit_records *records;
    struct audit_heads *signed_heads; /* NULL: no file was given */
    json_t *heads;                    /* stream -> {sequence, hash}, read before any row */
    json_t *later;                    /* the same, read again */
    json_t *seen;                     /* stream -> true: its rows were walked */
    const char *stream;               /* that is being walked, or NULL */
    int64_t last;                     /* its last row */
    struct digest last_hash;
    int64_t total; /* rows that the heads promise, for the progress bar */
    struct progress progress;
};

static const struct column finding_columns[] = {
    {"stream", "STREAM", COLUMN_TEXT},
    {"sequence", "ROW", COLUMN_NUMBER},
    {"fault", "FAULT", COLUMN_TEXT},
    {"message", "WHAT IS WRONG", COLUMN_LONG},
    {0},
};

static bool
read_heads(struct verification *v, json_t *heads)
{
    size_t index;
    json_t *item;
    json_t *list = session_list(v->session, arena_printf(v->session->arena, "%s/heads", v->path));
    if (list == NULL)
        return false;
    json_object_clear(heads);
    v->total = 0;
    json_array_foreach(list, index, item)
    {
        const char *stream = session_field(item, "stream");
        if (stream == NULL)
            continue;
        json_object_set(heads, stream, item);
        v->total += json_integer_value(json_object_get(item, "sequence"));
    }
    return true;
}

static int64_t
head_sequence(const json_t *heads, const char *stream)
{
    return json_integer_value(json_object_get(json_object_get(heads, stream), "sequence"));
}

/* A stratum's head is the allocation ledger, which has a count and no hash. */
static struct digest
head_hash(const struct verification *v, const json_t *heads, const char *stream)
{
    struct digest hash;
    const char *hex = session_field(json_object_get(heads, stream), "hash");
    return hex != NULL && hex_decode(hex, hash.bytes, sizeof hash.bytes) ? hash : v->last_hash;
}

/* The heads that were read first stay for the other streams: of those, rows may have been read
 * before the heads that are read here. */
static bool
end_stream(struct verification *v)
{
    const json_t *heads = v->heads;
    if (v->stream == NULL)
        return true;
    if (v->last > head_sequence(v->heads, v->stream)) {
        if (!read_heads(v, v->later))
            return false;
        heads = v->later;
    }
    int64_t end = head_sequence(heads, v->stream);
    bool grew_further = heads == v->later && v->last < end;
    chain_walk_head(v->walk, v->trial_id, v->stream, grew_further ? v->last : end,
        grew_further ? v->last_hash : head_hash(v, heads, v->stream));
    v->stream = NULL;
    return true;
}

static bool
bad_row(struct verification *v)
{
    return error_set(&v->session->error, ERROR_INTERNAL, "audit",
        "rctd sent a row of the audit trail that cannot be read");
}

static bool
take_row(struct verification *v, json_t *item)
{
    struct digest stored;
    struct chain_row row = {
        .trial_id = session_field(item, "trial_id"),
        .stream = session_field(item, "stream"),
        .sequence = json_integer_value(json_object_get(item, "sequence")),
        .actor = session_field(item, "actor"),
        .actor_role = session_field(item, "actor_role"),
        .organisation = session_field(item, "organisation"),
        .action = session_field(item, "action"),
        .object_kind = session_field(item, "object_kind"),
        .object_id = session_field(item, "object_id"),
        .old_value = session_field(item, "old"),
        .new_value = session_field(item, "new"),
        .reason = session_field(item, "reason"),
        .request_id = session_field(item, "request_id"),
    };
    const char *hash = session_field(item, "hash"), *at = session_field(item, "at");
    if (row.trial_id == NULL || row.stream == NULL || hash == NULL || at == NULL ||
        !clock_parse(at, &row.at) || !hex_decode(hash, stored.bytes, sizeof stored.bytes))
        return bad_row(v);
    if (v->stream == NULL || strcmp(v->stream, row.stream) != 0) {
        if (!end_stream(v))
            return false;
        v->stream = arena_strdup(v->session->arena, row.stream);
        v->trial_id = arena_strdup(v->session->arena, row.trial_id);
        json_object_set_new(v->seen, row.stream, json_true());
    }
    chain_walk_row(v->walk, &row, stored);
    if (v->signed_heads != NULL)
        audit_heads_note(v->signed_heads, row.trial_id, row.stream, row.sequence, stored);
    v->last = row.sequence;
    v->last_hash = stored;
    return true;
}

/* Takes one page; `*next` is the cursor of the following one, or NULL. */
static bool
take_page(struct verification *v, const char *path, const char **next)
{
    size_t index, mark = session_mark(v->session);
    json_t *item, *page = session_get(v->session, path);
    if (page == NULL)
        return false;
    json_t *items = json_object_get(page, "items");
    json_array_foreach(items, index, item)
    {
        if (!take_row(v, item))
            return false;
        audit_records_note(v->records, item);
    }
    *next = json_array_size(items) == 0
                ? NULL
                : arena_strdup(v->session->arena, session_field(page, "next"));
    session_release(v->session, mark);
    progress_set(&v->progress, chain_walk_rows(v->walk), v->total);
    return true;
}

static bool
walk_all(struct verification *v)
{
    struct arena *arena = v->session->arena;
    const char *first = path_query(arena, v->path, "limit", "1000"), *next = NULL, *stream;
    json_t *head;
    if (!read_heads(v, v->heads))
        return false;
    do {
        if (!take_page(v, next == NULL ? first : path_query(arena, first, "after", next), &next))
            return false;
    } while (next != NULL);
    if (!end_stream(v))
        return false;
    json_object_foreach(v->heads, stream, head)
    {
        if (json_object_get(v->seen, stream) == NULL && head_sequence(v->heads, stream) > 0)
            chain_walk_head(v->walk, v->trial_id, stream, head_sequence(v->heads, stream),
                head_hash(v, v->heads, stream));
    }
    return true;
}

static const char *
fault_name(enum chain_fault fault)
{
    static const char *const names[] = {
        [CHAIN_CHANGED] = "changed",
        [CHAIN_MISSING] = "missing",
        [CHAIN_SWAPPED] = "swapped",
        [CHAIN_EXTRA] = "extra",
    };
    return names[fault];
}

/* As it was hashed, also where no row is left. */
static const char *
id_of_trial(struct verification *v)
{
    static const char instance[] = "/v1/audit";
    if (v->trial_id != NULL)
        return v->trial_id;
    if (strcmp(v->path, instance) == 0)
        return "00000000-0000-0000-0000-000000000000";
    const char *end = strrchr(v->path, '/');
    return session_field(
        session_get(v->session, arena_strndup(v->session->arena, v->path, (size_t)(end - v->path))),
        "trial_id");
}

/* The first finding of each stream: of the chain, of the signed heads, or else of what is stored.
 */
static bool
find_all(struct verification *v, json_t *findings)
{
    const struct chain_finding *broken;
    size_t count = chain_walk_end(v->walk, &broken);
    for (size_t i = 0; i < count; i++)
        json_object_set_new(findings, broken[i].stream,
            json_pack("{s:s, s:I, s:s, s:s}", "stream", broken[i].stream, "sequence",
                (json_int_t)broken[i].sequence, "fault", fault_name(broken[i].fault), "message",
                broken[i].message));
    const char *trial_id = v->signed_heads == NULL ? NULL : id_of_trial(v);
    if (v->signed_heads != NULL && trial_id == NULL)
        return false;
    if (v->signed_heads != NULL)
        audit_heads_end(v->signed_heads, trial_id, findings);
    return audit_records_compare(v->records, findings);
}

static int
report(struct verification *v, json_t *findings)
{
    const char *stream;
    json_t *finding;
    size_t count = json_object_size(findings);
    long long rows = (long long)chain_walk_rows(v->walk);
    long long streams = (long long)chain_walk_streams(v->walk);
    json_t *list = session_keep(v->session, json_array());
    json_object_foreach(findings, stream, finding) json_array_append(list, finding);
    if (v->session->output == OUTPUT_JSON)
        table_json(session_keep(
            v->session, json_pack("{s:b, s:I, s:I, s:O}", "whole", count == 0, "rows",
                            (json_int_t)rows, "streams", (json_int_t)streams, "findings", list)));
    else if (v->session->output == OUTPUT_CSV)
        table_list(v->session, finding_columns, list, "");
    else if (count == 0)
        printf("%lld rows in %lld streams: whole\n", rows, streams);
    if (v->session->output == OUTPUT_PEOPLE && count == 0 && v->signed_heads != NULL)
        printf("as it was signed at %s with the key %s\n", audit_heads_time(v->signed_heads),
            audit_heads_key(v->signed_heads));
    for (size_t i = 0; v->session->output == OUTPUT_PEOPLE && i < count; i++)
        printf("%s\n", session_field(json_array_get(list, i), "message"));
    if (count > 0)
        fprintf(
            stderr, "rctctl: %zu of %lld streams (%lld rows) are damaged\n", count, streams, rows);
    return count == 0 ? 0 : error_exit_status(ERROR_VERIFICATION);
}

int
audit_run_verify(struct session *session, const struct invocation *in)
{
    struct verification v = {.session = session, .path = audit_path(session, in)};
    if (v.path == NULL)
        return session_usage(session, "name a trial, or give --instance");
    v.heads = session_keep(session, json_object());
    v.later = session_keep(session, json_object());
    v.seen = session_keep(session, json_object());
    v.walk = chain_walk_new(session->arena);
    v.records = audit_records_new(session, v.path);
    const char *file = invocation_option(in, "heads");
    if (file != NULL) {
        v.signed_heads = audit_heads_read(session, file, invocation_option(in, "heads-key"));
        if (v.signed_heads == NULL)
            return session_fail(session);
    }
    json_t *findings = session_keep(session, json_object());
    progress_start(&v.progress, "Verifying the trail");
    bool done = walk_all(&v) && find_all(&v, findings);
    progress_end(&v.progress);
    return done ? report(&v, findings) : session_fail(session);
}
