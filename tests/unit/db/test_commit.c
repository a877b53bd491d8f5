/*
 * test_commit.c: a COMMIT whose answer does not come. What was stored must be found by who asks
 * again, and nobody may be told that it failed. The connection is lost by a relay between libpq and
 * the real server that drops the line at the chosen moment, or by the server ending the process
 * itself.
 */
#include "tests/unit/db/transaction_case.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Relays one connection after another; drops the line at a COMMIT, `drops` times. */
struct relay {
    char directory[64];
    int listener;
    atomic_int drops;
    bool forward; /* the server gets the COMMIT whose answer is lost */
    pthread_t thread;
};

static struct sockaddr_un
address_in(const char *directory)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.80s/.s.PGSQL.5432", directory);
    return address;
}

/* Waits until the server has answered, so that the COMMIT is done, and keeps the answer. */
static void
lose(int server)
{
    struct pollfd ready = {.fd = server, .events = POLLIN};
    ck_assert_int_eq(poll(&ready, 1, 30000), 1);
}

static void
relay_connection(struct relay *relay, int client)
{
    char bytes[65536];
    struct sockaddr_un address = address_in(cluster.socket);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(server, (struct sockaddr *)&address, sizeof address), 0);
    struct pollfd ends[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    while (poll(ends, 2, -1) > 0) {
        int from = ends[0].revents != 0 ? 0 : 1;
        ssize_t length = read(ends[from].fd, bytes, sizeof bytes);
        if (length <= 0)
            break;
        bool commit = from == 0 &&
                      memmem(bytes, (size_t)length, "COMMIT", sizeof "COMMIT") != NULL &&
                      atomic_fetch_sub(&relay->drops, 1) > 0;
        if (commit && !relay->forward)
            break;
        ck_assert_int_eq(write(ends[1 - from].fd, bytes, (size_t)length), length);
        if (commit) {
            lose(server);
            break;
        }
    }
    close(server);
    close(client);
}

static void *
relay_run(void *data)
{
    struct relay *relay = data;
    for (int client; (client = accept(relay->listener, NULL, NULL)) >= 0;)
        relay_connection(relay, client);
    return NULL;
}

static void
relay_start(struct relay *relay, int drops, bool forward)
{
    snprintf(relay->directory, sizeof relay->directory, "/tmp/rctd-relay-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(relay->directory));
    struct sockaddr_un address = address_in(relay->directory);
    relay->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    relay->forward = forward;
    atomic_init(&relay->drops, drops);
    ck_assert_int_eq(bind(relay->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(relay->listener, 8), 0);
    ck_assert_int_eq(pthread_create(&relay->thread, NULL, relay_run, relay), 0);
}

/* After the last connection through it was closed. */
static void
relay_stop(struct relay *relay)
{
    shutdown(relay->listener, SHUT_RDWR);
    pthread_join(relay->thread, NULL);
    close(relay->listener);
    unlink(address_in(relay->directory).sun_path);
    rmdir(relay->directory);
}

static struct arena *arena;

static void
open_case(void)
{
    arena = arena_new();
    case_reset(arena);
}

static void
close_case(void)
{
    arena_free(arena);
}

/* Behind a pooler each COMMIT travels as text, which the relay knows by its word. */
static struct db *
db_behind(const struct relay *relay)
{
    struct private_cluster target = cluster;
    snprintf(target.socket, sizeof target.socket, "%s", relay->directory);
    return db_new(&(struct db_options){
        .conninfo = private_cluster_conninfo(arena, &target, "cases", "rctd_login")});
}

START_TEST(test_a_stored_commit_whose_answer_is_lost_is_found_by_the_same_request)
{
    struct relay relay;
    struct job job = {.remote = "answer lost", .look_first = true};
    struct tx_context context = as_app;
    struct error error;
    context.repeatable = true;
    relay_start(&relay, 1, true);
    struct db *db = db_behind(&relay);
    ck_assert_msg(db_transact(db, arena, &context, case_write, &job, &error), "%s", error.detail);
    ck_assert(job.found);
    ck_assert_int_eq(job.calls, 2);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
    db_free(db);
    relay_stop(&relay);
}
END_TEST

START_TEST(test_a_commit_that_never_arrived_is_made_by_the_same_request)
{
    struct relay relay;
    struct job job = {.remote = "never arrived", .look_first = true};
    struct tx_context context = as_app;
    struct error error;
    context.repeatable = true;
    relay_start(&relay, 2, false);
    struct db *db = db_behind(&relay);
    ck_assert_msg(db_transact(db, arena, &context, case_write, &job, &error), "%s", error.detail);
    ck_assert(!job.found);
    ck_assert_int_eq(job.calls, 3);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
    db_free(db);
    relay_stop(&relay);
}
END_TEST

START_TEST(test_who_cannot_ask_again_is_told_that_it_is_not_known)
{
    struct relay relay;
    struct job job = {.remote = "not repeatable"};
    struct error error;
    relay_start(&relay, 1, true);
    struct db *db = db_behind(&relay);
    ck_assert(!db_transact(db, arena, &as_app, case_write, &job, &error));
    ck_assert_int_eq(error.code, ERROR_COMMIT_UNKNOWN);
    ck_assert_int_eq(job.calls, 1);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
    db_free(db);
    relay_stop(&relay);
}
END_TEST

static bool
write_then_close_the_door(struct tx *tx, void *data)
{
    const struct relay *relay = ((void **)data)[0];
    bool done = case_write(tx, ((void **)data)[1]);
    unlink(address_in(relay->directory).sun_path);
    return done;
}

START_TEST(test_a_lost_answer_is_not_called_a_failure_because_the_database_went_away)
{
    struct relay relay;
    struct job job = {.remote = "door", .look_first = true};
    void *both[] = {&relay, &job};
    struct tx_context context = as_app;
    struct error error;
    context.repeatable = true;
    relay_start(&relay, 1, true);
    struct db *db = db_behind(&relay);
    ck_assert(!db_transact(db, arena, &context, write_then_close_the_door, both, &error));
    ck_assert_int_eq(error.code, ERROR_COMMIT_UNKNOWN);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
    db_free(db);
    relay_stop(&relay);
}
END_TEST

START_TEST(test_a_server_that_ends_the_process_during_commit_is_asked_again)
{
    struct job job = {.remote = _i == 0 ? "die-1:" : "die-3:", .look_first = true};
    struct tx_context context = as_app;
    struct error error;
    context.repeatable = true;
    struct db *db = case_db(arena, NULL);
    ck_assert_msg(db_transact(db, arena, &context, case_write, &job, &error), "%s", error.detail);
    ck_assert_int_eq(job.calls, _i == 0 ? 2 : 4);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
    db_free(db);
}
END_TEST

/* Cancels the wait for a standby as an impatient operator would, and once that was heard takes the
 * standby away: who waits no longer for one is not cancelled but done. */
static void *
cancel_wait(void *data)
{
    struct arena *own = data;
    const char *waiting = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                          " WHERE wait_event = 'SyncRep' AND application_name = 'case'";
    while (strcmp(private_cluster_sql(own, &cluster, "postgres", waiting), "0") == 0)
        usleep(10000);
    while (strcmp(private_cluster_sql(own, &cluster, "postgres", waiting), "0") != 0)
        usleep(10000);
    private_cluster_sql(
        own, &cluster, "postgres", "ALTER SYSTEM SET synchronous_standby_names = ''");
    private_cluster_sql(own, &cluster, "postgres", "SELECT pg_reload_conf()");
    return NULL;
}

START_TEST(test_a_commit_that_no_standby_has_is_not_taken_for_stored)
{
    pthread_t thread;
    struct job job = {.remote = "standby", .look_first = true};
    struct tx_context context = as_app;
    struct error error;
    struct arena *own = arena_new();
    struct db *db = case_db(arena, NULL);
    context.repeatable = _i == 1;
    ck_assert_msg(db_connect(db, &error), "%s", error.detail);
    private_cluster_sql(
        arena, &cluster, "postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    private_cluster_sql(arena, &cluster, "postgres", "SELECT pg_reload_conf()");
    while (
        strcmp(private_cluster_sql(arena, &cluster, "postgres", "SHOW synchronous_standby_names"),
            "nobody") != 0)
        usleep(10000);
    /* Sessions know of the standby before the checkpointer, which is what makes commits wait. It
     * reads settings before it begins a checkpoint; the first of two may have begun already. */
    private_cluster_sql(arena, &cluster, "postgres", "CHECKPOINT");
    private_cluster_sql(arena, &cluster, "postgres", "CHECKPOINT");
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_wait, own), 0);
    bool done = db_transact(db, arena, &context, case_write, &job, &error);
    pthread_join(thread, NULL);
    ck_assert_int_eq(done, context.repeatable);
    if (done)
        ck_assert(job.found);
    else
        ck_assert_int_eq(error.code, ERROR_COMMIT_UNKNOWN);
    ck_assert_int_eq(case_stored(arena, job.remote), 1);
    db_free(db);
    arena_free(own);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("commit");
    TCase *all = tcase_create("commit");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, open_case, close_case);
    tcase_add_test(all, test_a_stored_commit_whose_answer_is_lost_is_found_by_the_same_request);
    tcase_add_test(all, test_a_commit_that_never_arrived_is_made_by_the_same_request);
    tcase_add_test(all, test_who_cannot_ask_again_is_told_that_it_is_not_known);
    tcase_add_test(all, test_a_lost_answer_is_not_called_a_failure_because_the_database_went_away);
    tcase_add_loop_test(
        all, test_a_server_that_ends_the_process_during_commit_is_asked_again, 0, 2);
    tcase_add_loop_test(all, test_a_commit_that_no_standby_has_is_not_taken_for_stored, 0, 2);
    suite_add_tcase(suite, all);
    return suite;
}

int
main(void)
{
    return case_main(make_suite, NULL);
}
