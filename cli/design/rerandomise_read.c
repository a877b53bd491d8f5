/*
 * rerandomise_read.c: reads outcomes as a spreadsheet or a statistics program wrote them: any
 * delimiter, a decimal point, or a comma where the delimiter is none; an empty cell and NA for an
 * outcome that is missing.
 */
#include "cli/design/rerandomise_read.h"

#include "base/csv.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)256 << 20)

static bool
column_of(struct session *session, const struct csv *csv, const char *name, size_t *column)
{
    int found = csv_find(csv, name);
    struct text names;
    if (found >= 0) {
        *column = (size_t)found;
        return true;
    }
    text_init(&names, session->arena);
    for (size_t i = 0; i < csv->header.count; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : ", ", csv->header.cells[i].text);
    return error_set(&session->error, ERROR_FIELDS, "outcome",
        "the table of outcomes has no column %s; its columns are: %s", name, names.bytes);
}

static bool
is_missing(const char *text)
{
    return text[0] == '\0' || strcmp(text, "NA") == 0 || strcmp(text, ".") == 0;
}

/* A decimal number, nothing around it. */
static bool
read_number(char *text, char delimiter, double *value)
{
    char *end, *comma = delimiter == ',' ? NULL : strchr(text, ',');
    if (comma != NULL)
        *comma = '.';
    if (text[strspn(text, "+-.0123456789eE")] != '\0')
        return false;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

struct reading {
    struct session *session;
    struct rerandomise *test;
    struct rerandomise_outcomes *outcomes;
    const struct csv *csv;
    size_t id;
    size_t value;
    json_t *seen; /* unit -> true */
};

static void
add_fault(struct reading *reading, const struct csv_cell *cell, const char *pointer,
    const char *remedy, const char *message)
{
    faults_add(&reading->session->faults, pointer, cell->line, cell->column, remedy, "%s", message);
}

static void
take_row(struct reading *reading, const struct csv_row *row)
{
    struct rerandomise_outcomes *outcomes = reading->outcomes;
    struct arena *arena = reading->session->arena;
    const struct csv_cell *id = &row->cells[reading->id], *cell = &row->cells[reading->value];
    const char *unit = text_trim(arena, id->text);
    char *text = text_trim(arena, cell->text);
    double value;
    if (is_missing(text)) {
        outcomes->empty++;
        return;
    }
    if (json_object_get(reading->seen, unit) != NULL) {
        add_fault(reading, id, outcomes->id, "give one outcome for each unit",
            arena_printf(arena, "%.60s has an outcome already", unit));
        return;
    }
    json_object_set_new(reading->seen, unit, json_true());
    if (!read_number(text, reading->csv->delimiter, &value)) {
        add_fault(reading, cell, outcomes->value, "a number, or nothing where it is missing",
            arena_printf(arena, "`%.60s' is no number", cell->text));
    } else if (rerandomise_outcome(reading->test, unit, value)) {
        outcomes->read++;
    } else if (outcomes->unknown++ == 0) {
        outcomes->first_unknown = unit;
    }
}

bool
rerandomise_read(
    struct session *session, struct rerandomise *test, struct rerandomise_outcomes *outcomes)
{
    size_t size;
    struct csv csv;
    const char *bytes = session_read_file(session, outcomes->file, FILE_MAX, &size);
    if (bytes == NULL)
        return false;
    if (!csv_read(session->arena, bytes, size, &session->faults, &csv))
        return error_set(&session->error, ERROR_FIELDS, outcomes->file,
            "the table of outcomes %s cannot be read", outcomes->file);
    struct reading reading = {.session = session,
        .test = test,
        .outcomes = outcomes,
        .csv = &csv,
        .seen = session_keep(session, json_object())};
    if (!column_of(session, &csv, outcomes->id, &reading.id) ||
        !column_of(session, &csv, outcomes->value, &reading.value))
        return false;
    for (size_t i = 0; i < csv.count; i++)
        take_row(&reading, &csv.rows[i]);
    if (session->faults.total > 0)
        return error_set(
            &session->error, ERROR_FIELDS, outcomes->file, "%s has faults", outcomes->file);
    return outcomes->read > 0 || error_set(&session->error, ERROR_FIELDS, outcomes->file,
                                     "no unit of the ledger has an outcome in %s: does column %s "
                                     "hold their codes?",
                                     outcomes->file, outcomes->id);
}
