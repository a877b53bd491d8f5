/*
 * test_transaction.c: sticky errors, roles and settings, and what is run again.
 */
#include "db/transaction.h"

#include "db/session.h"
#include "tests/unit/db/transaction_case.h"

#include <pthread.h>

static struct arena *arena;
static struct db *db;

static void
open_case(void)
{
    arena = arena_new();
    case_reset(arena);
    db = case_db(arena, NULL);
}

static void
close_case(void)
{
    db_free(db);
    arena_free(arena);
}

static bool
read_what_is_forbidden(struct tx *tx, void *data)
{
    int64_t affected = 7;
    struct sql_failed_attempt_count_row row = {.attempts = 7};
    bool *went_on = data;
    ck_assert(!sql_failed_attempt_count(
        tx, &(struct sql_failed_attempt_count){.remote = "sticky"}, &row));
    ck_assert_int_eq(row.attempts, 0);
    ck_assert(!sql_failed_attempt_clean(tx, &affected));
    ck_assert_int_eq(affected, 0);
    ck_assert(!tx_fail(tx, ERROR_REFUSED, "a later error"));
    *went_on = true;
    return true;
}

START_TEST(test_the_first_error_wins_and_what_comes_after_it_gives_nothing)
{
    struct error error = ERROR_CLEAR;
    bool went_on = false;
    struct tx_context blinded = {.role = DB_ROLE_BLINDED, .actor = "tester"};
    ck_assert(!db_transact(db, arena, &blinded, read_what_is_forbidden, &went_on, &error));
    ck_assert(went_on);
    ck_assert_int_eq(error.code, ERROR_FORBIDDEN);
    ck_assert_str_eq(error.sqlstate, "42501");
    ck_assert_str_eq(error.where, "failed_attempt_count");
    ck_assert_ptr_null(strstr(error.detail, "failed_attempt"));
}
END_TEST

static bool
write_then_fail(struct tx *tx, void *data)
{
    return case_write(tx, data) &&
           tx_fail(tx, ERROR_REFUSED, "the employer's agreement is missing");
}

START_TEST(test_a_refusal_in_the_body_leaves_nothing_half_done)
{
    struct job job = {.remote = "refused"};
    struct error error;
    ck_assert(!db_transact(db, arena, &as_app, write_then_fail, &job, &error));
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_str_eq(error.detail, "the employer's agreement is missing");
    ck_assert_int_eq(case_stored(arena, "refused"), 0);
    ck_assert(db_transact(db, arena, &as_app, case_write, &job, &error));
    ck_assert_int_eq(case_stored(arena, "refused"), 1);
}
END_TEST

static bool
say_false_without_a_word(struct tx *tx, void *data)
{
    (void)case_write(tx, data);
    return false;
}

START_TEST(test_a_body_that_fails_without_an_error_is_not_committed)
{
    struct job job = {.remote = "silent"};
    struct error error;
    ck_assert(!db_transact(db, arena, &as_app, say_false_without_a_word, &job, &error));
    ck_assert_int_eq(error.code, ERROR_INTERNAL);
    ck_assert_int_eq(case_stored(arena, "silent"), 0);
}
END_TEST

static bool
explain(struct tx *tx, void *data)
{
    if (case_write(tx, data))
        return true;
    tx_explain(tx, "another_key", ERROR_STALE, "not this one");
    return tx_explain(tx, "workplace_code_key", ERROR_CONFLICT, "Workplace %s is there", "W0001");
}

START_TEST(test_a_broken_constraint_is_told_in_words_that_name_the_thing)
{
    struct job job = {.remote = "raise:23505:workplace_code_key"};
    struct error error;
    ck_assert(!db_transact(db, arena, &as_app, explain, &job, &error));
    ck_assert_int_eq(error.code, ERROR_CONFLICT);
    ck_assert_str_eq(error.where, "workplace_code_key");
    ck_assert_str_eq(error.detail, "Workplace W0001 is there");
}
END_TEST

static const char *const passing[] = {"raise-3:40001", "raise-3:40P01", "raise-3:23505:audit_pkey",
    "raise-2:23505:audit_head_pkey", "raise-7:40001", "raise-2:08006", "raise-2:57P01"};

START_TEST(test_a_passing_conflict_is_run_again_and_stored_once)
{
    struct job job = {.remote = passing[_i]};
    struct error error;
    int failures = atoi(passing[_i] + strlen("raise-"));
    ck_assert_msg(db_transact(db, arena, &as_app, case_write, &job, &error), "%s", error.detail);
    ck_assert_int_eq(job.calls, failures + 1);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
}
END_TEST

START_TEST(test_a_lasting_conflict_ends_with_an_answer)
{
    struct job job = {.remote = "raise:40001"};
    struct error error;
    ck_assert(!db_transact(db, arena, &as_app, case_write, &job, &error));
    ck_assert_int_eq(error.code, ERROR_CONTENTION);
    ck_assert_int_eq(job.calls, 8);
}
END_TEST

struct crossing {
    const char *first;
    const char *second;
    pthread_barrier_t *both_hold_one;
    int calls;
    bool done;
};

static bool
take_two(struct tx *tx, void *data)
{
    struct crossing *crossing = data;
    bool first = sql_failed_attempt_add(
        tx, &(struct sql_failed_attempt_add){.remote = crossing->first}, NULL);
    if (crossing->calls++ == 0)
        pthread_barrier_wait(crossing->both_hold_one);
    return first && sql_failed_attempt_add(
                        tx, &(struct sql_failed_attempt_add){.remote = crossing->second}, NULL);
}

static void *
cross(void *data)
{
    struct crossing *crossing = data;
    struct arena *own = arena_new();
    struct db *connection = case_db(own, NULL);
    struct error error;
    crossing->done = db_transact(connection, own, &as_app, take_two, crossing, &error);
    db_free(connection);
    arena_free(own);
    return NULL;
}

START_TEST(test_two_who_block_each_other_both_succeed)
{
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    struct crossing crossings[2] = {
        {.first = "left", .second = "right", .both_hold_one = &barrier},
        {.first = "right", .second = "left", .both_hold_one = &barrier},
    };
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, cross, &crossings[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert(crossings[0].done);
    ck_assert(crossings[1].done);
    ck_assert_int_ge(crossings[0].calls + crossings[1].calls, 3);
    ck_assert_int_eq(case_stored(arena, "left"), 2);
    ck_assert_int_eq(case_stored(arena, "right"), 2);
    pthread_barrier_destroy(&barrier);
}
END_TEST

static bool
write_and_be_cut_off(struct tx *tx, void *data)
{
    struct job *job = data;
    bool done = case_write(tx, job);
    if (job->calls == 1)
        private_cluster_sql(arena, &cluster, "postgres",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'case'");
    struct sql_failed_attempt_count_row row;
    return done && sql_failed_attempt_count(
                       tx, &(struct sql_failed_attempt_count){.remote = job->remote}, &row);
}

START_TEST(test_a_connection_lost_before_commit_costs_the_user_nothing)
{
    struct job job = {.remote = "cut"};
    struct error error;
    ck_assert_msg(
        db_transact(db, arena, &as_app, write_and_be_cut_off, &job, &error), "%s", error.detail);
    ck_assert_int_eq(job.calls, 2);
    ck_assert_int_eq(case_stored(arena, "cut"), 1);
}
END_TEST

START_TEST(test_a_malformed_connection_string_is_not_repeated)
{
    struct db *nowhere = db_new(&(struct db_options){.conninfo = "host=here password=hunter 2"});
    struct error error;
    ck_assert(!db_connect(nowhere, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
    ck_assert_ptr_null(strstr(error.detail, "2"));
    db_free(nowhere);
}
END_TEST

START_TEST(test_a_database_that_is_not_there_is_named_without_a_password)
{
    struct db *nowhere = db_new(&(struct db_options){
        .conninfo = "host=/nonexistent/socket dbname=x user=y password=hunter2", .prepare = true});
    struct job job = {.remote = "nowhere"};
    struct error error;
    ck_assert(!db_transact(nowhere, arena, &as_app, case_write, &job, &error));
    ck_assert_int_eq(error.code, ERROR_NO_DATABASE);
    ck_assert_ptr_nonnull(strstr(error.detail, "/nonexistent/socket"));
    ck_assert_ptr_null(strstr(error.detail, "hunter2"));
    db_free(nowhere);
}
END_TEST

static bool
act_for_two(struct tx *tx, void *data)
{
    struct tx_context other = *tx_context(tx);
    if (!case_write(tx, data))
        return false;
    other.actor = "second";
    other.reason = "it's \"odd\"";
    return tx_act_as(tx, &other) && case_write(tx, data);
}

START_TEST(test_the_trail_sees_who_acts_with_and_without_prepared_statements)
{
    struct job job = {.remote = "who:"};
    struct error error;
    struct tx_context context = as_app;
    struct db *pooled = db_new(&(struct db_options){
        .conninfo = private_cluster_conninfo(arena, &cluster, "cases", "rctd_login"),
        .prepare = _i == 0,
        .lock_seconds = 4,
    });
    ck_assert(uuid_parse("01890a5d-ac96-774b-bcce-b302099a8057", &context.account_id));
    ck_assert_msg(
        db_transact(pooled, arena, &context, act_for_two, &job, &error), "%s", error.detail);
    ck_assert_str_eq(
        private_cluster_sql(arena, &cluster, "cases", "SELECT string_agg(note, ' ') FROM seen"),
        "rctd_app|01890a5d-ac96-774b-bcce-b302099a8057|tester|test||UTC|pg_catalog, pg_temp|4s "
        "rctd_app|01890a5d-ac96-774b-bcce-b302099a8057|second|test|it's \"odd\"|UTC|pg_catalog, "
        "pg_temp|4s");
    db_free(pooled);
}
END_TEST

static bool
read_rows(struct tx *tx, void *data)
{
    return sql_migration_list(tx, data);
}

START_TEST(test_what_was_read_stays_after_the_transaction_has_ended)
{
    struct sql_migration_list_rows rows;
    struct error error;
    struct tx_context context = as_app;
    context.read_only = true;
    ck_assert(db_transact(db, arena, &context, read_rows, &rows, &error));
    db_disconnect(db);
    ck_assert_uint_eq(rows.count, migration_count);
    for (size_t i = 0; i < rows.count; i++)
        ck_assert_str_eq(rows.rows[i].sha256, migrations[i].sha256);
}
END_TEST

START_TEST(test_a_transaction_for_reading_cannot_write)
{
    struct job job = {.remote = "reader"};
    struct error error;
    struct tx_context context = as_app;
    context.read_only = true;
    ck_assert(!db_transact(db, arena, &context, case_write, &job, &error));
    ck_assert_str_eq(error.sqlstate, "25006");
    ck_assert_int_eq(job.calls, 1);
    ck_assert_int_eq(case_stored(arena, "reader"), 0);
}
END_TEST

/* What `:exec queued` does. */
struct queueing {
    const char *remote;
    int times;
    bool look; /* ask for something behind them */
    bool refuse;
    int calls;
};

static bool
queue_writes(struct tx *tx, void *data)
{
    struct queueing *job = data;
    struct sql_failed_attempt_count_row row;
    job->calls++;
    for (int i = 0; i < job->times; i++)
        if (!transaction_queue(tx, STATEMENT_FAILED_ATTEMPT_ADD, &job->remote))
            return false;
    if (job->refuse)
        return tx_fail(tx, ERROR_REFUSED, "refused");
    if (!job->look)
        return true;
    bool done = sql_failed_attempt_count(
        tx, &(struct sql_failed_attempt_count){.remote = job->remote}, &row);
    if (done)
        ck_assert_int_eq(row.attempts, job->times);
    return done;
}

START_TEST(test_queued_writes_are_stored_in_order_with_or_without_a_question_behind_them)
{
    struct error error;
    struct queueing job = {.remote = "queued", .times = _i / 2 == 0 ? 3 : 200, .look = _i % 2 == 0};
    ck_assert_msg(db_transact(db, arena, &as_app, queue_writes, &job, &error), "%s", error.detail);
    ck_assert_int_eq(case_stored(arena, "queued"), job.times);
}
END_TEST

START_TEST(test_a_queued_write_that_fails_takes_everything_back)
{
    struct error error;
    struct queueing bad = {.remote = "raise:23505:some_key", .times = 3, .look = _i == 0};
    struct queueing good = {.remote = "after", .times = 3};
    ck_assert(!db_transact(db, arena, &as_app, queue_writes, &bad, &error));
    ck_assert_int_eq(error.code, ERROR_CONFLICT);
    ck_assert_str_eq(error.where, "some_key");
    ck_assert_int_eq(case_stored(arena, bad.remote), 0);
    ck_assert_msg(db_transact(db, arena, &as_app, queue_writes, &good, &error), "%s", error.detail);
    ck_assert_int_eq(case_stored(arena, "after"), 3);
}
END_TEST

static bool
queue_and_explain(struct tx *tx, void *data)
{
    const struct queueing *job = data;
    return transaction_queue(tx, STATEMENT_FAILED_ATTEMPT_ADD, &job->remote) &&
           tx_explain_later(tx, "some_key", ERROR_KEY_REUSED, "That key is taken") &&
           queue_writes(tx, data);
}

START_TEST(test_a_queued_write_that_fails_is_told_in_the_words_said_in_advance)
{
    struct error error;
    struct queueing job = {.remote = "raise:23505:some_key", .look = _i == 0};
    struct queueing other = {.remote = "raise:23505:other_key", .look = _i == 0};
    ck_assert(!db_transact(db, arena, &as_app, queue_and_explain, &job, &error));
    ck_assert_int_eq(error.code, ERROR_KEY_REUSED);
    ck_assert_str_eq(error.detail, "That key is taken");
    ck_assert(!db_transact(db, arena, &as_app, queue_and_explain, &other, &error));
    ck_assert_int_eq(error.code, ERROR_CONFLICT);
    ck_assert_str_eq(error.where, "other_key");
}
END_TEST

START_TEST(test_a_queued_write_in_a_passing_conflict_is_run_again)
{
    struct error error;
    struct queueing job = {.remote = passing[_i], .times = 1};
    int failures = atoi(passing[_i] + strlen("raise-"));
    ck_assert_msg(db_transact(db, arena, &as_app, queue_writes, &job, &error), "%s", error.detail);
    ck_assert_int_eq(job.calls, failures + 1);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
}
END_TEST

START_TEST(test_a_refusal_behind_queued_writes_leaves_nothing)
{
    static const char *const remotes[] = {"queued and refused", "raise:23505:some_key"};
    struct error error;
    struct queueing job = {.remote = remotes[_i], .times = 3, .refuse = true};
    struct queueing good = {.remote = "after", .times = 1};
    ck_assert(!db_transact(db, arena, &as_app, queue_writes, &job, &error));
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_msg(db_transact(db, arena, &as_app, queue_writes, &good, &error), "%s", error.detail);
    ck_assert_int_eq(case_stored(arena, job.remote), 0);
    ck_assert_int_eq(case_stored(arena, "after"), 1);
}
END_TEST

static bool
queue_and_be_cut_off(struct tx *tx, void *data)
{
    struct queueing *job = data;
    if (!queue_writes(tx, job))
        return false;
    if (job->calls == 1)
        private_cluster_sql(arena, &cluster, "postgres",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'case'");
    return queue_writes(tx, &(struct queueing){.remote = job->remote, .times = 200});
}

/* The second part alone, stored over a new connection, would be half of the work. */
START_TEST(test_a_connection_lost_between_queued_writes_never_stores_half)
{
    struct error error;
    struct queueing job = {.remote = "halves", .times = 1};
    ck_assert_msg(
        db_transact(db, arena, &as_app, queue_and_be_cut_off, &job, &error), "%s", error.detail);
    ck_assert_int_eq(job.calls, 2);
    ck_assert_int_eq(case_stored(arena, "halves"), 201);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("transaction");
    TCase *all = tcase_create("transaction");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, open_case, close_case);
    tcase_add_test(all, test_the_first_error_wins_and_what_comes_after_it_gives_nothing);
    tcase_add_test(all, test_a_refusal_in_the_body_leaves_nothing_half_done);
    tcase_add_test(all, test_a_body_that_fails_without_an_error_is_not_committed);
    tcase_add_test(all, test_a_broken_constraint_is_told_in_words_that_name_the_thing);
    tcase_add_loop_test(
        all, test_a_passing_conflict_is_run_again_and_stored_once, 0, (int)COUNT_OF(passing));
    tcase_add_test(all, test_a_lasting_conflict_ends_with_an_answer);
    tcase_add_test(all, test_two_who_block_each_other_both_succeed);
    tcase_add_test(all, test_a_connection_lost_before_commit_costs_the_user_nothing);
    tcase_add_test(all, test_a_malformed_connection_string_is_not_repeated);
    tcase_add_test(all, test_a_database_that_is_not_there_is_named_without_a_password);
    tcase_add_loop_test(
        all, test_the_trail_sees_who_acts_with_and_without_prepared_statements, 0, 2);
    tcase_add_test(all, test_what_was_read_stays_after_the_transaction_has_ended);
    tcase_add_test(all, test_a_transaction_for_reading_cannot_write);
    tcase_add_loop_test(
        all, test_queued_writes_are_stored_in_order_with_or_without_a_question_behind_them, 0, 4);
    tcase_add_loop_test(all, test_a_queued_write_that_fails_takes_everything_back, 0, 2);
    tcase_add_loop_test(
        all, test_a_queued_write_that_fails_is_told_in_the_words_said_in_advance, 0, 2);
    tcase_add_loop_test(
        all, test_a_queued_write_in_a_passing_conflict_is_run_again, 0, (int)COUNT_OF(passing));
    tcase_add_loop_test(all, test_a_refusal_behind_queued_writes_leaves_nothing, 0, 2);
    tcase_add_test(all, test_a_connection_lost_between_queued_writes_never_stores_half);
    suite_add_tcase(suite, all);
    return suite;
}

int
main(void)
{
    return case_main(make_suite, "deadlock_timeout=50ms");
}
