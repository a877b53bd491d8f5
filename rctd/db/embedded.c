/*
 * embedded.c: the order in which a private PostgreSQL comes up and goes down.
 */
#include "db/embedded.h"

#include "base/arena.h"
#include "base/log.h"
#include "db/embedded_private.h"
#include "db/migrate.h"
#include "db/session.h"
#include "db/statement.h"
#include "db/statement_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
set_conninfo(struct embedded *embedded)
{
    static const char *const users[] = {
        [EMBEDDED_SUPERUSER] = "postgres",
        [EMBEDDED_OWNER] = "rctd_owner",
        [EMBEDDED_LOGIN] = "rctd_login",
    };
    for (size_t i = 0; i < COUNT_OF(users); i++)
        snprintf(embedded->conninfo[i], sizeof embedded->conninfo[i],
            "host='%s' port=5432 dbname=rctd user=%s", embedded->socket, users[i]);
}

static PGresult *
ask(PGconn *connection, enum statement statement, struct error *error)
{
    PGresult *result = PQexec(connection, sql_statements[statement].text);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    failure_read(connection, result, sql_statements[statement].name, error);
    PQclear(result);
    return NULL;
}

static bool
make_database(struct embedded *embedded, struct error *error)
{
    char conninfo[2 * EMBEDDED_PATH];
    snprintf(conninfo, sizeof conninfo, "host='%s' port=5432 dbname=postgres user=postgres",
        embedded->socket);
    PGconn *connection = session_open(conninfo, "rctd embedded", NULL, error);
    if (connection == NULL)
        return false;
    PGresult *result = ask(connection, STATEMENT_EMBEDDED_DATABASE_PRESENT, error);
    bool done = result != NULL;
    bool present = done && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    if (done && !present) {
        result = ask(connection, STATEMENT_EMBEDDED_DATABASE_CREATE, error);
        done = result != NULL;
        PQclear(result);
    }
    PQfinish(connection);
    return done;
}

static bool
start(struct embedded *embedded, const struct embedded_options *options, struct error *error)
{
    bool attached;
    if (!directory_prepare(embedded, options, &attached, error))
        return false;
    set_conninfo(embedded);
    if (attached)
        return true;
    return bin_find(embedded, options->bin, error) && server_make(embedded, error) &&
           server_wait_for_previous(embedded, error) && server_configure(embedded, error) &&
           server_start(embedded, error) && make_database(embedded, error) &&
           db_migrate(embedded->conninfo[EMBEDDED_SUPERUSER], error);
}

bool
embedded_start(
    const struct embedded_options *options, struct embedded **embedded, struct error *error)
{
    struct embedded *made = memory_get(sizeof *made);
    made->lock = -1;
    if (start(made, options, error)) {
        *embedded = made;
        return true;
    }
    *embedded = NULL;
    embedded_stop(made);
    return false;
}

const char *
embedded_conninfo(const struct embedded *embedded, enum embedded_role role)
{
    return embedded->conninfo[role];
}

bool
embedded_check(struct embedded *embedded, struct error *error)
{
    bool ours = embedded->lock >= 0;
    return !ours || server_is_alive(embedded, error);
}

void
embedded_stop(struct embedded *embedded)
{
    if (embedded == NULL)
        return;
    server_stop(embedded);
    if (embedded->lock >= 0)
        close(embedded->lock);
    free(embedded);
}
