/*
 * test_conf.c: an operator's configuration file means what it says, and every mistake in it is told
 * with its line before anything starts.
 */
#include "base/conf.h"

#include "base/text.h"
#include "tests/unit/check_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static struct conf conf;
static struct faults faults;

static void
open_case(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
    conf_defaults(arena, &conf);
}

static void
close_case(void)
{
    arena_free(arena);
}

static const char *
fault_at(size_t at)
{
    ck_assert_uint_lt(at, faults.count);
    return fault_line(arena, "rctd.conf", &faults.items[at]);
}

START_TEST(test_a_file_that_sets_nothing_gives_the_documented_defaults)
{
    conf_parse(arena, "\n   # nothing\n\n", &conf, &faults);
    ck_assert_uint_eq(faults.total, 0);
    ck_assert_str_eq(conf.listen, "127.0.0.1:8470");
    ck_assert(conf.prepare);
    ck_assert(!conf.proxy);
    ck_assert_ptr_null(conf.database);
    ck_assert_int_eq(conf.log_level, LOG_INFO);
    ck_assert_uint_gt(conf.workers, 0);
}
END_TEST

START_TEST(test_every_kind_of_value_is_read)
{
    conf_parse(arena,
        "listen = [::1]:9000\n"
        "database = host=/run/postgresql dbname=rctd user=rctd_login  # a comment\n"
        "database_owner = \" with # and blanks \"   # another\n"
        "prepare=no\r\n"
        "\tworkers\t=\t3\n"
        "webhook_allow = 10.0.0.0/8, fd00::/8 127.0.0.1\n"
        "master_key_file = /etc/rctd/master.key\n"
        "escrow_public_key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F\n"
        "log_level = warning",
        &conf, &faults);
    ck_assert_msg(faults.total == 0, "%s", faults.total == 0 ? "" : fault_at(0));
    ck_assert_str_eq(conf.listen, "[::1]:9000");
    ck_assert_str_eq(conf.database, "host=/run/postgresql dbname=rctd user=rctd_login");
    ck_assert_str_eq(conf.database_owner, " with # and blanks ");
    ck_assert(!conf.prepare);
    ck_assert_uint_eq(conf.workers, 3);
    ck_assert_str_eq(conf.webhook_allow, "10.0.0.0/8, fd00::/8 127.0.0.1");
    ck_assert_str_eq(conf.master_key_file, "/etc/rctd/master.key");
    ck_assert_int_eq(conf.log_level, LOG_WARNING);
}
END_TEST

START_TEST(test_all_faults_are_told_in_one_run_with_their_lines)
{
    conf_parse(arena,
        "listem = 127.0.0.1:80\n"
        "workers = many\n"
        "workers = 3\n"
        "just words\n"
        "prepare = maybe\n"
        "listen = 127.0.0.1\n"
        "webhook_allow = 10.0.0.0/33\n"
        "master_key_file = master.key\n"
        "escrow_public_key = 00ff\n"
        "log_level = loud\n"
        "database = \"open\n"
        "queue = 0\n"
        "audit_heads_file = \xff\n",
        &conf, &faults);
    ck_assert_uint_eq(faults.total, 13);
    ck_assert_str_eq(
        fault_at(0), "rctd.conf:1:1: there is no key `listem`; did you mean `listen`?");
    ck_assert_str_eq(fault_at(1),
        "rctd.conf:2:1: workers: this value is not right; write a whole number from 1 to 64");
    ck_assert_str_eq(
        fault_at(2), "rctd.conf:3:1: workers: it is set on line 2 already; keep one of the two");
    for (size_t i = 0; i < faults.count; i++)
        ck_assert_uint_eq(faults.items[i].line, i + 1);
}
END_TEST

static struct error
read_with_mode(const char *text, mode_t mode, bool expected)
{
    char path[] = "/tmp/rctd-conf-XXXXXX";
    struct error error = ERROR_CLEAR;
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(file, mode), 0);
    close(file);
    ck_assert_msg(conf_read(arena, path, &conf, &faults, &error) == expected, "%s", error.detail);
    unlink(path);
    return error;
}

START_TEST(test_a_password_that_everybody_can_read_is_refused)
{
    static const char *const secret[] = {"database = dbname=rctd password=hunter2\n",
        "database_owner = postgresql://owner:hunter2@db.example/rctd\n"};
    for (size_t i = 0; i < COUNT_OF(secret); i++) {
        struct error error = read_with_mode(secret[i], 0644, false);
        ck_assert_int_eq(error.code, ERROR_CONFIG);
        ck_assert_ptr_nonnull(strstr(error.detail, "chmod 640"));
        ck_assert_ptr_null(strstr(error.detail, "hunter2"));
        faults_init(&faults, arena);
        read_with_mode(secret[i], 0640, true);
    }
    read_with_mode("database = postgresql://login@db.example/rctd\n", 0644, true);
}
END_TEST

START_TEST(test_a_file_that_cannot_be_read_is_named)
{
    struct error error = ERROR_CLEAR;
    ck_assert(!conf_read(arena, "/nowhere/rctd.conf", &conf, &faults, &error));
    ck_assert_str_eq(error.detail, "/nowhere/rctd.conf cannot be read: No such file or directory");
    ck_assert(!conf_read(arena, "/tmp", &conf, &faults, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
}
END_TEST

START_TEST(test_a_fault_ends_the_reading_and_names_its_place)
{
    struct error error = read_with_mode("workers = 0\nqueue = x\n", 0600, false);
    ck_assert_ptr_nonnull(strstr(error.detail, ":1:1: workers:"));
    ck_assert_ptr_nonnull(strstr(error.detail, "(and more)"));
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("conf");
    TCase *all = tcase_create("conf");
    tcase_add_checked_fixture(all, open_case, close_case);
    tcase_add_test(all, test_a_file_that_sets_nothing_gives_the_documented_defaults);
    tcase_add_test(all, test_every_kind_of_value_is_read);
    tcase_add_test(all, test_all_faults_are_told_in_one_run_with_their_lines);
    tcase_add_test(all, test_a_password_that_everybody_can_read_is_refused);
    tcase_add_test(all, test_a_file_that_cannot_be_read_is_named);
    tcase_add_test(all, test_a_fault_ends_the_reading_and_names_its_place);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
