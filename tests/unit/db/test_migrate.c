/*
 * test_migrate.c: a database is brought forward whole or not at all, and a daemon never serves one
 * that it does not know.
 */
#include "db/migrate.h"

#include "base/text.h"
#include "db/connection.h"
#include "tests/unit/check_main.h"
#include "tests/unit/db/private_cluster.h"

#include <pthread.h>

static struct private_cluster cluster;
static struct arena *arena;
static char database[32];
static const char *superuser;
static const char *owner;
static const char *login;

static const struct migration first_two[] = {
    {1, "one", "aaaa", "CREATE TABLE rctd.one (id int); INSERT INTO rctd.one VALUES (1);"},
    {2, "two", "bbbb", "ALTER TABLE rctd.one ADD COLUMN more int;"},
};

static void
open_case(void)
{
    static int number;
    arena = arena_new();
    snprintf(database, sizeof database, "m%d_%d", (int)getpid(), ++number);
    superuser = private_cluster_conninfo(arena, &cluster, database, "postgres");
    owner = private_cluster_conninfo(arena, &cluster, database, "rctd_owner");
    login = private_cluster_conninfo(arena, &cluster, database, "rctd_login");
    private_cluster_sql(
        arena, &cluster, "postgres", arena_printf(arena, "CREATE DATABASE %s", database));
}

static void
close_case(void)
{
    arena_free(arena);
}

static const char *
ask(const char *sql)
{
    return private_cluster_sql(arena, &cluster, database, sql);
}

static void
migrate(const struct migration *list, size_t count)
{
    struct error error = ERROR_CLEAR;
    ck_assert_msg(db_migrate_with(superuser, list, count, &error), "%s", error.detail);
}

static const char *
refusal(const char *conninfo, const struct migration *list, size_t count, enum error_code code)
{
    static struct error error;
    ck_assert(!db_migrate_with(conninfo, list, count, &error));
    ck_assert_msg(error.code == code, "%s", error.detail);
    return error.detail;
}

/* Does the daemon accept the database? If not, why. */
static const char *
check(enum error_code code)
{
    static struct error error;
    struct db *db = db_new(&(struct db_options){.conninfo = login, .prepare = true});
    bool fits = db_schema_check(db, &error);
    db_free(db);
    ck_assert_int_eq(fits, code == ERROR_NONE);
    if (!fits)
        ck_assert_msg(error.code == code, "%s", error.detail);
    return fits ? "" : error.detail;
}

START_TEST(test_an_empty_database_gets_every_migration_once)
{
    struct error error = ERROR_CLEAR;
    for (int times = 0; times < 2; times++) {
        ck_assert_msg(db_migrate(superuser, &error), "%s", error.detail);
        ck_assert_int_eq(
            atoi(ask("SELECT count(*) FROM rctd.schema_migration")), (int)migration_count);
    }
    ck_assert_str_eq(
        ask("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE c.relnamespace = 'rctd'::regnamespace AND r.rolname <> 'rctd_owner'"),
        "0");
    check(ERROR_NONE);
}
END_TEST

START_TEST(test_later_migrations_need_no_superuser)
{
    migrate(first_two, 1);
    struct error error = ERROR_CLEAR;
    ck_assert_msg(db_migrate_with(owner, first_two, 2, &error), "%s", error.detail);
    ck_assert_str_eq(ask("SELECT max(version) FROM rctd.schema_migration"), "2");
}
END_TEST

START_TEST(test_who_may_not_make_the_roles_is_told_what_to_do)
{
    const char *told = refusal(owner, first_two, 2, ERROR_FORBIDDEN);
    ck_assert_msg(strstr(told, "rctd --migrate") != NULL, "%s", told);
    ck_assert_str_eq(ask("SELECT to_regnamespace('rctd') IS NULL"), "t");
}
END_TEST

START_TEST(test_a_migration_that_fails_leaves_the_version_before_it)
{
    const struct migration broken[] = {
        first_two[0],
        {2, "broken", "cccc", "CREATE TABLE rctd.two (id int); SELECT 1 / 0;"},
    };
    const char *told = refusal(superuser, broken, 2, ERROR_INTERNAL);
    ck_assert_ptr_nonnull(strstr(told, "0002_broken"));
    ck_assert_ptr_nonnull(strstr(told, "division by zero"));
    ck_assert_str_eq(ask("SELECT max(version) FROM rctd.schema_migration"), "1");
    ck_assert_str_eq(ask("SELECT to_regclass('rctd.two') IS NULL"), "t");
    migrate(first_two, 2);
}
END_TEST

START_TEST(test_a_newer_database_is_refused_with_both_versions)
{
    migrate(first_two, 2);
    const char *told = refusal(superuser, first_two, 1, ERROR_SCHEMA_VERSION);
    ck_assert_ptr_nonnull(strstr(told, "schema version 2 (two)"));
    ck_assert_ptr_nonnull(strstr(told, "knows version 1"));
    ck_assert_ptr_nonnull(strstr(told, "install the newer rctd"));
}
END_TEST

START_TEST(test_a_migration_with_another_text_is_named)
{
    const struct migration changed[] = {first_two[0], {2, "two", "dddd", "SELECT 1"}};
    migrate(first_two, 2);
    const char *told = refusal(superuser, changed, 2, ERROR_SCHEMA_VERSION);
    ck_assert_ptr_nonnull(strstr(told, "0002_two"));
}
END_TEST

START_TEST(test_a_daemon_says_what_to_do_about_a_database_that_does_not_fit)
{
    struct error error = ERROR_CLEAR;
    ck_assert_ptr_nonnull(strstr(check(ERROR_SCHEMA_VERSION), "run `rctd --migrate`"));
    ck_assert_msg(
        db_migrate_with(superuser, migrations, migration_count - 1, &error), "%s", error.detail);
    const char *told = check(ERROR_SCHEMA_VERSION);
    ck_assert_msg(strstr(told, "run `rctd --migrate`") != NULL, "%s", told);
    ck_assert_ptr_nonnull(
        strstr(told, arena_printf(arena, "schema version %d", db_schema_version() - 1)));
    ck_assert_msg(db_migrate(superuser, &error), "%s", error.detail);
    check(ERROR_NONE);
    ask("INSERT INTO rctd.schema_migration VALUES (9999, 'from the future', 'eeee')");
    told = check(ERROR_SCHEMA_VERSION);
    ck_assert_msg(strstr(told, "schema version 9999") != NULL, "%s", told);
}
END_TEST

static void *
migrate_at_once(void *data)
{
    struct error error = ERROR_CLEAR;
    *(bool *)data = db_migrate(superuser, &error);
    return NULL;
}

START_TEST(test_daemons_that_start_at_once_migrate_once)
{
    pthread_t threads[4];
    bool done[4] = {false};
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, migrate_at_once, &done[i]), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
        ck_assert(done[i]);
    }
    ck_assert_int_eq(atoi(ask("SELECT count(*) FROM rctd.schema_migration")), (int)migration_count);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("migrate");
    TCase *all = tcase_create("migrate");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, open_case, close_case);
    tcase_add_test(all, test_an_empty_database_gets_every_migration_once);
    tcase_add_test(all, test_later_migrations_need_no_superuser);
    tcase_add_test(all, test_who_may_not_make_the_roles_is_told_what_to_do);
    tcase_add_test(all, test_a_migration_that_fails_leaves_the_version_before_it);
    tcase_add_test(all, test_a_newer_database_is_refused_with_both_versions);
    tcase_add_test(all, test_a_migration_with_another_text_is_named);
    tcase_add_test(all, test_a_daemon_says_what_to_do_about_a_database_that_does_not_fit);
    tcase_add_test(all, test_daemons_that_start_at_once_migrate_once);
    suite_add_tcase(suite, all);
    return suite;
}

/* The roles belong to the cluster: one migration makes them for the tests that need them there. */
int
main(void)
{
    bits_start();
    struct arena *own = arena_new();
    cluster = private_cluster_start(NULL);
    private_cluster_migrated(own, &cluster, "first");
    SRunner *runner = srunner_create(make_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    private_cluster_stop(&cluster);
    arena_free(own);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
