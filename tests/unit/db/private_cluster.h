/*
 * private_cluster.h: a private PostgreSQL for a C test, started by tests/harness.py and stopped
 * when this program ends, however it ends: the server follows the pipe to its standard input.
 */
#ifndef TESTS_UNIT_DB_PRIVATE_CLUSTER_H
#define TESTS_UNIT_DB_PRIVATE_CLUSTER_H

#include "base/arena.h"
#include "base/error.h"
#include "db/migrate.h"

#include <check.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct private_cluster {
    pid_t pid;
    int input; /* closing it stops the cluster */
    char socket[64];
};

/* Started once, in the process that runs the suite; tests run in its children. `setting` is a line
 * of postgresql.conf ("name=value"), or NULL. */
static inline struct private_cluster
private_cluster_start(const char *setting)
{
    struct private_cluster cluster = {.pid = -1};
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        abort();
    cluster.pid = fork();
    if (cluster.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl("/usr/bin/python3", "python3", "tests/harness.py", "cluster", setting, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    cluster.input = in[1];
    FILE *lines = fdopen(out[0], "r");
    if (lines == NULL || fgets(cluster.socket, sizeof cluster.socket, lines) == NULL) {
        fputs("the private PostgreSQL did not start; run the tests from the top of the tree\n",
            stderr);
        exit(EXIT_FAILURE);
    }
    fclose(lines);
    cluster.socket[strcspn(cluster.socket, "\n")] = '\0';
    return cluster;
}

static inline void
private_cluster_stop(struct private_cluster *cluster)
{
    close(cluster->input);
    waitpid(cluster->pid, NULL, 0);
}

static inline char *
private_cluster_conninfo(struct arena *arena, const struct private_cluster *cluster,
    const char *database, const char *user)
{
    return arena_printf(
        arena, "host=%s port=5432 dbname=%s user=%s", cluster->socket, database, user);
}

/* Ends the program: these functions are used outside of tests too. */
static inline void
private_cluster_need(bool condition, const char *what, const char *said)
{
    if (condition)
        return;
    fprintf(stderr, "%s: %s\n", what, said);
    exit(EXIT_FAILURE);
}

/* Runs SQL as a superuser; the result is the first field of the first row, or empty. */
static inline char *
private_cluster_sql(struct arena *arena, const struct private_cluster *cluster,
    const char *database, const char *sql)
{
    PGconn *connection =
        PQconnectdb(private_cluster_conninfo(arena, cluster, database, "postgres"));
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    private_cluster_need(
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, sql, PQerrorMessage(connection));
    char *first = arena_strdup(arena, PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(connection);
    return first;
}

/* A database with the whole schema, whose owner is rctd_owner. */
static inline void
private_cluster_migrated(
    struct arena *arena, const struct private_cluster *cluster, const char *database)
{
    struct error error = ERROR_CLEAR;
    private_cluster_sql(
        arena, cluster, "postgres", arena_printf(arena, "CREATE DATABASE \"%s\"", database));
    bool done = db_migrate(private_cluster_conninfo(arena, cluster, database, "postgres"), &error);
    private_cluster_need(done, "migration", error.detail);
    private_cluster_sql(arena, cluster, "postgres",
        arena_printf(arena, "ALTER DATABASE \"%s\" OWNER TO rctd_owner", database));
}

#endif
