/*
 * Tests of cli/problem.c: a refusal of rctd reaches the user whole, and what a proxy says is not
 * taken for rctd's word.
 */
#include "cli/problem.h"

#include "../check_main.h"

#include <string.h>

static struct arena *arena;
static struct faults faults;
static struct error error;

static void
set_up(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
    error = ERROR_CLEAR;
}

static void
tear_down(void)
{
    arena_free(arena);
}

static void
read_problem(const char *text, int status)
{
    json_t *json = json_loads(text, 0, NULL);
    problem_read(json, status, &faults, &error);
    json_decref(json);
}

START_TEST(every_error_of_the_table_comes_back_as_itself)
{
    for (int code = 1; code < ERROR_COUNT; code++) {
        char text[256];
        snprintf(text, sizeof text, "{\"type\":\"urn:rctd:problem:%s\",\"detail\":\"why\"}",
            error_slug((enum error_code)code));
        read_problem(text, error_http_status((enum error_code)code));
        ck_assert_int_eq((int)error.code, code);
        ck_assert_ptr_nonnull(strstr(error.detail, "why"));
    }
}
END_TEST

START_TEST(faults_keep_field_place_and_remedy)
{
    read_problem("{\"type\":\"urn:rctd:problem:invalid-fields\",\"detail\":\"d\",\"errors\":["
                 "{\"pointer\":\"/a/b\",\"detail\":\"is wrong\",\"remedy\":\"do this\"},"
                 "{\"pointer\":\"name\",\"line\":7,\"column\":3,\"detail\":\"is empty\"},"
                 "{\"pointer\":\"#/c\",\"detail\":\"x\",\"line\":-1},{\"pointer\":\"/none\"}]}",
        422);
    ck_assert_uint_eq(faults.count, 3);
    ck_assert_str_eq(fault_line(arena, NULL, &faults.items[0]), "/a/b: is wrong; do this");
    ck_assert_str_eq(fault_line(arena, "f.csv", &faults.items[1]), "f.csv:7:3: name: is empty");
    ck_assert_str_eq(fault_line(arena, NULL, &faults.items[2]), "#/c: x");
}
END_TEST

START_TEST(a_proxys_page_is_an_answer_that_may_pass)
{
    problem_read(NULL, 502, &faults, &error);
    ck_assert_int_eq(error.code, ERROR_BUSY);
    ck_assert_ptr_nonnull(strstr(error.detail, "502"));
    read_problem("{\"type\":\"about:blank\",\"detail\":\"by somebody else\"}", 403);
    ck_assert_int_eq(error.code, ERROR_FORBIDDEN);
    ck_assert_ptr_null(strstr(error.detail, "somebody else"));
    read_problem("[1]", 418);
    ck_assert_int_eq(error.code, ERROR_INTERNAL);
}
END_TEST

START_TEST(a_failure_inside_rctd_names_the_request_for_its_log)
{
    read_problem("{\"type\":\"urn:rctd:problem:internal\",\"detail\":\"d\","
                 "\"instance\":\"urn:uuid:01938c5e-7a10-7cc3-98c4-dc0c0c07398f\"}",
        500);
    ck_assert_ptr_nonnull(strstr(error.detail, "01938c5e-7a10-7cc3-98c4-dc0c0c07398f"));
}
END_TEST

static Suite *
problem_suite(void)
{
    Suite *suite = suite_create("cli/problem");
    TCase *tests = tcase_create("problem");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_error_of_the_table_comes_back_as_itself);
    tcase_add_test(tests, faults_keep_field_place_and_remedy);
    tcase_add_test(tests, a_proxys_page_is_an_answer_that_may_pass);
    tcase_add_test(tests, a_failure_inside_rctd_names_the_request_for_its_log);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(problem_suite)
