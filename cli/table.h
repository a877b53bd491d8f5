/*
 * table.h: shows what rctd answered: as a table for people, as JSON exactly as it came, or as CSV
 * for a spreadsheet (with the guard against formulas of base/csv.h).
 *
 * Columns are tolerant: one whose field is in no row is not shown. A blinded researcher's list has
 * no column for what rctd did not send. A time of which no more than the day was told, signed_at
 * beside signed_on, is shown as that day.
 */
#ifndef RCTD_CLI_TABLE_H
#define RCTD_CLI_TABLE_H

#include "cli/session.h"

#include <jansson.h>

enum column_kind {
    COLUMN_TEXT,
    COLUMN_LONG,     /* text that is broken over lines where the terminal is narrow */
    COLUMN_NUMBER,   /* to the right; people get six significant digits of what is not whole */
    COLUMN_TIME,     /* people get "2026-11-22 09:30 CET", by the trial's clocks (cli/when.h) */
    COLUMN_DAY,      /* a time: people get the day where a day begins with it */
    COLUMN_LAST_DAY, /* the first moment behind a window: people get the window's last day */
    COLUMN_COUNT,    /* a number for people, of what CSV and JSON have in full */
    COLUMN_CSV       /* only in CSV: too long, or of no use to people */
};

/* A column; the table of columns ends with a row without a field. */
struct column {
    const char *field; /* of the item, such as "name" or "attributes.sector"; CSV's header */
    const char *title; /* for people */
    enum column_kind kind;
};

/* Shows a list; `nothing` is the sentence for people where it is empty. */
void table_list(const struct session *session, const struct column *columns, json_t *items,
    const char *nothing);

/*
 * Shows one object: a line for each field, the known ones first and under their titles, then the
 * others but those that hold objects or lists of them. CSV has a header and one row.
 */
void table_one(const struct session *session, const struct column *columns, json_t *object);

/* What an action did: a sentence for people, the answer for programs. Gives exit status 0. */
int table_report(const struct session *session, const struct column *columns, json_t *answer,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* JSON on stdout, indented, with a new line. */
void table_json(json_t *json);

/* A value in a few words: lists joined with "; ", objects as name=value, true as yes. In the arena.
 */
const char *table_value(struct arena *arena, json_t *value, enum column_kind kind);

#endif
