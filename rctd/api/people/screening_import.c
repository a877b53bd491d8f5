/*
 * screening_import.c: a CSV file of entries of the screening log: all of it, or none with every
 * fault listed.
 */
#include "api/handlers.h"
#include "base/clock.h"
#include "base/csv.h"
#include "http/body.h"
#include "store/conduct/protocol.h"
#include "store/people/screening.h"

#include <string.h>

#define ROWS_MAX 10000
#define PEOPLE_MAX 100000

enum column { UNIT, CODE, WORKPLACE, PHASE, PEOPLE, STATE, REASON, ON, COLUMN_COUNT };
static const char *const names[] = {
    "unit", "code", "workplace", "phase", "people", "state", "reason", "on"};

static bool
is_word(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (text_equal(text, *words))
            return true;
    return false;
}

/* The cell's text without blanks; NULL where it is empty or the file has no such column. */
static const char *
cell(struct arena *arena, const struct csv_row *row, const int *columns, enum column which)
{
    if (columns[which] < 0)
        return NULL;
    const char *text = text_trim(arena, row->cells[columns[which]].text);
    return text[0] == '\0' ? NULL : text;
}

/* What no rule of the trial is needed for. */
static void
check_cells(struct faults *faults, unsigned line, const char *const *cells)
{
    static const char *const units[] = {"workplace", "participant", NULL};
    static const char *const states[] = {
        "not-approached", "approached", "ineligible", "declined", "enrolled", NULL};
    if (cells[UNIT] == NULL || !is_word(cells[UNIT], units))
        faults_add(
            faults, "unit", line, 0, "workplace or participant", "is not what an entry is of");
    if (cells[STATE] == NULL || !is_word(cells[STATE], states))
        faults_add(faults, "state", line, 0,
            "not-approached, approached, ineligible, declined or enrolled", "is no state");
    long long people;
    if (cells[PEOPLE] != NULL &&
        (!text_to_int64(cells[PEOPLE], &people) || people < 1 || people > PEOPLE_MAX))
        faults_add(faults, "people", line, 0, "a whole number from 1", "is no count of people");
    if (cells[ON] != NULL && !clock_is_date(cells[ON]))
        faults_add(faults, "on", line, 0, "YYYY-MM-DD", "is no day");
}

struct import {
    struct call *call;
    const struct protocol *protocol;
    struct screening_wish *wishes;
    struct screening_ready *ready;
};

static bool
read_row(struct import *import, size_t index, const struct csv_row *row, const int *columns)
{
    struct call *call = import->call;
    const char *cells[COLUMN_COUNT];
    long long people = 1;
    size_t before = call->faults.total;
    for (int i = 0; i < COLUMN_COUNT; i++)
        cells[i] = cell(call->arena, row, columns, (enum column)i);
    check_cells(&call->faults, row->line, cells);
    if (call->faults.total > before)
        return true;
    if (cells[PEOPLE] != NULL && !text_to_int64(cells[PEOPLE], &people))
        people = 1;
    import->wishes[index] = (struct screening_wish){
        .kind = text_equal(cells[UNIT], "workplace") ? PROTOCOL_WORKPLACE : PROTOCOL_PARTICIPANT,
        .code = cells[CODE],
        .workplace = cells[WORKPLACE],
        .phase = cells[PHASE],
        .people = people,
        .state = cells[STATE],
        .reason = cells[REASON],
        .on = cells[ON],
        .source = "import"};
    const struct screening_place place = {.faults = &call->faults, .prefix = "", .line = row->line};
    return screening_check(call->tx, import->protocol, call->trial_id, call->scope,
        &import->wishes[index], &place, &import->ready[index]);
}

/* Where each column stands; a fault for a header that is not known. */
static void
find_columns(struct call *call, const struct csv *csv, int *columns)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        columns[i] = csv_find(csv, names[i]);
    for (size_t i = 0; i < csv->header.count; i++) {
        bool known = false;
        for (int c = 0; c < COLUMN_COUNT; c++)
            known = known || columns[c] == (int)i;
        if (!known)
            faults_add(&call->faults, "header", csv->header.line, csv->header.cells[i].column,
                "the columns are unit, code, workplace, phase, people, state, reason, on",
                "this column is not known");
    }
    if (columns[UNIT] < 0 || columns[STATE] < 0)
        faults_add(&call->faults, "header", csv->header.line, 0, "the first line names the columns",
            "there is no column unit, or none called state");
    if (csv->count > ROWS_MAX)
        faults_add(&call->faults, "rows", 0, 0, "split the file", "more than %d rows", ROWS_MAX);
}

static bool
write_all(struct import *import, size_t count)
{
    struct uuid entry_id;
    for (size_t i = 0; i < count; i++)
        if (!screening_write(import->call->tx, import->call->trial_id, &import->wishes[i],
                &import->ready[i], &entry_id))
            return false;
    return true;
}

bool
screening_import(struct call *call, struct error *error)
{
    struct csv csv;
    int columns[COLUMN_COUNT] = {0}, version;
    bool dry = text_equal(http_query(call->request, "dry_run"), "true");
    bool readable =
        csv_read(call->arena, call->request->body, call->request->body_size, &call->faults, &csv);
    struct import import = {.call = call,
        .protocol = protocol_in_force(call->tx, call->session, call->trial_id, &version)};
    if (import.protocol == NULL)
        return call_failed(call, error);
    if (readable)
        find_columns(call, &csv, columns);
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    import.wishes = arena_array(call->arena, csv.count + 1, sizeof *import.wishes);
    import.ready = arena_array(call->arena, csv.count + 1, sizeof *import.ready);
    for (size_t i = 0; i < csv.count; i++)
        if (!read_row(&import, i, &csv.rows[i], columns))
            return call_failed(call, error);
    faults_sort(&call->faults);
    if (call->faults.total > 0)
        return body_refuse(&call->faults, error);
    if (!dry && !write_all(&import, csv.count))
        return call_failed(call, error);
    return call_answer(call, 200,
        json_pack("{s:I, s:I}", "read", (json_int_t)csv.count, "imported",
            (json_int_t)(dry ? 0 : csv.count)));
}
