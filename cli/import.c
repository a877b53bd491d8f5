/*
 * import.c: sends a table, and says what came of it. Where something is wrong the place is told as
 * a spreadsheet shows it: line, the letter of the column, and its header.
 */
#include "cli/import.h"

#include "base/csv.h"
#include "base/text.h"
#include "cli/import_codes.h"
#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/secret.h"
#include "cli/table.h"

#include <stdio.h>

#define IMPORT_SIZE_MAX ((size_t)64 * 1024 * 1024)
#define IMPORT_SECONDS 900       /* for 200,000 rows on a slow machine that does other things too */
#define FAULTS_SHOWN_MAX 1000000 /* more than an answer holds */

const struct option_row import_options[] = {
    IMPORT_OPTIONS,
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

/* "A" to "Z", "AA", "AB": a column's name in spreadsheets; `index` from 0. */
static const char *
letters_of(struct arena *arena, size_t index)
{
    const char *rest = index < 26 ? "" : letters_of(arena, index / 26 - 1);
    return arena_printf(arena, "%s%c", rest, (char)('A' + index % 26));
}

/* The row that begins in that line, or the last one before it: a cell may have lines of its own. */
static const struct csv_row *
row_at(const struct csv *csv, unsigned line)
{
    size_t low = 0, high = csv->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (csv->rows[middle].line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? &csv->header : &csv->rows[low - 1];
}

static size_t
cell_at(const struct csv_row *row, const struct fault *fault)
{
    size_t index = 0;
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].line < fault->line ||
            (row->cells[i].line == fault->line && row->cells[i].column <= fault->column))
            index = i;
    return index;
}

/* Where a fault stands, by column: its letter, and the header where it may be one. */
struct place {
    const char *letters; /* "" where it is not known */
    const char *header;
};

static struct place
place_of(struct arena *arena, const struct csv *csv, const struct fault *fault)
{
    if (csv->header.count == 0 || fault->line == 0 || fault->column == 0)
        return (struct place){"", fault->pointer};
    size_t index = cell_at(row_at(csv, fault->line), fault);
    bool named = csv->named && index < csv->header.count;
    return (struct place){letters_of(arena, index),
        named ? text_trim(arena, csv->header.cells[index].text) : fault->pointer};
}

/* What was sent, once more; nothing in it where it is no table. */
static void
read_table(struct session *session, const struct client_request *request, struct csv *csv)
{
    struct faults known;
    *csv = (struct csv){0};
    faults_init(&known, session->arena);
    if (!csv_read(session->arena, request->bytes, request->size, &known, csv) && !csv->named)
        *csv = (struct csv){0};
}

static const char *
units_of(struct session *session, const json_t *answer, const char *field, const char *one,
    const char *many)
{
    long long count = json_integer_value(json_object_get(answer, field));
    return arena_printf(session->arena, "%lld %s", count, count == 1 ? one : many);
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
write_faults(struct session *session, const struct csv *csv, const char *path)
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
        struct place place = place_of(session->arena, csv, fault);
        csv_write_number(&writer, fault->line);
        csv_write(&writer, place.letters);
        csv_write(&writer, place.header);
        csv_write(&writer, fault->message);
        csv_write(&writer, fault->remedy);
        csv_end_row(&writer);
    }
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fwrite(text.bytes, 1, text.length, file) == text.length;
    bool closed = file != NULL && fclose(file) == 0;
    return written && closed;
}

/* The places in words, for a line each. */
static void
put_places(struct session *session, const struct csv *csv)
{
    for (size_t i = 0; i < session->faults.count; i++) {
        struct fault *fault = &session->faults.items[i];
        struct place place = place_of(session->arena, csv, fault);
        if (place.letters[0] == '\0')
            continue;
        fault->column = 0;
        fault->pointer = arena_printf(session->arena, "column %s%s%s", place.letters,
            place.header[0] == '\0' ? "" : ", ", place.header);
    }
}

/* Says what is wrong with the file: each fault on a line, or all of them in a table. */
static int
fail(struct session *session, const struct invocation *in, const struct client_request *request)
{
    struct csv csv;
    const char *path = invocation_option(in, "faults");
    int status = error_exit_status(session->error.code);
    read_table(session, request, &csv);
    if (path == NULL || session->faults.count == 0) {
        put_places(session, &csv);
        return session_fail(session);
    }
    if (!write_faults(session, &csv, path)) {
        int code = session_fail(session);
        fprintf(stderr, "rctctl: %s cannot be written\n", path);
        return code;
    }
    fprintf(stderr, "rctctl: %s; what is wrong stands in %s\n", session->error.detail, path);
    return status;
}

/* What came of the table, in words and figures. */
static int
report(struct session *session, const struct invocation *in, json_t *answer, const char *one,
    const char *many)
{
    const char *trial = invocation_argument(in, 0), *file = invocation_argument(in, 1);
    const char *out = invocation_option(in, "out");
    if (json_integer_value(json_object_get(answer, "read")) == 0)
        return table_report(session, import_columns, answer,
            "%s has a header and no %s; nothing was imported.", file, many);
    if (invocation_has(in, "dry-run"))
        return table_report(session, import_columns, answer,
            "%s: %s read, without a fault. Nothing is imported yet.", file,
            units_of(session, answer, "read", one, many));
    return table_report(session, import_columns, answer, "%s: %s imported into %s%s.%s", file,
        units_of(session, answer, "imported", one, many), trial, codes_of(session, answer),
        out == NULL ? ""
                    : arena_printf(session->arena, " Line by line, their codes are in %s.", out));
}

/* Fills it, or takes it away where nobody was registered. */
static bool
keep_codes(struct session *session, const struct invocation *in,
    const struct client_request *request, const json_t *answer, int fd)
{
    struct csv csv;
    const char *out = invocation_option(in, "out");
    if (out == NULL)
        return true;
    if (json_integer_value(json_object_get(answer, "imported")) == 0) {
        secret_cancel(out, fd);
        return true;
    }
    read_table(session, request, &csv);
    return import_codes_write(
        session, out, fd, &csv, json_object_get(answer, "codes"), request->key);
}

int
import_run(struct session *session, const struct invocation *in, const char *where, const char *one,
    const char *many)
{
    const char *trial = invocation_argument(in, 0), *file = invocation_argument(in, 1);
    bool dry_run = invocation_has(in, "dry-run");
    struct progress progress;
    struct client_answer answer;
    struct client_request request = {
        .method = "POST",
        .path = path_query(session->arena,
            path_of(session->arena, "v1", "trials", trial, where, "import", NULL), "dry_run",
            dry_run ? "true" : NULL),
        .content_type = "text/csv",
        .key = session_key(session, invocation_option(in, "key")),
        .progress = &progress,
        .patience = IMPORT_SECONDS,
    };
    int fd;
    session->faults.most = FAULTS_SHOWN_MAX;
    if (dry_run && invocation_has(in, "out"))
        return session_usage(session, "a dry run gives no codes; leave --out out, or --dry-run");
    request.bytes = session_read_file(session, file, IMPORT_SIZE_MAX, &request.size);
    if (request.bytes == NULL || !secret_open(session, invocation_option(in, "out"), &fd))
        return session_fail(session);
    progress_start(&progress, arena_printf(session->arena, "Sending %s", file));
    progress.after = dry_run ? "rctd checks the file" : "rctd checks the file and registers";
    bool done = session_call(session, &request, &answer);
    progress_end(&progress);
    if (!done) {
        secret_cancel(invocation_option(in, "out"), fd);
        return fail(session, in, &request);
    }
    if (!keep_codes(session, in, &request, answer.json, fd))
        return session_fail(session);
    return report(session, in, answer.json, one, many);
}
