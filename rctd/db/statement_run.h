/*
 * statement_run.h: runs the statements of sql/query from the table that sql/statements.py makes of
 * them. Callers use the typed functions of the generated db/statement.h; these are what those call.
 *
 * All of them belong to a sticky transaction: after its first error they return false at once.
 * Whenever they return false their outputs are zero. Results are copies in the transaction's arena.
 */
#ifndef RCTD_DB_STATEMENT_RUN_H
#define RCTD_DB_STATEMENT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tx;

enum sql_type {
    SQL_TYPE_UUID,
    SQL_TYPE_TEXT,
    SQL_TYPE_INT4,
    SQL_TYPE_INT8,
    SQL_TYPE_BOOL,
    SQL_TYPE_TIMESTAMPTZ,
    SQL_TYPE_DATE,
    SQL_TYPE_JSONB,
    SQL_TYPE_FLOAT8,
    SQL_TYPE_BYTEA,
    SQL_TYPE_COUNT
};

enum sql_kind { SQL_KIND_ONE, SQL_KIND_MAYBE, SQL_KIND_MANY, SQL_KIND_EXEC };

/* A parameter or a column: a member of the statement's C struct. */
struct sql_field {
    const char *name;
    enum sql_type type;
    bool nullable;
    size_t offset; /* bytes from the start of the struct */
};

struct sql_statement {
    const char *name;
    const char *source; /* FILE:LINE under sql/query */
    enum sql_kind kind;
    bool queued; /* an :exec that may wait for the next statement */
    const char *text;
    const struct sql_field *parameters;
    size_t parameter_count;
    const struct sql_field *columns;
    size_t column_count;
    size_t row_size;
};

extern const struct sql_statement sql_statements[];
extern const size_t sql_statement_count;

/* The object id that PostgreSQL gives this type, and its name there. */
unsigned sql_type_oid(enum sql_type type);
const char *sql_type_name(enum sql_type type);

/*
 * An :exec that is marked as queued, and whose caller does not ask for the number of rows, is only
 * written down; it goes out with the transaction's next statement, or with COMMIT. When it fails,
 * that one gives its error, and a failure never goes unseen.
 *
 * `statement` is an index of the table; `in` the statement's struct of parameters, NULL where it
 * has none; `out` its row. No row where one is needed is ERROR_NOT_FOUND. More than one row for
 * :one or :maybe, and a NULL in a column that is not declared with "?", is ERROR_INTERNAL; the log
 * names it.
 */
bool statement_one(struct tx *tx, unsigned statement, const void *in, void *out);
bool statement_maybe(struct tx *tx, unsigned statement, const void *in, void *out, bool *found);
bool statement_many(struct tx *tx, unsigned statement, const void *in, size_t *count, void **rows);
bool statement_exec(struct tx *tx, unsigned statement, const void *in, int64_t *affected);

#endif
