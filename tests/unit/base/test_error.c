/*
 * test_error.c: the table of errors is whole, and a detail is always a sentence in UTF-8.
 */
#include "base/error.h"

#include "../check_main.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

START_TEST(every_error_has_a_status_an_exit_status_and_words)
{
    for (enum error_code code = ERROR_NONE + 1; code < ERROR_COUNT; code++) {
        ck_assert_int_ge(error_http_status(code), 400);
        ck_assert_int_le(error_http_status(code), 599);
        ck_assert_int_ge(error_exit_status(code), 1);
        ck_assert_int_le(error_exit_status(code), 8);
        ck_assert(text_is_identifier(error_slug(code)));
        ck_assert(!text_is_empty(error_title(code)));
        ck_assert_int_eq(error_from_slug(error_slug(code)), code);
    }
    ck_assert_int_eq(error_exit_status(ERROR_NONE), 0);
}
END_TEST

START_TEST(an_unknown_problem_of_a_newer_server_is_an_internal_error)
{
    ck_assert_int_eq(error_from_slug("made-tomorrow"), ERROR_INTERNAL);
    ck_assert_int_eq(error_from_slug(""), ERROR_INTERNAL);
}
END_TEST

START_TEST(setting_an_error_says_false_and_forgets_the_one_before)
{
    struct error error = {.code = ERROR_BUSY, .sqlstate = "40001", .where = "before"};
    ck_assert(!error_set(&error, ERROR_REFUSED, NULL, "W%04d is closed", 7));
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_str_eq(error.detail, "W0007 is closed");
    ck_assert_str_eq(error.where, "");
    ck_assert_str_eq(error.sqlstate, "");
}
END_TEST

START_TEST(a_caller_may_add_to_the_detail_it_was_given)
{
    struct error error;
    error_set(&error, ERROR_CONFIG, "file", "line %d", 3);
    error_set(&error, error.code, error.where, "rctd.conf: %s: mend it", error.detail);
    ck_assert_str_eq(error.detail, "rctd.conf: line 3: mend it");
    ck_assert_str_eq(error.where, "file");
}
END_TEST

START_TEST(a_long_detail_is_cut_between_characters)
{
    struct error error;
    char long_text[3000];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(long_text, 'x', shift);
        for (size_t i = shift; i + 2 < sizeof long_text; i += 2)
            memcpy(long_text + i, "å", 3);
        error_set(&error, ERROR_FIELDS, long_text, "%s", long_text);
        ck_assert(text_is_utf8(error.detail, strlen(error.detail)));
        ck_assert_uint_ge(strlen(error.detail), sizeof error.detail - 2);
        ck_assert(text_is_utf8(error.where, strlen(error.where)));
        errno = ENOENT;
        error_set_errno(&error, NULL, "%s", long_text);
        ck_assert(text_is_utf8(error.detail, strlen(error.detail)));
    }
}
END_TEST

START_TEST(bytes_that_are_not_utf8_never_reach_an_answer)
{
    struct error error;
    error_set(&error, ERROR_FIELDS, "a\xff", "name %s", "W\xe5nja");
    ck_assert_str_eq(error.detail, "name W");
    ck_assert_str_eq(error.where, "a");
}
END_TEST

START_TEST(the_operating_system_says_why)
{
    struct error error;
    errno = ENOENT;
    ck_assert(!error_set_errno(&error, "open", "cannot open %s", "/x"));
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_str_eq(error.detail, "cannot open /x: No such file or directory");
}
END_TEST

static Suite *
error_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *errors = tcase_create("errors");
    tcase_add_test(errors, every_error_has_a_status_an_exit_status_and_words);
    tcase_add_test(errors, an_unknown_problem_of_a_newer_server_is_an_internal_error);
    tcase_add_test(errors, setting_an_error_says_false_and_forgets_the_one_before);
    tcase_add_test(errors, a_caller_may_add_to_the_detail_it_was_given);
    tcase_add_test(errors, a_long_detail_is_cut_between_characters);
    tcase_add_test(errors, bytes_that_are_not_utf8_never_reach_an_answer);
    tcase_add_test(errors, the_operating_system_says_why);
    suite_add_tcase(suite, errors);
    return suite;
}

TEST_MAIN(error_suite)
