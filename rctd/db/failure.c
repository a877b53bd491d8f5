/*
 * failure.c: what a failed statement means. PostgreSQL's own messages and details can hold what
 * users typed, so they are never passed on: users get a sentence of ours, the operator gets the
 * SQLSTATE, the constraint and the statement's name. The exception is a message that our own
 * triggers raise with SQLSTATE RC001: it is written for users.
 */
#include "base/log.h"
#include "base/text.h"
#include "db/session.h"

#include <stdio.h>
#include <string.h>

#define CACHED_PLAN_CHANGED "0A000"

struct meaning {
    const char *sqlstate; /* all five characters, or a class of two */
    enum error_code code;
    enum verdict verdict;
    const char *detail;
};

/* The first row that matches counts. */
static const struct meaning meanings[] = {
    {"40001", ERROR_CONTENTION, VERDICT_RETRY,
        "Others were changing the same thing at the same time; try again"},
    {"40P01", ERROR_CONTENTION, VERDICT_RETRY,
        "Others were changing the same thing at the same time; try again"},
    {"55P03", ERROR_CONTENTION, VERDICT_FINAL,
        "Others were changing the same thing for too long; try again"},
    {"57014", ERROR_BUSY, VERDICT_FINAL, "The database took too long over this; try again"},
    {"57P", ERROR_NO_DATABASE, VERDICT_LOST,
        "The database is shutting down or starting; try again"},
    {"08", ERROR_NO_DATABASE, VERDICT_LOST, "The connection to the database was lost; try again"},
    {"25P03", ERROR_NO_DATABASE, VERDICT_LOST,
        "The connection to the database was lost; try again"},
    {"26000", ERROR_NO_DATABASE, VERDICT_LOST,
        "The database forgot a statement that was prepared; behind a pooler set prepare = no"},
    {"42P05", ERROR_NO_DATABASE, VERDICT_LOST,
        "The database has a statement that was not prepared here; behind a pooler set prepare = "
        "no"},
    {"53100", ERROR_NO_DATABASE, VERDICT_FINAL,
        "The database's disk is full: nothing was stored; the operator has to make room"},
    {"53", ERROR_BUSY, VERDICT_FINAL, "The database has no room for this now; try again"},
    {"23505", ERROR_CONFLICT, VERDICT_FINAL,
        "Something with the same name or number is stored already"},
    {"23P01", ERROR_CONFLICT, VERDICT_FINAL, "This overlaps with something that is stored already"},
    {"23503", ERROR_REFUSED, VERDICT_FINAL,
        "This refers to something that is not there, or that others still refer to"},
    {"23514", ERROR_REFUSED, VERDICT_FINAL, "A value is outside of what is allowed here"},
    {"P0001", ERROR_REFUSED, VERDICT_FINAL, "A rule of the trial refuses this"},
    {"42501", ERROR_FORBIDDEN, VERDICT_FINAL, "Your role may not read or change this"},
};

static const struct meaning unforeseen = {"", ERROR_INTERNAL, VERDICT_FINAL,
    "Something failed inside rctd; the operator finds it in the log under this request's number"};

static const struct meaning connection_lost = {
    "", ERROR_NO_DATABASE, VERDICT_LOST, "The connection to the database was lost; try again"};

/* Writes that meet a server which has become a standby go to the new primary. */
static const struct meaning standby = {"25006", ERROR_NO_DATABASE, VERDICT_LOST,
    "The database is being moved to another machine; try again"};

static const char *
field(const PGresult *result, int code)
{
    const char *value = PQresultErrorField(result, code);
    return value == NULL ? "" : value;
}

static const struct meaning *
find(const PGresult *result)
{
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (text_starts(sqlstate, meanings[i].sqlstate))
            return &meanings[i];
    if (strcmp(sqlstate, standby.sqlstate) == 0)
        return &standby;
    return &unforeseen;
}

/* Two transactions appended to one audit stream at once: the second takes the next number. */
static bool
is_audit_race(const PGresult *result)
{
    const char *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    return strcmp(field(result, PG_DIAG_SQLSTATE), "23505") == 0 &&
           (strcmp(constraint, "audit_pkey") == 0 || strcmp(constraint, "audit_head_pkey") == 0);
}

/* A migration ran under our feet: plans made before it are of no use. */
static bool
is_stale_plan(const PGresult *result)
{
    return strcmp(field(result, PG_DIAG_SQLSTATE), CACHED_PLAN_CHANGED) == 0 &&
           strcmp(field(result, PG_DIAG_SOURCE_FUNCTION), "RevalidateCachedQuery") == 0;
}

/* The text of these classes (syntax, missing things, features) names objects, not people. */
static void
log_unforeseen(const PGresult *result, const char *statement)
{
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    bool harmless = text_starts(sqlstate, "42") || text_starts(sqlstate, "0A");
    log_write(LOG_ERROR,
        "statement failed statement=%s sqlstate=%s table=%s column=%s function=%s%s%s", statement,
        sqlstate, field(result, PG_DIAG_TABLE_NAME), field(result, PG_DIAG_COLUMN_NAME),
        field(result, PG_DIAG_SOURCE_FUNCTION), harmless ? " said=" : "",
        harmless ? field(result, PG_DIAG_MESSAGE_PRIMARY) : "");
}

static enum verdict
fill(struct error *error, const struct meaning *meaning, const char *where, const char *sqlstate)
{
    error_set(error, meaning->code, where, "%s", meaning->detail);
    snprintf(error->sqlstate, sizeof error->sqlstate, "%s", sqlstate);
    return meaning->verdict;
}

enum verdict
failure_read(
    const PGconn *connection, const PGresult *result, const char *statement, struct error *error)
{
    const char *sqlstate = result == NULL ? "" : field(result, PG_DIAG_SQLSTATE);
    if (sqlstate[0] == '\0')
        return fill(error, &connection_lost, statement, "");
    const char *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    const char *where = constraint[0] == '\0' ? statement : constraint;
    if (strcmp(sqlstate, "RC001") == 0) {
        error_set(error, ERROR_REFUSED, where, "%s", field(result, PG_DIAG_MESSAGE_PRIMARY));
        snprintf(error->sqlstate, sizeof error->sqlstate, "%s", sqlstate);
        return VERDICT_FINAL;
    }
    const struct meaning *meaning = find(result);
    enum verdict verdict = fill(error, meaning, where, sqlstate);
    if (is_audit_race(result)) {
        error->code = ERROR_CONTENTION;
        return VERDICT_RETRY;
    }
    if (is_stale_plan(result))
        return VERDICT_LOST;
    if (meaning == &unforeseen)
        log_unforeseen(result, statement);
    return PQstatus(connection) == CONNECTION_BAD ? VERDICT_LOST : verdict;
}

bool
failure_is_unknown(const PGconn *connection, const PGresult *result)
{
    if (result == NULL || PQstatus(connection) == CONNECTION_BAD)
        return true;
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    const char *severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return text_starts(sqlstate, "57P") || text_starts(sqlstate, "08") || sqlstate[0] == '\0' ||
           strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

void
failure_message(const PGconn *connection, char *out, size_t size)
{
    snprintf(out, size, "%s", connection == NULL ? "out of memory" : PQerrorMessage(connection));
    size_t length = strlen(out);
    while (length > 0 && (out[length - 1] == '\n' || out[length - 1] == ' '))
        out[--length] = '\0';
    for (char *c = out; *c != '\0'; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    text_cut_utf8(out, size - 1);
}
