/*
 * ledger_export.c: walks the ledger stratum by stratum, page by page, into a file beside the one
 * that is asked for, and gives it the name only when it is whole.
 *
 * rctd lists by stratum and position, so that rows which are added meanwhile leave no gap in what
 * is written; but the order of its strata is the database's own. So the rows go to a first file as
 * they come, with a note of where each stratum begins, and from there in the order of
 * rctd-ledger(5) to the second. Neither file is held in memory.
 */
#include "cli/proof/ledger_export.h"

#include "base/csv.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "trial/proof/ledger.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The rows of a stratum, where they stand in the first file. */
struct run {
    const char *scheme;
    const char *stratum;
    off_t start;
    off_t end;
    long long rows;
};

struct export
{
    struct session *session;
    const char *trial;
    const char *out;  /* NULL: standard output */
    const char *name; /* of the file beside `out`, while it is written; or NULL */
    FILE *rows;       /* as they come */
    FILE *file;       /* in their order */
    struct run *runs;
    size_t run_count;
    size_t run_capacity;
    off_t written;
    long long count;
    crypto_hash_sha256_state hash;
    struct progress progress;
};

static bool
fail_io(struct export *export)
{
    const char *name = export->out == NULL ? "the standard output" : export->out;
    return error_set_errno(&export->session->error, name, "%s cannot be written", name);
}

/* Room for the rows as they come: a file without a name, which ends with the process. */
static bool
open_files(struct export *export)
{
    export->rows = tmpfile();
    if (export->rows == NULL)
        return error_set_errno(
            &export->session->error, "tmpfile", "there is no room for a temporary file");
    if (export->out == NULL) {
        export->file = stdout;
        return true;
    }
    char *name = arena_printf(export->session->arena, "%s.XXXXXX", export->out);
    int descriptor = mkstemp(name);
    if (descriptor < 0)
        return fail_io(export);
    export->name = name;
    export->file = fdopen(descriptor, "wb");
    return export->file != NULL || fail_io(export);
}

/* The field that a column is made of. */
static const char *
text_of(struct export *export, struct arena *arena, json_t *item, enum ledger_column column)
{
    const char *name = ledger_column_name(column);
    const char *kind = session_field(item, "kind");
    switch (column) {
    case LEDGER_TRIAL:
        return export->trial;
    case LEDGER_UNIT:
        return kind == NULL ? NULL : session_field(item, kind);
    case LEDGER_POSITION:
    case LEDGER_PROTOCOL_VERSION:
        return arena_printf(
            arena, "%lld", (long long)json_integer_value(json_object_get(item, name)));
    case LEDGER_DECISION: {
        char *json = json_dumps(json_object_get(item, name), JSON_COMPACT);
        const char *text = arena_strdup(arena, json);
        free(json);
        return text;
    }
    default:
        return session_field(item, name);
    }
}

/* Notes where a stratum begins; its rows come one behind another. */
static void
note_run(struct export *export, json_t *item)
{
    struct arena *arena = export->session->arena;
    const char *scheme = session_field(item, "scheme"), *stratum = session_field(item, "stratum");
    struct run *last = export->run_count == 0 ? NULL : &export->runs[export->run_count - 1];
    if (last != NULL && text_equal(last->scheme, scheme) && text_equal(last->stratum, stratum))
        return;
    export->runs = arena_grow(
        arena, export->runs, export->run_count, &export->run_capacity, sizeof *export->runs);
    export->runs[export->run_count++] = (struct run){.scheme = arena_strdup(arena, scheme),
        .stratum = arena_strdup(arena, stratum),
        .start = export->written};
}

/* Of rctd's own refusal the sentence is about the order of the list. */
static bool
refuse_role(struct export *export)
{
    return error_set(&export->session->error, ERROR_FORBIDDEN, "export",
        "The export names arms and what each was decided on: a statistician or an auditor of the "
        "trial makes it");
}

static bool
take_item(struct export *export, struct arena *arena, json_t *item)
{
    struct text text;
    struct csv_writer writer;
    const char *wanted[] = {"scheme", "stratum", "arm", "method", "decision"};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (json_object_get(item, wanted[i]) == NULL)
            return refuse_role(export);
    note_run(export, item);
    text_init(&text, arena);
    csv_writer_init(&writer, &text);
    for (enum ledger_column column = 0; column < LEDGER_COLUMN_COUNT; column++)
        csv_write(&writer, text_of(export, arena, item, column));
    csv_end_row(&writer);
    export->written += (off_t)text.length;
    export->runs[export->run_count - 1].end = export->written;
    export->runs[export->run_count - 1].rows++;
    export->count++;
    return fwrite(text.bytes, 1, text.length, export->rows) == text.length || fail_io(export);
}

/* Takes one page; `*next` is the path of the following one, or NULL. */
static bool
take_page(struct export *export, const char *first, const char **next)
{
    struct session *session = export->session;
    size_t index, mark = session_mark(session);
    struct arena *arena = arena_new();
    json_t *item, *page = session_get(session, *next);
    json_t *items = json_object_get(page, "items");
    bool ok = page != NULL;
    if (!ok && session->error.code == ERROR_FORBIDDEN)
        refuse_role(export);
    json_array_foreach(items, index, item) ok = ok && take_item(export, arena, item);
    const char *cursor = session_field(page, "next");
    *next = cursor == NULL || json_array_size(items) == 0
                ? NULL
                : path_query(session->arena, first, "after", cursor);
    session_release(session, mark);
    arena_free(arena);
    progress_set(&export->progress, export->count, 0);
    return ok;
}

static bool
take_all(struct export *export, const char *scheme)
{
    struct arena *arena = export->session->arena;
    const char *first = path_of(arena, "v1", "trials", export->trial, "allocations", NULL);
    first = path_query(arena, first, "order", "position");
    first = path_query(arena, first, "limit", "1000");
    first = path_query(arena, first, "scheme", scheme);
    for (const char *next = first; next != NULL;)
        if (!take_page(export, first, &next))
            return false;
    return true;
}

static int
compare_runs(const void *a, const void *b)
{
    const struct run *one = a, *other = b;
    int order = strcmp(one->scheme, other->scheme);
    return order != 0 ? order : strcmp(one->stratum, other->stratum);
}

static bool
put(struct export *export, const char *bytes, size_t size)
{
    crypto_hash_sha256_update(&export->hash, (const unsigned char *)bytes, size);
    return fwrite(bytes, 1, size, export->file) == size || fail_io(export);
}

static bool
put_header(struct export *export)
{
    struct text text;
    struct csv_writer writer;
    text_init(&text, export->session->arena);
    csv_writer_init(&writer, &text);
    for (enum ledger_column column = 0; column < LEDGER_COLUMN_COUNT; column++)
        csv_write(&writer, ledger_column_name(column));
    csv_end_row(&writer);
    return put(export, text.bytes, text.length);
}

static bool
put_run(struct export *export, const struct run *run)
{
    char buffer[65536];
    if (fseeko(export->rows, run->start, SEEK_SET) != 0)
        return fail_io(export);
    for (off_t left = run->end - run->start; left > 0;) {
        size_t wanted = left < (off_t)sizeof buffer ? (size_t)left : sizeof buffer;
        if (fread(buffer, 1, wanted, export->rows) != wanted)
            return fail_io(export);
        if (!put(export, buffer, wanted))
            return false;
        left -= (off_t)wanted;
    }
    return true;
}

/* Writes the rows in their order, and gives the file its name. */
static bool
finish(struct export *export)
{
    crypto_hash_sha256_init(&export->hash);
    if (export->run_count > 0)
        qsort(export->runs, export->run_count, sizeof *export->runs, compare_runs);
    bool ok = put_header(export);
    for (size_t i = 0; ok && i < export->run_count; i++)
        ok = put_run(export, &export->runs[i]);
    if (!ok)
        return false;
    if (fflush(export->file) != 0)
        return fail_io(export);
    if (export->name == NULL)
        return true;
    if (fsync(fileno(export->file)) != 0 || rename(export->name, export->out) != 0)
        return fail_io(export);
    export->name = NULL;
    return true;
}

static void
close_files(struct export *export)
{
    if (export->rows != NULL)
        fclose(export->rows);
    if (export->file != NULL && export->file != stdout)
        fclose(export->file);
    if (export->name != NULL)
        unlink(export->name);
}

/* How many rows of the scheme were written. */
static long long
rows_of(const struct export *export, const char *scheme)
{
    long long rows = 0;
    for (size_t i = 0; i < export->run_count; i++)
        rows += text_equal(export->runs[i].scheme, scheme) ? export->runs[i].rows : 0;
    return rows;
}

/* On standard error, so that the file may be standard output. */
static void
tell(struct export *export, json_t *schemes)
{
    struct digest digest;
    char hex[DIGEST_HEX_SIZE];
    size_t index;
    json_t *item;
    crypto_hash_sha256_final(&export->hash, digest.bytes);
    fprintf(stderr, "%s%s%lld allocation%s of %s, SHA-256 %s\n",
        export->out == NULL ? "" : export->out, export->out == NULL ? "" : ": ", export->count,
        export->count == 1 ? "" : "s", export->trial, digest_hex(digest, hex));
    json_array_foreach(schemes, index, item)
    {
        const char *scheme = session_field(item, "scheme");
        const char *commitment = session_field(item, "commitment");
        if (scheme != NULL && commitment != NULL && rows_of(export, scheme) > 0)
            fprintf(stderr, "  %s: %lld of them, commitment %s\n", scheme, rows_of(export, scheme),
                commitment);
    }
}

int
ledger_run_export(struct session *session, const struct invocation *in)
{
    struct export export = {
        .session = session,
        .trial = invocation_argument(in, 0),
        .out = invocation_option(in, "out"),
    };
    if (session->output == OUTPUT_JSON)
        return session_usage(session, "an export is CSV (rctd-ledger(5)); `rctctl ledger list "
                                      "--json' lists the ledger as JSON");
    progress_start(&export.progress, "Exporting the ledger, rows");
    bool ok = open_files(&export) && take_all(&export, invocation_option(in, "scheme"));
    progress_end(&export.progress);
    json_t *schemes = !ok ? NULL
                          : session_list(session, path_of(session->arena, "v1", "trials",
                                                      export.trial, "schemes", NULL));
    ok = schemes != NULL && finish(&export);
    close_files(&export);
    if (!ok)
        return session_fail(session);
    tell(&export, schemes);
    return 0;
}
