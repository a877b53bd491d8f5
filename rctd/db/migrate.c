/*
 * migrate.c: applies what is missing, in order, one transaction each, and refuses a database that
 * this program does not know. It talks to PostgreSQL without pipeline mode: a migration is a script
 * of many statements. Its errors are for the operator at a terminal, so they pass on what
 * PostgreSQL says.
 */
#include "db/migrate.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "db/session.h"
#include "db/statement.h"
#include "db/statement_run.h"
#include "db/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOCK_PAUSE_MS 200
#define LOCK_TRIES (10 * 60 * 1000 / LOCK_PAUSE_MS)

struct run {
    PGconn *connection;
    const struct migration *list;
    size_t count;
    struct error *error;
};

static bool
fail(struct run *run, const PGresult *result, const char *what)
{
    char message[512];
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    failure_message(run->connection, message, sizeof message);
    error_set(run->error, sqlstate == NULL ? ERROR_NO_DATABASE : ERROR_INTERNAL, what,
        "The database could not be migrated, at %s: %s", what, primary == NULL ? message : primary);
    snprintf(
        run->error->sqlstate, sizeof run->error->sqlstate, "%s", sqlstate == NULL ? "" : sqlstate);
    return false;
}

/* A script of several statements. Outside of BEGIN it is one transaction. */
static bool
script(struct run *run, const char *text, const char *what)
{
    PGresult *result = PQexec(run->connection, text);
    ExecStatusType status = PQresultStatus(result);
    bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!done)
        fail(run, result, what);
    PQclear(result);
    return done;
}

/* A statement of session.sql; the caller clears the result, NULL on failure. */
static PGresult *
ask(struct run *run, enum statement statement, const char *const *values)
{
    const struct sql_statement *row = &sql_statements[statement];
    PGresult *result = PQexecParams(
        run->connection, row->text, (int)row->parameter_count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    fail(run, result, row->name);
    PQclear(result);
    return NULL;
}

static bool
do_it(struct run *run, enum statement statement, const char *const *values)
{
    PGresult *result = ask(run, statement, values);
    PQclear(result);
    return result != NULL;
}

static bool
is_true(const PGresult *result, int column)
{
    return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

/* Waits for another daemon's migration, up to ten minutes. The lock goes with the connection. */
static bool
lock(struct run *run)
{
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        PGresult *result = ask(run, STATEMENT_MIGRATION_LOCK, NULL);
        if (result == NULL)
            return false;
        bool locked = is_true(result, 0);
        PQclear(result);
        if (locked)
            return true;
        if (tries == 0)
            log_write(LOG_NOTICE, "another rctd is migrating this database; waiting for it");
        nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_MS * 1000000L}, NULL);
    }
    return error_set(run->error, ERROR_BUSY, "migrate",
        "Another rctd has been migrating this database for ten minutes; look at what it does, then "
        "try again");
}

static bool
make_roles(struct run *run)
{
    PGresult *result = ask(run, STATEMENT_MIGRATION_SESSION, NULL);
    if (result == NULL)
        return false;
    bool may = is_true(result, 0);
    bool made = is_true(result, 1);
    PQclear(result);
    if (may)
        return script(run, migration_roles, "roles.sql");
    if (made)
        return true;
    return error_set(run->error, ERROR_FORBIDDEN, "roles.sql",
        "The roles of rctd are not in this database, and %s may not make them: run `rctd "
        "--migrate` "
        "once with a database_owner that connects as a superuser of PostgreSQL",
        PQuser(run->connection));
}

/* The database's ledger against our list: refuses a newer database and one with other migrations.
 */
static bool
compare(const struct migration *list, size_t count, int version, const char *name,
    const char *sha256, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].version != version)
            continue;
        if (strcmp(list[i].sha256, sha256) == 0)
            return true;
        return error_set(error, ERROR_SCHEMA_VERSION, name,
            "Migration %04d_%s in the database is not the one of this rctd (its SHA-256 there is "
            "%s, here %s): install the rctd that the database was made with",
            version, name, sha256, list[i].sha256);
    }
    return error_set(error, ERROR_SCHEMA_VERSION, name,
        "The database has schema version %d (%s), this rctd knows version %d: install the newer "
        "rctd",
        version, name, count == 0 ? 0 : list[count - 1].version);
}

/* Gives the number of migrations that are applied; they are a head of our list. */
static bool
read_ledger(struct run *run, size_t *applied)
{
    PGresult *result = ask(run, STATEMENT_MIGRATION_LIST, NULL);
    if (result == NULL)
        return false;
    bool done = true;
    int last = PQntuples(result) - 1;
    /* The newest first: of a newer database the error names the newest version. */
    for (int row = last; done && row >= 0; row--)
        done = compare(run->list, run->count, (int)strtol(PQgetvalue(result, row, 0), NULL, 10),
            PQgetvalue(result, row, 1), PQgetvalue(result, row, 2), run->error);
    *applied = (size_t)PQntuples(result);
    PQclear(result);
    return done;
}

static bool
apply(struct run *run, const struct migration *migration)
{
    char version[16];
    char what[80];
    const char *values[] = {version, migration->name, migration->sha256};
    snprintf(version, sizeof version, "%d", migration->version);
    snprintf(what, sizeof what, "migration %04d_%s", migration->version, migration->name);
    if (!do_it(run, STATEMENT_TRANSACTION_BEGIN, NULL) || !script(run, migration->text, what) ||
        !do_it(run, STATEMENT_MIGRATION_INSERT, values) ||
        !do_it(run, STATEMENT_TRANSACTION_COMMIT, NULL))
        return false;
    log_write(LOG_NOTICE, "migrated the database version=%d name=%s", migration->version,
        migration->name);
    return true;
}

static bool
migrate(struct run *run)
{
    static const char *const pins[] = {"f", "0", "0"};
    size_t applied;
    if (!do_it(run, STATEMENT_SESSION_PIN, pins) || !lock(run) || !make_roles(run) ||
        !do_it(run, STATEMENT_MIGRATION_ACT_AS_OWNER, NULL) ||
        !do_it(run, STATEMENT_MIGRATION_LEDGER, NULL) ||
        !do_it(run, STATEMENT_MIGRATION_LEDGER_GRANT, NULL) || !read_ledger(run, &applied))
        return false;
    for (size_t i = applied; i < run->count; i++)
        if (!apply(run, &run->list[i]))
            return false;
    return true;
}

bool
db_migrate_with(
    const char *conninfo_owner, const struct migration *list, size_t count, struct error *error)
{
    struct run run = {.list = list, .count = count, .error = error};
    run.connection = session_open(conninfo_owner, "rctd migrate", NULL, error);
    if (run.connection == NULL)
        return false;
    bool done = migrate(&run);
    PQfinish(run.connection);
    return done;
}

bool
db_migrate(const char *conninfo_owner, struct error *error)
{
    return db_migrate_with(conninfo_owner, migrations, migration_count, error);
}

int
db_schema_version(void)
{
    return migration_count == 0 ? 0 : migrations[migration_count - 1].version;
}

static bool
not_migrated(struct error *error)
{
    return error_set(error, ERROR_SCHEMA_VERSION, "schema",
        "The database has no schema of rctd, this rctd needs version %d: run `rctd --migrate`",
        db_schema_version());
}

static bool
check_body(struct tx *tx, void *data)
{
    struct error *verdict = data;
    struct sql_migration_ledger_present_row ledger;
    struct sql_migration_list_rows applied;
    *verdict = ERROR_CLEAR;
    if (!sql_migration_ledger_present(tx, &ledger))
        return false;
    if (!ledger.present) {
        not_migrated(verdict);
        return true;
    }
    if (!sql_migration_list(tx, &applied))
        return false;
    for (size_t i = applied.count; i > 0; i--) {
        const struct sql_migration_list_row *row = &applied.rows[i - 1];
        if (!compare(migrations, migration_count, row->version, row->name, row->sha256, verdict))
            return true;
    }
    if (applied.count < migration_count)
        error_set(verdict, ERROR_SCHEMA_VERSION, "schema",
            "The database has schema version %zu, this rctd needs version %d: run `rctd --migrate`",
            applied.count, db_schema_version());
    return true;
}

bool
db_schema_check(struct db *db, struct error *error)
{
    static const struct tx_context context = {
        .role = DB_ROLE_APP, .actor = "rctd", .action = "schema.check", .read_only = true};
    struct arena *arena = arena_new();
    struct error verdict = ERROR_CLEAR;
    bool done = db_transact(db, arena, &context, check_body, &verdict, error);
    arena_free(arena);
    if (done && verdict.code != ERROR_NONE) {
        *error = verdict;
        return false;
    }
    /* Without the roles there is no schema either: becoming rctd_app failed. */
    if (!done && (strcmp(error->sqlstate, "22023") == 0 || error->code == ERROR_FORBIDDEN))
        return not_migrated(error);
    return done;
}
