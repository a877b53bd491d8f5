/*
 * record.c: reads out what the tables hold, each row as the trail shows it, so that whoever has
 * read the trail can hold one against the other: a row that was changed behind the trail's back
 * still has its old words there.
 */
#include "api/handlers.h"

#include <string.h>

/* In this order; a cursor is "STEP PLACE". */
static const char *const steps[] = {
    "allocation", "unit", "attempt", "grant", "account", "screening", "trial", NULL};

/* A unit comes with all that is its own. */
#define PLACES_MOST 500

const struct field record_answer[] = {
    {.name = "stream", .type = FIELD_STRING, .meaning = "The trail's stream that tells of it"},
    {.name = "object_kind", .type = FIELD_STRING, .meaning = "What kind of thing it is"},
    {.name = "object_id", .type = FIELD_STRING, .meaning = "Which one"},
    {.name = "record",
        .type = FIELD_STRING,
        .meaning = "The thing as it is stored, as JSON text in the form of the trail's `new`"},
    {0},
};

static bool
read_cursor(
    struct call *call, const char *cursor, size_t *step, struct uuid *after, struct error *error)
{
    *step = 0;
    *after = UUID_NIL;
    if (cursor[0] == '\0')
        return true;
    size_t length = strcspn(cursor, " ");
    const char *name = arena_strndup(call->arena, cursor, length);
    while (steps[*step] != NULL && strcmp(steps[*step], name) != 0)
        ++*step;
    if (steps[*step] != NULL && cursor[length] == ' ' && uuid_parse(cursor + length + 1, after))
        return true;
    return list_no_cursor(call, error);
}

static size_t
count_places(const struct sql_audit_records_rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++)
        count += i == 0 || !uuid_equal(rows->rows[i].place, rows->rows[i - 1].place);
    return count;
}

/* Where the list goes on behind these rows; NULL at its end. */
static const char *
cursor_behind(struct call *call, size_t step, const struct sql_audit_records_rows *rows, int most)
{
    char place[UUID_TEXT_SIZE];
    if (rows->count > 0 && count_places(rows) == (size_t)most && steps[step + 1] != NULL)
        return arena_printf(
            call->arena, "%s %s", steps[step], uuid_text(rows->rows[rows->count - 1].place, place));
    if (steps[step + 1] == NULL)
        return NULL;
    return arena_printf(call->arena, "%s %s", steps[step + 1], uuid_text(UUID_NIL, place));
}

static bool
list(struct call *call, struct uuid trial_id, struct error *error)
{
    struct sql_audit_records_rows rows;
    struct uuid after;
    size_t step;
    if (!read_cursor(call, call->list.after, &step, &after, error))
        return false;
    int most = call->list.limit < PLACES_MOST ? call->list.limit : PLACES_MOST;
    while (sql_audit_records(call->tx,
               &(struct sql_audit_records){
                   .trial_id = trial_id, .step = steps[step], .after = after, .most = most},
               &rows) &&
           rows.count == 0 && steps[step + 1] != NULL) {
        after = UUID_NIL;
        step++;
    }
    if (tx_error(call->tx)->code != ERROR_NONE)
        return call_failed(call, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_audit_records_row *row = &rows.rows[i];
        json_array_append_new(call->list.items,
            json_pack("{s:s, s:s, s:s, s:s}", "stream", row->stream, "object_kind",
                row->object_kind, "object_id", row->object_id, "record", row->record));
    }
    return list_answer_until(call, cursor_behind(call, step, &rows, most));
}

bool
record_list(struct call *call, struct error *error)
{
    return list(call, call->trial_id, error);
}

bool
record_instance_list(struct call *call, struct error *error)
{
    return list(call, UUID_NIL, error);
}
