/*
 * leaky_daemon.c: a daemon whose handlers were written to leak, for test_leaks.py: they run what
 * statement the request names, or any text of SQL, and answer with all that comes back, whoever
 * asks. Everything before them is rctd's own: token, role, transaction. What is still not told, the
 * database has kept.
 *
 *   leaky_daemon CONNINFO MASTER_KEY_FILE
 *
 * Says "port N" on stdout and serves until standard input ends.
 */
#include "api/worker.h"
#include "base/bits.h"
#include "base/log.h"
#include "base/text.h"
#include "db/session.h"
#include "db/statement_run.h"
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MOST 40

static const struct field statement_fields[] = {
    {.name = "statement", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .meaning = "Its name"},
    {.name = "values", .type = FIELD_MAP_TEXT, .flags = FIELD_REQUIRED, .meaning = "By parameter"},
    {0},
};
static const struct field text_fields[] = {
    {.name = "sql",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED | FIELD_IDENTITY,
        .max = 4000,
        .meaning = "Any statement"},
    {0},
};

/* All that came back, as it came. */
static bool
answer_rows(struct call *call, PGresult *result)
{
    json_t *rows = json_array();
    for (int row = 0; row < PQntuples(result); row++) {
        json_t *one = json_object();
        for (int column = 0; column < PQnfields(result); column++)
            json_object_set_new(one, PQfname(result, column),
                PQgetisnull(result, row, column) ? json_null()
                                                 : json_string(PQgetvalue(result, row, column)));
        json_array_append_new(rows, one);
    }
    json_t *answer = json_pack("{s:o, s:s}", "rows", rows, "done", PQcmdTuples(result));
    PQclear(result);
    return call_answer(call, 200, answer);
}

static unsigned
find_statement(const char *name)
{
    unsigned index = 0;
    while (index < sql_statement_count && !text_equal(sql_statements[index].name, name))
        index++;
    return index;
}

static bool
leak_statement(struct call *call, struct error *error)
{
    unsigned index = find_statement(call_text(call, "statement"));
    const char *values[VALUES_MOST] = {NULL};
    if (index == sql_statement_count || sql_statements[index].parameter_count > VALUES_MOST)
        return error_set(error, ERROR_NOT_FOUND, "leak", "There is no such statement");
    for (size_t i = 0; i < sql_statements[index].parameter_count; i++)
        values[i] = json_string_value(json_object_get(
            json_object_get(call->body, "values"), sql_statements[index].parameters[i].name));
    PGresult *result = transaction_run(call->tx, index, values);
    return result == NULL ? call_failed(call, error) : answer_rows(call, result);
}

/* Any text, in the transaction as it stands: pipeline mode takes one statement of the table at a
 * time, so it is left for a moment. */
static bool
leak_text(struct call *call, struct error *error)
{
    struct sql_rehearsal_get_row row;
    PGconn *connection = call->tx->db->connection;
    if (!sql_rehearsal_get(call->tx, &row) || PQexitPipelineMode(connection) != 1)
        return call_failed(call, error);
    PGresult *result =
        PQexecParams(connection, call_text(call, "sql"), 0, NULL, NULL, NULL, NULL, 0);
    PQenterPipelineMode(connection);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return answer_rows(call, result);
    failure_read(connection, result, "leak", error);
    PQclear(result);
    return false;
}

#define TRIAL "/v1/trials/{trial}"
static const struct route leaks[] = {
    {HTTP_POST, TRIAL "/statement", "trial.read", .body = BODY_JSON, .key = KEY_UNUSED,
        .fields = statement_fields, .status = 200, .id = "leak.statement", .summary = "Leaks",
        .handler = leak_statement},
    {HTTP_POST, TRIAL "/sql", "trial.read", .body = BODY_JSON, .key = KEY_UNUSED,
        .fields = text_fields, .status = 200, .id = "leak.sql", .summary = "Leaks",
        .handler = leak_text},
};
static const struct route_table table = {.routes = leaks, .count = COUNT_OF(leaks)};

static void
no_metrics(struct text *text)
{
    text_append(text, "");
}

static void
wake_nobody(void)
{
}

static bool
serve(const char *conninfo, const char *key_file, struct error *error)
{
    struct http_server *server = NULL;
    struct workers *workers = NULL;
    const struct http_options options = {
        .address = "127.0.0.1", .listen_fd = -1, .queue = 16, .routes = &table};
    const struct service service = {.routes = &table,
        .openapi = "{}",
        .write_metrics = no_metrics,
        .wake_dispatcher = wake_nobody};
    struct seal_key *key = seal_key_read(key_file, error);
    struct worker_options threads = {
        .count = 2,
        .service = &service,
        .session = {.database = {.conninfo = conninfo, .name = "leaky", .prepare = true},
            .master_key = key},
    };
    if (key == NULL || !route_table_check(&table, error) ||
        !http_server_start(&options, &server, error))
        return false;
    threads.server = server;
    if (!workers_start(&threads, &workers, error))
        return false;
    printf("port %u\n", http_server_port(server));
    fflush(stdout);
    while (getchar() != EOF)
        ;
    http_server_drain(server, 5);
    workers_join(workers);
    http_server_free(server);
    seal_key_free(key);
    return true;
}

int
main(int argc, char **argv)
{
    struct error error = ERROR_CLEAR;
    bits_start();
    if (argc == 3 && serve(argv[1], argv[2], &error))
        return EXIT_SUCCESS;
    fprintf(stderr, "%s\n", error.detail);
    return EXIT_FAILURE;
}
