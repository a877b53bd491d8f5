/*
 * ledger.h: reads an exported ledger (rctd-ledger(5)) row by row, straight from the bytes of the
 * file: a row costs no memory, however long the ledger is.
 *
 * A reader belongs to one thread; several may read the same bytes at once.
 */
#ifndef RCTD_TRIAL_LEDGER_H
#define RCTD_TRIAL_LEDGER_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The columns in their order: X(name in C, name in the header). */
#define LEDGER_COLUMNS(X)                                                                          \
    X(TRIAL, "trial")                                                                              \
    X(SCHEME, "scheme")                                                                            \
    X(STRATUM, "stratum")                                                                          \
    X(POSITION, "position")                                                                        \
    X(UNIT, "unit")                                                                                \
    X(KIND, "kind")                                                                                \
    X(ARM, "arm")                                                                                  \
    X(PHASE, "phase")                                                                              \
    X(PROTOCOL_VERSION, "protocol_version")                                                        \
    X(METHOD, "method")                                                                            \
    X(DECISION, "decision")                                                                        \
    X(ALLOCATED_AT, "allocated_at")                                                                \
    X(ALLOCATED_BY, "allocated_by")                                                                \
    X(KEY, "key")                                                                                  \
    X(RECEIPT, "receipt")

#define LEDGER_COLUMN_ENUM(name, text) LEDGER_##name,
enum ledger_column { LEDGER_COLUMNS(LEDGER_COLUMN_ENUM) LEDGER_COLUMN_COUNT };
#undef LEDGER_COLUMN_ENUM

/* The longest row that is read, in bytes. */
#define LEDGER_ROW_MAX 65536

/* Text without its quotes; no NUL ends it. */
struct ledger_cell {
    const char *bytes;
    size_t length;
};

/* Its cells are good until the next row is read. */
struct ledger_row {
    unsigned line; /* of the file, from 1 */
    struct ledger_cell cells[LEDGER_COLUMN_COUNT];
    int64_t position;         /* from 1 */
    int64_t protocol_version; /* from 1 */
};

struct ledger_reader {
    const char *bytes; /* the whole file, borrowed: outlives the reader */
    size_t size;
    size_t at; /* the first byte that is not read yet: for a progress bar */
    unsigned line;
    struct faults *faults; /* NULL: faults are passed over in silence */
    char *unquoted;        /* text of the row's quoted cells */
    size_t unquoted_used;
};

/*
 * Starts at the first row; false, with a fault, where the header is not that of a ledger. The
 * reader is to be closed in either case.
 */
bool ledger_open(
    struct ledger_reader *reader, const char *bytes, size_t size, struct faults *faults) MUST_CHECK;

/*
 * The next row that can be read; false at the end of the file. A row that cannot be read is a fault
 * with line and column, and is passed over.
 */
bool ledger_next(struct ledger_reader *reader, struct ledger_row *row) MUST_CHECK;

void ledger_close(struct ledger_reader *reader);

/* The column's name in the header. */
const char *ledger_column_name(enum ledger_column column);

/* Is the cell this text? */
bool ledger_cell_is(struct ledger_cell cell, const char *text);

/* The cell as a string, in the arena. */
char *ledger_cell_text(struct arena *arena, struct ledger_cell cell);

#endif
