/*
 * transaction_case.h: what the tests of transactions share. They write to rctd.failed_attempt,
 * whose key is any text and whose rows count how often a write was stored. Triggers that only these
 * tests have make a write with a certain text fail in a certain way, inside of the real PostgreSQL:
 *
 *   raise:SQLSTATE[:CONSTRAINT]     always fails so
 *   raise-N:SQLSTATE[:CONSTRAINT]   fails so the first N times
 *   die-N:...                       the server ends the connection during COMMIT, the first N times
 *   who:...                         notes the settings that the audit trigger would see
 */
#ifndef TESTS_UNIT_DB_TRANSACTION_CASE_H
#define TESTS_UNIT_DB_TRANSACTION_CASE_H

#include "db/connection.h"
#include "db/statement.h"
#include "tests/unit/check_main.h"
#include "tests/unit/db/private_cluster.h"

#define SECRET "Anna Andersson"

static struct private_cluster cluster;

static const char case_triggers[] =
    "CREATE TABLE public.seen (note text);"
    "CREATE SEQUENCE public.attempt;"
    "CREATE FUNCTION public.misbehave() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
    "DECLARE part text[] := string_to_array(NEW.remote, ':');"
    "        most int := coalesce(substring(part[1] FROM '-([0-9]+)$'), '1000000')::int;"
    "BEGIN"
    "    IF part[1] LIKE 'raise%' AND nextval('public.attempt') <= most THEN"
    "        RAISE EXCEPTION USING ERRCODE = part[2], CONSTRAINT = coalesce(part[3], ''),"
    "            MESSAGE = '" SECRET "', DETAIL = '" SECRET "';"
    "    END IF;"
    "    IF part[1] = 'who' THEN"
    "        INSERT INTO public.seen VALUES (concat_ws('|', current_setting('role'),"
    "            current_setting('rctd.account'), current_setting('rctd.actor'),"
    "            current_setting('rctd.action'), current_setting('rctd.reason'),"
    "            current_setting('TimeZone'), current_setting('search_path'),"
    "            current_setting('lock_timeout')));"
    "    END IF;"
    "    RETURN NEW;"
    "END $$;"
    "CREATE TRIGGER misbehave BEFORE INSERT ON rctd.failed_attempt"
    "    FOR EACH ROW EXECUTE FUNCTION public.misbehave();"
    "CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
    "BEGIN"
    "    IF nextval('public.attempt') <= substring(NEW.remote FROM '^die-([0-9]+)')::int THEN"
    "        PERFORM pg_terminate_backend(pg_backend_pid());"
    "    END IF;"
    "    RETURN NULL;"
    "END $$;"
    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON rctd.failed_attempt"
    "    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.remote LIKE 'die-%')"
    "    EXECUTE FUNCTION public.die();";

/* What a test's body does, and what happened to it. */
struct job {
    const char *remote;
    bool look_first; /* as a body with an idempotency key: does nothing where it finds its own work
                      */
    int calls;
    bool found;
};

static const struct tx_context as_app = {
    .role = DB_ROLE_APP,
    .actor = "tester",
    .action = "test",
};

static inline struct db *
case_db(struct arena *arena, const char *socket)
{
    struct private_cluster target = cluster;
    if (socket != NULL)
        snprintf(target.socket, sizeof target.socket, "%s", socket);
    return db_new(&(struct db_options){
        .conninfo = private_cluster_conninfo(arena, &target, "cases", "rctd_login"),
        .name = "case",
        .prepare = true,
    });
}

static inline int64_t
case_stored(struct arena *arena, const char *remote)
{
    return atoll(private_cluster_sql(arena, &cluster, "cases",
        arena_printf(arena,
            "SELECT coalesce(sum(attempts), 0) FROM rctd.failed_attempt WHERE remote = '%s'",
            remote)));
}

static inline bool
case_write(struct tx *tx, void *data)
{
    struct job *job = data;
    job->calls++;
    if (job->look_first) {
        struct sql_failed_attempt_count_row row;
        if (!sql_failed_attempt_count(
                tx, &(struct sql_failed_attempt_count){.remote = job->remote}, &row))
            return false;
        job->found = row.attempts > 0;
        if (job->found)
            return true;
    }
    return sql_failed_attempt_add(
        tx, &(struct sql_failed_attempt_add){.remote = job->remote}, NULL);
}

static inline int
case_main(Suite *(*make)(void), const char *setting)
{
    bits_start();
    struct arena *arena = arena_new();
    cluster = private_cluster_start(setting);
    private_cluster_migrated(arena, &cluster, "cases");
    private_cluster_sql(arena, &cluster, "cases", case_triggers);
    SRunner *runner = srunner_create(make());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    private_cluster_stop(&cluster);
    arena_free(arena);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline void
case_reset(struct arena *arena)
{
    private_cluster_sql(arena, &cluster, "cases",
        "DELETE FROM rctd.failed_attempt; DELETE FROM public.seen;"
        "SELECT setval('public.attempt', 1, false)");
}

#endif
