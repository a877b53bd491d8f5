/*
 * test_protocol_check.c: a trialist sees every fault of a file, or a summary to hold against the
 * paper.
 */
#include "cli/conduct/protocol_check.h"

#include "../check_main.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define WORK_TOGETHER "etc/protocols/work-together.yaml"
#define TWELVE_FAULTS "tests/golden/protocol/twelve-faults.yaml"

static enum error_code code;

/* What the check prints; the caller frees it. */
static char *
printed(const char *path)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool right = protocol_check_file(path, out, &code);
    fclose(out);
    ck_assert(right == (code == ERROR_NONE));
    return text;
}

START_TEST(a_right_file_is_summed_up)
{
    char *text = printed(WORK_TOGETHER);
    ck_assert_int_eq(code, ERROR_NONE);
    FILE *file = fopen("tests/golden/protocol/work-together.txt", "r");
    ck_assert_msg(file != NULL, "run the test in the root of the tree");
    char expected[8192];
    size_t size = fread(expected, 1, sizeof expected - 1, file);
    expected[size] = '\0';
    fclose(file);
    ck_assert_msg(
        strcmp(text, expected) == 0, "the summary is another one than in the golden file");
    free(text);
}
END_TEST

START_TEST(faults_are_lines_that_an_editor_follows)
{
    char *text = printed(TWELVE_FAULTS);
    ck_assert_int_eq(code, ERROR_FIELDS);
    static const char first[] =
        TWELVE_FAULTS ":4:1: registraton: the key `registraton` is not known here; did you mean "
                      "`registration`?\n";
    ck_assert_int_eq(strncmp(text, first, strlen(first)), 0);
    static const char last[] = "\n12 faults in " TWELVE_FAULTS "\n";
    ck_assert_str_eq(text + strlen(text) - strlen(last), last);
    free(text);
}
END_TEST

START_TEST(faults_are_json_for_programs)
{
    json_t *report = protocol_check_json(TWELVE_FAULTS, &code);
    ck_assert_ptr_nonnull(report);
    ck_assert(json_is_false(json_object_get(report, "right")));
    ck_assert(json_is_null(json_object_get(report, "summary")));
    const json_t *faults = json_object_get(report, "faults");
    ck_assert_uint_eq(json_array_size(faults), 12);
    const json_t *fifth = json_array_get(faults, 4);
    ck_assert_str_eq(
        json_string_value(json_object_get(fifth, "pointer")), "workplace.eligible[0].need");
    ck_assert_int_eq(json_integer_value(json_object_get(fifth, "line")), 17);
    ck_assert_int_eq(json_integer_value(json_object_get(fifth, "column")), 26);
    json_decref(report);
}
END_TEST

START_TEST(a_summary_is_json_for_programs)
{
    json_t *report = protocol_check_json(WORK_TOGETHER, &code);
    ck_assert_ptr_nonnull(report);
    ck_assert(json_is_true(json_object_get(report, "right")));
    ck_assert_uint_eq(json_array_size(json_object_get(report, "faults")), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(report, "advice")), 2);
    const json_t *summary = json_object_get(report, "summary");
    const json_t *rct = json_array_get(json_object_get(summary, "schemes"), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(rct, "strata")), 4);
    ck_assert_int_eq(json_integer_value(json_object_get(rct, "largest_block")), 6);
    ck_assert_int_eq(json_integer_value(json_object_get(rct, "target")), 72);
    const json_t *leads_to = json_object_get(rct, "consequences");
    ck_assert(json_is_true(json_object_get(leads_to, "exact")));
    double guessed = json_real_value(json_object_get(leads_to, "correct_guess"));
    ck_assert(guessed > 0.5 && guessed < 0.6);
    ck_assert(json_is_real(json_object_get(leads_to, "deterministic")));
    ck_assert(json_is_real(json_object_get(leads_to, "final_sd")));
    ck_assert(json_is_real(json_object_get(leads_to, "stratum_abs")));
    ck_assert_uint_eq(json_array_size(json_object_get(summary, "tasks")), 9);
    json_decref(report);
}
END_TEST

START_TEST(a_file_that_is_not_there_says_so)
{
    FILE *shown = freopen("/dev/null", "w", stderr);
    ck_assert_ptr_nonnull(shown);
    char *text = printed("tests/golden/protocol/none.yaml");
    ck_assert_int_eq(code, ERROR_NOT_FOUND);
    ck_assert_str_eq(text, "");
    free(text);
    ck_assert_ptr_null(protocol_check_json("tests/golden/protocol/none.yaml", &code));
    ck_assert_int_eq(code, ERROR_NOT_FOUND);
    text = printed("tests");
    ck_assert_int_eq(code, ERROR_SYSTEM);
    free(text);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("cli/protocol_check");
    TCase *test_case = tcase_create("check");
    tcase_add_test(test_case, a_right_file_is_summed_up);
    tcase_add_test(test_case, faults_are_lines_that_an_editor_follows);
    tcase_add_test(test_case, faults_are_json_for_programs);
    tcase_add_test(test_case, a_summary_is_json_for_programs);
    tcase_add_test(test_case, a_file_that_is_not_there_says_so);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
