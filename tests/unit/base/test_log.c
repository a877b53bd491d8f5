/*
 * test_log.c: an operator can trust that one line is one event, whatever users send.
 */
#include "base/log.h"
#include "base/text.h"

#include "tests/unit/check_main.h"

#include <string.h>
#include <unistd.h>

static char logged[16384];

/* What `write_lines` puts on standard error. */
static void
capture(void (*write_lines)(void))
{
    char path[] = "/tmp/rctd-log-XXXXXX";
    int file = mkstemp(path);
    int saved = dup(STDERR_FILENO);
    ck_assert_int_ge(file, 0);
    dup2(file, STDERR_FILENO);
    write_lines();
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t length = pread(file, logged, sizeof logged - 1, 0);
    ck_assert_int_ge(length, 0);
    logged[length] = '\0';
    close(file);
    unlink(path);
}

static void
forge(void)
{
    log_request_set("0190");
    log_write(LOG_WARNING, "name=%s", "x\n2026-11-22 level=error forged\x1b[31m\ty");
    log_request_set(NULL);
    log_write(LOG_INFO, "next");
}

START_TEST(test_input_cannot_forge_a_line_or_colour_a_terminal)
{
    capture(forge);
    char *end = strchr(logged, '\n');
    ck_assert_ptr_nonnull(end);
    ck_assert_ptr_eq(
        strstr(logged, " level=warning request=0190 name=x\\n2026-11-22"), logged + 27);
    ck_assert_ptr_nonnull(strstr(logged, "forged\\x1b[31m\\x09y\n"));
    ck_assert_ptr_eq(strstr(end, " level=info next\n"), end + 28);
}
END_TEST

static void
overflow(void)
{
    static char many[8192];
    memset(many, '\n', sizeof many - 1);
    log_write(LOG_ERROR, "%s", many);
}

START_TEST(test_a_line_too_long_is_cut_and_still_ends)
{
    capture(overflow);
    size_t length = strlen(logged);
    ck_assert_uint_lt(length, 4097);
    ck_assert_ptr_eq(strchr(logged, '\n'), logged + length - 1);
}
END_TEST

static void
below(void)
{
    log_level_set(LOG_WARNING);
    log_write(LOG_INFO, "quiet");
    log_write(LOG_WARNING, "loud");
    log_level_set(LOG_INFO);
}

START_TEST(test_a_level_below_the_least_is_not_written)
{
    capture(below);
    ck_assert_ptr_null(strstr(logged, "quiet"));
    ck_assert_ptr_nonnull(strstr(logged, "loud"));
}
END_TEST

static void
tell_error(void)
{
    struct error error;
    error_set(&error, ERROR_CONFLICT, "unit_code_key", "W0001 is there");
    log_error(LOG_ERROR, "import failed", &error);
}

START_TEST(test_an_error_is_logged_with_all_its_parts)
{
    capture(tell_error);
    ck_assert_ptr_nonnull(strstr(logged,
        "level=error import failed code=conflict where=unit_code_key detail=\"W0001 is there\"\n"));
}
END_TEST

static void
tell_quoted_error(void)
{
    struct error error;
    error_set(&error, ERROR_NO_DATABASE, "master key", "socket \"/run/x\" is \\ not there");
    log_error(LOG_ERROR, "waiting", &error);
}

START_TEST(test_a_text_with_quotes_is_still_one_field)
{
    capture(tell_quoted_error);
    ck_assert_ptr_nonnull(strstr(
        logged, "where=\"master key\" detail=\"socket \\\"/run/x\\\" is \\\\ not there\"\n"));
}
END_TEST

START_TEST(test_a_text_that_is_too_long_ends_with_a_whole_character_and_its_quote)
{
    char text[3 * LOG_QUOTED_SIZE] = "", out[LOG_QUOTED_SIZE];
    for (size_t i = 0; i < LOG_QUOTED_SIZE; i++)
        strcat(text, "\xc3\xa5");
    log_quote(text, out);
    ck_assert_uint_lt(strlen(out), LOG_QUOTED_SIZE);
    ck_assert_int_eq(out[strlen(out) - 1], '"');
    ck_assert(text_is_utf8(out, strlen(out)));
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = '"';
    text[sizeof text - 1] = '\0';
    log_quote(text, out);
    ck_assert_uint_lt(strlen(out), LOG_QUOTED_SIZE);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *all = tcase_create("log");
    tcase_add_test(all, test_input_cannot_forge_a_line_or_colour_a_terminal);
    tcase_add_test(all, test_a_line_too_long_is_cut_and_still_ends);
    tcase_add_test(all, test_a_level_below_the_least_is_not_written);
    tcase_add_test(all, test_an_error_is_logged_with_all_its_parts);
    tcase_add_test(all, test_a_text_with_quotes_is_still_one_field);
    tcase_add_test(all, test_a_text_that_is_too_long_ends_with_a_whole_character_and_its_quote);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
