/*
 * test_embedded.c: the private PostgreSQL comes up with its data, goes down with the daemon, and
 * says clearly why it does not start. Each daemon here is a child process: started as root, it is
 * no longer root afterwards.
 */
#include "db/embedded.h"

#include "base/arena.h"
#include "db/connection.h"
#include "db/migrate.h"
#include "db/statement.h"
#include "tests/unit/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[64];
static char directory[96];

static void
make_base(void)
{
    snprintf(base, sizeof base, "/tmp/rctd-embedded-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(base));
    ck_assert_int_eq(chmod(base, 0755), 0);
    snprintf(directory, sizeof directory, "%s/db", base);
}

static void
remove_base(void)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", base);
    ck_assert_int_eq(system(command), 0);
}

static bool
note(struct tx *tx, void *data)
{
    return sql_failed_attempt_add(tx, &(struct sql_failed_attempt_add){.remote = data}, NULL);
}

static bool
count(struct tx *tx, void *data)
{
    return sql_failed_attempt_count(tx, &(struct sql_failed_attempt_count){.remote = "kept"}, data);
}

static bool
use(const struct embedded *embedded, tx_body body, void *data, struct error *error)
{
    static const struct tx_context context = {.role = DB_ROLE_APP, .actor = "tester"};
    struct arena *arena = arena_new();
    struct db *db = db_new(&(struct db_options){
        .conninfo = embedded_conninfo(embedded, EMBEDDED_LOGIN), .prepare = true});
    bool done = db_schema_check(db, error) && db_transact(db, arena, &context, body, data, error);
    db_free(db);
    arena_free(arena);
    return done;
}

/* What a daemon in a child says when it is up, or why it is not. */
struct report {
    bool up;
    int kept; /* what an earlier daemon had stored */
    bool root;
    struct error error;
};

struct child {
    pid_t pid;
    int input; /* closing it lets the daemon stop in order */
    struct report report;
};

/* In a file system of 16 MiB that only this process sees, instead of `base`. */
static const char *small_disk;

static bool
mount_small_disk(const char *size)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", base, "tmpfs", 0, size) == 0;
}

static void
be_on_a_small_disk(void)
{
    if (small_disk != NULL && !mount_small_disk(small_disk))
        _exit(1);
}

/* Mounting needs root, and a machine that lets root mount; a container often does not. */
static bool
can_mount(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(mount_small_disk("size=1m") ? 0 : errno);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WEXITSTATUS(status) != 0)
        printf("no file system can be mounted here (%s): what a full disk gives is not shown\n",
            strerror(WEXITSTATUS(status)));
    return WEXITSTATUS(status) == 0;
}

static void
be_a_daemon(const struct embedded_options *options, int input, int output)
{
    char kept[] = "kept";
    char end;
    struct report report = {.error = ERROR_CLEAR};
    struct embedded *embedded;
    struct sql_failed_attempt_count_row row = {0};
    report.up = embedded_start(options, &embedded, &report.error) &&
                use(embedded, count, &row, &report.error) &&
                use(embedded, note, kept, &report.error);
    report.kept = (int)row.attempts;
    report.root = geteuid() == 0;
    ck_assert_int_eq(write(output, &report, sizeof report), sizeof report);
    (void)!read(input, &end, 1);
    if (report.up)
        embedded_stop(embedded);
    _exit(0);
}

static struct child
start_daemon(const struct embedded_options *options)
{
    int in[2];
    int out[2];
    struct child child = {.pid = -1};
    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    child.pid = fork();
    if (child.pid == 0) {
        close(in[1]);
        close(out[0]);
        be_on_a_small_disk();
        be_a_daemon(options, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    child.input = in[1];
    ck_assert_int_eq(read(out[0], &child.report, sizeof child.report), sizeof child.report);
    close(out[0]);
    return child;
}

static void
stop_daemon(struct child *child)
{
    close(child->input);
    ck_assert_int_eq(waitpid(child->pid, NULL, 0), child->pid);
}

static pid_t
server_pid(void)
{
    char path[160];
    int pid = 0;
    snprintf(path, sizeof path, "%s/data/postmaster.pid", directory);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    ck_assert_int_eq(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

static void
write_file(const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static const char *
refusal_of(const struct embedded_options *options)
{
    static struct report report;
    struct child child = start_daemon(options);
    report = child.report;
    stop_daemon(&child);
    ck_assert(!report.up);
    return report.error.detail;
}

/* A directory that a daemon has used once; each test works on a copy, which costs no initdb. */
static char used_base[64];

static void
make_used(void)
{
    const struct embedded_options options = {.directory = directory};
    make_base();
    memcpy(used_base, base, sizeof base);
    struct child child = start_daemon(&options);
    ck_assert_msg(child.report.up, "%s", child.report.error.detail);
    stop_daemon(&child);
}

static void
remove_used(void)
{
    memcpy(base, used_base, sizeof base);
    remove_base();
}

static void
copy_used(void)
{
    char command[256];
    snprintf(command, sizeof command, "cp -a '%s/db' '%s'", used_base, directory);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(test_data_are_there_again_after_a_stop)
{
    const struct embedded_options options = {.directory = directory};
    for (int start = 0; start < 2; start++) {
        struct child child = start_daemon(&options);
        ck_assert_msg(child.report.up, "%s", child.report.error.detail);
        ck_assert(!child.report.root);
        ck_assert_int_eq(child.report.kept, start);
        stop_daemon(&child);
        ck_assert_int_eq(server_pid(), 0);
    }
}
END_TEST

START_TEST(test_the_server_dies_with_a_killed_daemon_and_its_data_live)
{
    const struct embedded_options options = {.directory = directory};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    copy_used();
    for (int start = 1; start < 4; start++) {
        struct child child = start_daemon(&options);
        ck_assert_msg(child.report.up, "%s", child.report.error.detail);
        ck_assert_int_eq(child.report.kept, start);
        pid_t server = server_pid();
        ck_assert_int_gt(server, 0);
        kill(child.pid, SIGKILL);
        stop_daemon(&child);
        /* The last daemon's server is waited for here; the others by the next daemon. */
        if (start == 3)
            ck_assert_int_eq(waitpid(server, NULL, 0), server);
    }
}
END_TEST

START_TEST(test_a_second_daemon_is_refused_and_a_command_may_use_the_first_ones_server)
{
    const struct embedded_options options = {.directory = directory};
    const struct embedded_options guest = {.directory = directory, .attach = true};
    copy_used();
    struct child first = start_daemon(&options);
    ck_assert_msg(first.report.up, "%s", first.report.error.detail);
    ck_assert_ptr_nonnull(strstr(refusal_of(&options), "Another rctd uses"));
    struct child second = start_daemon(&guest);
    ck_assert_msg(second.report.up, "%s", second.report.error.detail);
    ck_assert_int_eq(second.report.kept, 2);
    stop_daemon(&second);
    struct child third = start_daemon(&guest);
    ck_assert_int_eq(third.report.kept, 3);
    stop_daemon(&third);
    stop_daemon(&first);
}
END_TEST

START_TEST(test_a_directory_of_somebody_else_is_left_alone)
{
    const struct embedded_options options = {.directory = directory};
    ck_assert_int_eq(mkdir(directory, 0777), 0);
    ck_assert_int_eq(chmod(directory, 0777), 0);
    write_file("thesis.txt", "years of work");
    const char *told = refusal_of(&options);
    ck_assert_msg(strstr(told, "holds other things") != NULL, "%s", told);
}
END_TEST

/* Only root could take it over. */
START_TEST(test_the_data_of_another_user_are_left_to_that_user)
{
    const struct embedded_options options = {.directory = directory, .user = "nobody"};
    if (geteuid() != 0)
        return;
    copy_used();
    const char *told = refusal_of(&options);
    ck_assert_msg(strstr(told, "does not belong to the user nobody") != NULL, "%s", told);
}
END_TEST

START_TEST(test_other_things_in_a_directory_are_never_overwritten)
{
    const struct embedded_options options = {.directory = directory};
    copy_used();
    char marker[160];
    snprintf(marker, sizeof marker, "%s/rctd-embedded", directory);
    ck_assert_int_eq(unlink(marker), 0);
    ck_assert_ptr_nonnull(strstr(refusal_of(&options), "holds other things"));
}
END_TEST

START_TEST(test_a_path_too_long_for_a_socket_is_refused_with_the_limit)
{
    char path[256] = "/tmp/";
    memset(path + 5, 'x', 90);
    const struct embedded_options options = {.directory = path};
    ck_assert_ptr_nonnull(strstr(refusal_of(&options), "at most 86 bytes"));
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(test_data_of_a_newer_version_are_refused_and_named)
{
    const struct embedded_options options = {.directory = directory};
    copy_used();
    write_file("data/PG_VERSION", "99\n");
    ck_assert_ptr_nonnull(strstr(refusal_of(&options), "PostgreSQL 99"));
    write_file("data/PG_VERSION", "15\n");
    write_file("rctd-embedded", "format 2\n");
    ck_assert_ptr_nonnull(strstr(refusal_of(&options), "format 2"));
}
END_TEST

START_TEST(test_what_postgresql_says_is_told_when_it_does_not_start)
{
    const struct embedded_options options = {.directory = directory};
    copy_used();
    write_file("data/postgresql.conf", "shared_buffers = 'plenty'\n");
    const char *told = refusal_of(&options);
    ck_assert_msg(strstr(told, "shared_buffers") != NULL, "%s", told);
}
END_TEST

START_TEST(test_programs_that_are_not_there_are_named)
{
    const struct embedded_options options = {.directory = directory, .bin = "/nowhere/bin"};
    ck_assert_ptr_nonnull(strstr(refusal_of(&options), "in /nowhere/bin (found: none)"));
    const struct embedded_options nobody = {.directory = directory, .user = "no-such-user"};
    if (geteuid() == 0)
        ck_assert_ptr_nonnull(strstr(refusal_of(&nobody), "no user no-such-user"));
}
END_TEST

START_TEST(test_a_full_disk_is_called_a_full_disk)
{
    const struct embedded_options options = {.directory = directory};
    if (!can_mount())
        return;
    small_disk = "size=16m,mode=755";
    const char *told = refusal_of(&options);
    ck_assert_msg(strstr(told, "is full") != NULL, "%s", told);
    ck_assert_msg(strstr(told, "No space left on device") != NULL, "%s", told);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("embedded");
    TCase *all = tcase_create("embedded");
    tcase_set_timeout(all, 240);
    tcase_add_unchecked_fixture(all, make_used, remove_used);
    tcase_add_checked_fixture(all, make_base, remove_base);
    tcase_add_test(all, test_data_are_there_again_after_a_stop);
    tcase_add_test(all, test_the_server_dies_with_a_killed_daemon_and_its_data_live);
    tcase_add_test(
        all, test_a_second_daemon_is_refused_and_a_command_may_use_the_first_ones_server);
    tcase_add_test(all, test_a_directory_of_somebody_else_is_left_alone);
    tcase_add_test(all, test_the_data_of_another_user_are_left_to_that_user);
    tcase_add_test(all, test_other_things_in_a_directory_are_never_overwritten);
    tcase_add_test(all, test_a_path_too_long_for_a_socket_is_refused_with_the_limit);
    tcase_add_test(all, test_data_of_a_newer_version_are_refused_and_named);
    tcase_add_test(all, test_what_postgresql_says_is_told_when_it_does_not_start);
    tcase_add_test(all, test_programs_that_are_not_there_are_named);
    tcase_add_test(all, test_a_full_disk_is_called_a_full_disk);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
