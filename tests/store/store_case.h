/*
 * store_case.h: what the tests of store/ share: a private cluster with a migrated database, started
 * once, and a transaction as a daemon opens it.
 */
#ifndef TESTS_STORE_STORE_CASE_H
#define TESTS_STORE_STORE_CASE_H

#include "db/connection.h"
#include "db/statement.h"
#include "tests/unit/check_main.h"
#include "tests/unit/db/private_cluster.h"

static struct private_cluster cluster;
static struct arena *arena;
static struct db *db;

/* Runs the body as the role, signed as the account `anna`; gives what was answered. */
static inline struct error
case_run(enum db_role role, tx_body body, void *data)
{
    const struct tx_context context = {.role = role,
        .actor = "anna",
        .actor_role = role == DB_ROLE_BLINDED ? "administrator" : "coordinator",
        .organisation = "Region Örebro",
        .action = "case.run",
        .reason = "",
        .request_id = "019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55"};
    struct error error = ERROR_CLEAR;
    if (db_transact(db, arena, &context, body, data, &error))
        ck_assert_int_eq(error.code, ERROR_NONE);
    return error;
}

static inline char *
case_sql(const char *sql)
{
    return private_cluster_sql(arena, &cluster, "cases", sql);
}

/* A fresh connection for each test, and nobody in the database. */
static void
case_open(void)
{
    arena = arena_new();
    db = db_new(&(struct db_options){
        .conninfo = private_cluster_conninfo(arena, &cluster, "cases", "rctd_login"),
        .name = "case",
        .prepare = true,
    });
    case_sql("SET session_replication_role = replica;"
             "DELETE FROM rctd.token; DELETE FROM rctd.role_grant; DELETE FROM rctd.account;"
             "DELETE FROM rctd.audit; DELETE FROM rctd.audit_head");
}

static void
case_close(void)
{
    db_free(db);
    arena_free(arena);
}

static inline int
case_main(Suite *suite)
{
    bits_start();
    arena = arena_new();
    cluster = private_cluster_start(NULL);
    private_cluster_migrated(arena, &cluster, "cases");
    arena_free(arena);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    private_cluster_stop(&cluster);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
