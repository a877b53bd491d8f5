/*
 * connection.c: opens a connection and pins its settings, queues statements in pipeline mode and
 * receives their results. Every result that arrives is read to its end, so that a failure leaves
 * the connection either usable or dropped, never in between.
 */
#include "db/connection.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "db/session.h"
#include "db/statement.h"
#include "db/statement_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENT_SECONDS 30
#define LOCK_SECONDS 10
#define PARAMETERS_MOST 64

/* Room for "s" and the number. */
#define PREPARED_NAME_SIZE 16

static char *
copy(const char *string)
{
    size_t size = strlen(string) + 1;
    return memcpy(memory_get(size), string, size);
}

struct db *
db_new(const struct db_options *options)
{
    struct db *db = memory_get(sizeof *db);
    db->conninfo = copy(options->conninfo);
    db->name = copy(options->name == NULL ? "rctd" : options->name);
    db->prepare = options->prepare;
    db->prepared = memory_get(sql_statement_count);
    snprintf(db->statement_timeout, sizeof db->statement_timeout, "%us",
        options->statement_seconds == 0 ? STATEMENT_SECONDS : options->statement_seconds);
    snprintf(db->lock_timeout, sizeof db->lock_timeout, "%us",
        options->lock_seconds == 0 ? LOCK_SECONDS : options->lock_seconds);
    return db;
}

void
db_free(struct db *db)
{
    if (db == NULL)
        return;
    db_disconnect(db);
    free(db->prepared);
    free(db->conninfo);
    free(db->name);
    free(db);
}

void
db_disconnect(struct db *db)
{
    PQfinish(db->connection);
    db->connection = NULL;
    db->queued = 0;
    db->broken = false;
    memset(db->prepared, 0, sql_statement_count);
}

/* A commit that a standby did not confirm, because the wait was cancelled or the server stops,
 * comes with a warning and reads COMMIT all the same. Messages are translated; this field is not.
 */
static void
see_notice(void *doubted, const PGresult *result)
{
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (function == NULL || sqlstate == NULL)
        return;
    if (doubted != NULL && (text_starts(function, "SyncRep") || text_starts(sqlstate, "57P")))
        *(bool *)doubted = true;
    log_write(LOG_WARNING, "warning of the database sqlstate=%s function=%s", sqlstate, function);
}

/* libpq repeats what it cannot read, and that can be a password. */
static bool
is_readable(const char *conninfo, struct error *error)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    if (options == NULL)
        return error_set(error, ERROR_CONFIG, "connect",
            "A connection string in the configuration is malformed: write host=... dbname=... "
            "user=..., "
            "values with blanks in single quotes");
    PQconninfoFree(options);
    return true;
}

PGconn *
session_open(const char *conninfo, const char *name, bool *doubted, struct error *error)
{
    /* What stands before dbname are defaults, which the connection string may replace. */
    static const char *const keywords[] = {"connect_timeout", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "tcp_user_timeout", "target_session_attrs",
        "dbname", "application_name", "client_encoding", NULL};
    const char *const values[] = {
        "5", "10", "5", "3", "30000", "read-write", conninfo, name, "UTF8", NULL};
    if (!is_readable(conninfo, error))
        return NULL;
    PGconn *connection = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(connection) == CONNECTION_OK) {
        PQsetNoticeReceiver(connection, see_notice, doubted);
        return connection;
    }
    char message[512];
    failure_message(connection, message, sizeof message);
    PQfinish(connection);
    error_set(error, ERROR_NO_DATABASE, "connect", "The database cannot be reached: %s", message);
    return NULL;
}

void
session_send_pins(struct db *db, bool local)
{
    const char *values[] = {local ? "t" : "f", db->statement_timeout, db->lock_timeout};
    session_send(db, STATEMENT_SESSION_PIN, values);
}

bool
db_connect(struct db *db, struct error *error)
{
    if (db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK)
        return true;
    db_disconnect(db);
    db->connection = session_open(db->conninfo, db->name, &db->doubted, error);
    if (db->connection == NULL)
        return false;
    if (PQenterPipelineMode(db->connection) != 1) {
        db_disconnect(db);
        return error_set(error, ERROR_NO_DATABASE, "connect", "The database library is too old");
    }
    if (!db->prepare)
        return true;
    enum verdict verdict;
    session_send_pins(db, false);
    PGresult *result = session_receive(db, error, &verdict);
    if (result == NULL) {
        db_disconnect(db);
        return false;
    }
    PQclear(result);
    return true;
}

static void
types_of(const struct sql_statement *statement, Oid types[PARAMETERS_MOST])
{
    if (statement->parameter_count > PARAMETERS_MOST)
        abort();
    for (size_t i = 0; i < statement->parameter_count; i++)
        types[i] = sql_type_oid(statement->parameters[i].type);
}

void
session_send(struct db *db, unsigned statement, const char *const *values)
{
    const struct sql_statement *row = &sql_statements[statement];
    int count = (int)row->parameter_count;
    Oid types[PARAMETERS_MOST];
    char name[PREPARED_NAME_SIZE];
    if (db->queued + 2 > SESSION_QUEUE)
        abort();
    if (!db->prepare) {
        types_of(row, types);
        db->broken |=
            !PQsendQueryParams(db->connection, row->text, count, types, values, NULL, NULL, 0);
        db->queue[db->queued++] = (int)statement;
        return;
    }
    snprintf(name, sizeof name, "s%u", statement);
    if (!db->prepared[statement]) {
        types_of(row, types);
        db->broken |= !PQsendPrepare(db->connection, name, row->text, count, types);
        db->queue[db->queued++] = ~(int)statement;
        db->prepared[statement] = 1;
    }
    db->broken |= !PQsendQueryPrepared(db->connection, name, count, values, NULL, NULL, 0);
    db->queue[db->queued++] = (int)statement;
}

static bool
is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static const char *
queued_name(const struct db *db, size_t at)
{
    int queued = db->queue[at];
    return sql_statements[queued < 0 ? ~queued : queued].name;
}

/* Drains what one queued command gave, and returns its one result, or NULL when the connection
 * broke. */
static PGresult *
next_result(PGconn *connection)
{
    PGresult *result = PQgetResult(connection);
    if (result == NULL || PQresultStatus(result) == PGRES_PIPELINE_SYNC)
        return result;
    for (PGresult *more; (more = PQgetResult(connection)) != NULL;) {
        PQclear(more);
        if (PQstatus(connection) == CONNECTION_BAD)
            break;
    }
    return result;
}

/* Reads every queued command's result and the end of the pipeline. Gives the first failed one, or
 * the last one; NULL when the connection broke without a word. */
static PGresult *
drain(struct db *db, size_t *failed)
{
    PGresult *kept = NULL;
    *failed = db->queued;
    for (size_t at = 0; at < db->queued; at++) {
        PGresult *result = next_result(db->connection);
        bool good = result != NULL && is_good(result);
        if (!good && db->queue[at] < 0)
            db->prepared[~db->queue[at]] = 0;
        if (*failed < db->queued) {
            PQclear(result);
        } else {
            PQclear(kept);
            kept = result;
            if (!good)
                *failed = at;
        }
        if (PQstatus(db->connection) == CONNECTION_BAD)
            break;
    }
    PQclear(next_result(db->connection));
    return kept;
}

PGresult *
session_receive(struct db *db, struct error *error, enum verdict *verdict)
{
    size_t failed = 0;
    PGresult *result = NULL;
    if (!db->broken && PQpipelineSync(db->connection) == 1)
        result = drain(db, &failed);
    bool good = result != NULL && failed == db->queued;
    if (good && PQstatus(db->connection) == CONNECTION_OK) {
        db->queued = 0;
        return result;
    }
    const char *name = queued_name(db, failed < db->queued ? failed : db->queued - 1);
    /* The server works in order: what was queued behind a failure that it told of was passed over.
     */
    bool told = failed + 1 < db->queued && PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL;
    db->unknown = !told && failure_is_unknown(db->connection, result);
    *verdict = failure_read(db->connection, good ? NULL : result, name, error);
    PQclear(result);
    db->queued = 0;
    return NULL;
}
