/*
 * import.c: sends a table of workplaces or participants, and says what came of it.
 */
#include "cli/import.h"

#include "base/csv.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/table.h"

#include <stdio.h>

#define IMPORT_SIZE_MAX ((size_t)64 * 1024 * 1024)
#define IMPORT_SECONDS 900       /* for 200,000 rows on a slow machine that does other things too */
#define FAULTS_SHOWN_MAX 1000000 /* more than an answer holds */

const struct option_row import_options[] = {
    {.name = "dry-run", .meaning = "check the file only; import nothing"},
    {.name = "faults",
        .value = "FILE",
        .meaning = "write what is wrong to a CSV file, a line for each fault"},
    OPTION_KEY,
    {0},
};

static const struct column import_columns[] = {
    {"read", "Rows read", COLUMN_NUMBER},
    {"imported", "Imported", COLUMN_NUMBER},
    {"first", "First", COLUMN_TEXT},
    {"last", "Last", COLUMN_TEXT},
    {"encoding", "Encoding", COLUMN_TEXT},
    {"delimiter", "Delimiter", COLUMN_TEXT},
    {0},
};

static const char *
units_of(struct session *session, const json_t *answer, const char *field, const char *unit)
{
    long long count = json_integer_value(json_object_get(answer, field));
    return arena_printf(session->arena, "%lld %s%s", count, unit, count == 1 ? "" : "s");
}

/* Workplaces have their codes one behind another; those of participants have no order. */
static const char *
codes_of(struct session *session, const json_t *answer)
{
    const char *first = session_field(answer, "first");
    const char *last = session_field(answer, "last");
    return first == NULL ? "" : arena_printf(session->arena, ", as %s to %s", first, last);
}

/* The faults as a table beside the file that has them. */
static bool
write_faults(struct session *session, const char *path)
{
    const struct faults *faults = &session->faults;
    static const char *const header[] = {"line", "column", "field", "fault", "remedy"};
    struct text text;
    struct csv_writer writer;
    text_init(&text, session->arena);
    csv_writer_init(&writer, &text);
    for (size_t i = 0; i < COUNT_OF(header); i++)
        csv_write(&writer, header[i]);
    csv_end_row(&writer);
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        csv_write_number(&writer, fault->line);
        csv_write_number(&writer, fault->column);
        csv_write(&writer, fault->pointer);
        csv_write(&writer, fault->message);
        csv_write(&writer, fault->remedy);
        csv_end_row(&writer);
    }
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fwrite(text.bytes, 1, text.length, file) == text.length;
    bool closed = file != NULL && fclose(file) == 0;
    return written && closed;
}

/* Says what is wrong with the file: each fault on a line, or all of them in a table. */
static int
fail(struct session *session, const struct invocation *in)
{
    const char *path = invocation_option(in, "faults");
    int status = error_exit_status(session->error.code);
    if (path == NULL || session->faults.count == 0)
        return session_fail(session);
    if (!write_faults(session, path)) {
        int code = session_fail(session);
        fprintf(stderr, "rctctl: %s cannot be written\n", path);
        return code;
    }
    fprintf(stderr, "rctctl: %s; what is wrong stands in %s\n", session->error.detail, path);
    return status;
}

int
import_run(struct session *session, const struct invocation *in, const char *unit)
{
    const char *trial = invocation_argument(in, 0), *file = invocation_argument(in, 1);
    bool dry_run = invocation_has(in, "dry-run");
    struct progress progress;
    struct client_answer answer;
    struct client_request request = {
        .method = "POST",
        .path = path_query(session->arena,
            path_of(session->arena, "v1", "trials", trial,
                arena_printf(session->arena, "%ss", unit), "import", NULL),
            "dry_run", dry_run ? "true" : NULL),
        .content_type = "text/csv",
        .key = session_key(session, invocation_option(in, "key")),
        .progress = &progress,
        .patience = IMPORT_SECONDS,
    };
    session->faults.most = FAULTS_SHOWN_MAX;
    request.bytes = session_read_file(session, file, IMPORT_SIZE_MAX, &request.size);
    if (request.bytes == NULL)
        return session_fail(session);
    progress_start(&progress, arena_printf(session->arena, "Sending %s", file));
    progress.after = dry_run ? "rctd checks the file" : "rctd checks the file and registers";
    bool done = session_call(session, &request, &answer);
    progress_end(&progress);
    if (!done)
        return fail(session, in);
    if (json_integer_value(json_object_get(answer.json, "read")) == 0)
        return table_report(session, import_columns, answer.json,
            "%s has a header and no %ss; nothing was imported.", file, unit);
    if (dry_run)
        return table_report(session, import_columns, answer.json,
            "%s: %s read, without a fault. Nothing is imported yet.", file,
            units_of(session, answer.json, "read", unit));
    return table_report(session, import_columns, answer.json, "%s: %s imported into %s%s.", file,
        units_of(session, answer.json, "imported", unit), trial, codes_of(session, answer.json));
}
