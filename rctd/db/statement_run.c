/*
 * statement_run.c: one path for every statement: encode, send, receive, decode. What is wrong with
 * a statement itself (a NULL where none was declared, too many rows) is a mistake of ours: the user
 * gets ERROR_INTERNAL, the log gets the statement's name and the field's.
 */
#include "db/statement_run.h"

#include "base/log.h"
#include "base/text.h"
#include "db/session.h"
#include "db/value.h"

#include <string.h>

/* Ours to mend, so the user is told no more than that. */
static bool
blame(struct tx *tx, const struct sql_statement *row, const char *field, const char *what)
{
    log_write(LOG_ERROR, "%s statement=%s source=%s field=%s", what, row->name, row->source, field);
    return tx_fail(tx, ERROR_INTERNAL,
        "Something failed inside rctd; the operator finds it in the log under this request's "
        "number");
}

static const char **
encode(struct tx *tx, const struct sql_statement *row, const void *in)
{
    const char **values = arena_array(tx_arena(tx), row->parameter_count, sizeof *values);
    for (size_t i = 0; i < row->parameter_count; i++)
        if (!value_encode(tx_arena(tx), &row->parameters[i], in, &values[i])) {
            blame(tx, row, row->parameters[i].name, "a parameter that may not be NULL is");
            return NULL;
        }
    return values;
}

/* NULL when the transaction has failed, before or now. */
static PGresult *
run(struct tx *tx, unsigned statement, const void *in)
{
    if (!tx_ok(tx))
        return NULL;
    const char **values = encode(tx, &sql_statements[statement], in);
    return values == NULL ? NULL : transaction_run(tx, statement, values);
}

static bool
decode(struct tx *tx, const struct sql_statement *row, const PGresult *result, int at, void *out)
{
    if ((size_t)PQnfields(result) != row->column_count)
        return blame(tx, row, "", "a statement has other columns than it declares");
    for (int i = 0; i < (int)row->column_count; i++) {
        const char *text = PQgetisnull(result, at, i) ? NULL : PQgetvalue(result, at, i);
        if (!value_decode(tx_arena(tx), &row->columns[i], text, out))
            return blame(tx, row, row->columns[i].name,
                text == NULL ? "a column that may not be NULL is" : "a column cannot be read");
    }
    return true;
}

bool
statement_maybe(struct tx *tx, unsigned statement, const void *in, void *out, bool *found)
{
    const struct sql_statement *row = &sql_statements[statement];
    memset(out, 0, row->row_size);
    *found = false;
    PGresult *result = run(tx, statement, in);
    if (result == NULL)
        return false;
    int count = PQntuples(result);
    bool done = true;
    if (count > 1)
        done = blame(tx, row, "", "a statement gave more than one row");
    else if (count == 1)
        *found = done = decode(tx, row, result, 0, out);
    if (!done)
        memset(out, 0, row->row_size);
    PQclear(result);
    return done;
}

bool
statement_one(struct tx *tx, unsigned statement, const void *in, void *out)
{
    bool found;
    if (!statement_maybe(tx, statement, in, out, &found))
        return false;
    if (!found)
        return tx_fail(tx, ERROR_NOT_FOUND, "There is no such thing here");
    return true;
}

bool
statement_many(struct tx *tx, unsigned statement, const void *in, size_t *count, void **rows)
{
    const struct sql_statement *row = &sql_statements[statement];
    *count = 0;
    *rows = NULL;
    PGresult *result = run(tx, statement, in);
    if (result == NULL)
        return false;
    size_t found = (size_t)PQntuples(result);
    char *array = arena_array(tx_arena(tx), found, row->row_size);
    bool done = true;
    for (size_t at = 0; done && at < found; at++)
        done = decode(tx, row, result, (int)at, array + at * row->row_size);
    if (done) {
        *count = found;
        *rows = array;
    }
    PQclear(result);
    return done;
}

static bool
queue(struct tx *tx, unsigned statement, const void *in)
{
    if (!tx_ok(tx))
        return false;
    const char **values = encode(tx, &sql_statements[statement], in);
    return values != NULL && transaction_queue(tx, statement, values);
}

bool
statement_exec(struct tx *tx, unsigned statement, const void *in, int64_t *affected)
{
    if (affected == NULL && sql_statements[statement].queued)
        return queue(tx, statement, in);
    if (affected != NULL)
        *affected = 0;
    PGresult *result = run(tx, statement, in);
    if (result == NULL)
        return false;
    long long rows = 0;
    /* Statements other than SELECT, INSERT, UPDATE, DELETE and MERGE count nothing. */
    if (affected != NULL && text_to_int64(PQcmdTuples(result), &rows))
        *affected = rows;
    PQclear(result);
    return true;
}
