/*
 * csv.h: reads the tables that coordinators send and writes those that they open in a spreadsheet.
 *
 * Reading finds out the delimiter (comma, semicolon or tab) and the encoding (UTF-8 with or without
 * a byte order mark, else Windows-1252) by itself, takes quoted fields with doubled quotes and line
 * breaks in them, and ends lines at LF, CRLF or CR. Every fault of the file is listed, with line
 * and column.
 */
#ifndef RCTD_BASE_CSV_H
#define RCTD_BASE_CSV_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define CSV_COLUMNS_MAX 1000
#define CSV_ROWS_MAX 200000 /* behind the header */

struct csv_cell {
    const char *text; /* UTF-8, without its quotes, white space kept; never NULL */
    unsigned line;    /* of the file, from 1: where the cell begins */
    unsigned column;  /* in characters, from 1 */
};

struct csv_row {
    size_t count;
    struct csv_cell *cells;
    unsigned line;
};

/* The first row of the file is the header; lines without any text are left out everywhere. */
struct csv {
    char delimiter;       /* ',' ';' or '\t' */
    const char *encoding; /* "UTF-8" or "WINDOWS-1252" */
    struct csv_row header;
    bool named; /* the header can be one: no cell holds an address or a number of six digits, as it
                   would where the header was forgotten. Otherwise faults do not repeat it */
    size_t count;
    struct csv_row *rows; /* every one as long as the header when csv_read says true */
};

/*
 * Reads a whole file. Everything in `csv` lies in the arena. False when faults were added: an empty
 * file, a NUL byte, UTF-16, text in neither encoding, a name twice in the header, too many columns
 * or rows, an unclosed quote, text behind a closing quote, a row shorter or longer than the header.
 * The rows are as good as they could be read even then, so that a caller may look for faults of its
 * own in those that have the header's length.
 */
bool csv_read(struct arena *arena, const void *bytes, size_t size, struct faults *faults,
    struct csv *csv) MUST_CHECK;

/* The index of the header cell with that name, ASCII case and white space at its ends aside; -1
 * where there is none. */
int csv_find(const struct csv *csv, const char *name);

/*
 * Writing: cells one after another, then the row's end (LF). A cell is quoted where RFC 4180 asks
 * for it, and where a spreadsheet with another delimiter would cut it. Text that a spreadsheet
 * would take for a formula (= + - @ tab or CR first) gets an apostrophe before it, unless it is a
 * plain number.
 */
struct csv_writer {
    struct text *text;
    bool started; /* the row has a cell */
};

void csv_writer_init(struct csv_writer *writer, struct text *text);
void csv_write(struct csv_writer *writer, const char *cell); /* NULL is an empty cell */
void csv_write_number(struct csv_writer *writer, long long number);
void csv_end_row(struct csv_writer *writer);

#endif
