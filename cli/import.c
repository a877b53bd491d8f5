/*
 * import.c: sends a table of workplaces or participants, and says what came of it.
 */
#include "cli/import.h"

#include "cli/invocation.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/table.h"

#define IMPORT_SIZE_MAX ((size_t)64 * 1024 * 1024)

const struct option_row import_options[] = {
    {.name = "dry-run", .meaning = "check the file only; import nothing"},
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
    };
    request.bytes = session_read_file(session, file, IMPORT_SIZE_MAX, &request.size);
    if (request.bytes == NULL)
        return session_fail(session);
    progress_start(&progress, arena_printf(session->arena, "Sending %s", file));
    bool done = session_call(session, &request, &answer);
    progress_end(&progress);
    if (!done)
        return session_fail(session);
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
