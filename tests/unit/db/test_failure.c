/*
 * test_failure.c: what users are told when the database refuses, and what they are never told: the
 * text of PostgreSQL's own messages, which can hold personal data.
 */
#include "tests/unit/db/transaction_case.h"

static const struct {
    const char *remote;
    enum error_code code;
    const char *where;
} refusals[] = {
    {"raise:23505:workplace_code_key", ERROR_CONFLICT, "workplace_code_key"},
    {"raise:23P01:provider_period", ERROR_CONFLICT, "provider_period"},
    {"raise:23503:consent_unit_fkey", ERROR_REFUSED, "consent_unit_fkey"},
    {"raise:23514:head_count_check", ERROR_REFUSED, "head_count_check"},
    {"raise:P0001", ERROR_REFUSED, "failed_attempt_add"},
    {"raise:42501", ERROR_FORBIDDEN, "failed_attempt_add"},
    {"raise:55P03", ERROR_CONTENTION, "failed_attempt_add"},
    {"raise:57014", ERROR_BUSY, "failed_attempt_add"},
    {"raise:53100", ERROR_NO_DATABASE, "failed_attempt_add"},
    {"raise:53300", ERROR_BUSY, "failed_attempt_add"},
    {"raise:22P02", ERROR_INTERNAL, "failed_attempt_add"},
    {"raise:XX000", ERROR_INTERNAL, "failed_attempt_add"},
};

/* Nothing is run twice that would fail again in the same way. */
START_TEST(test_a_refusal_has_the_right_code_and_no_personal_data)
{
    struct arena *arena = arena_new();
    struct db *db = case_db(arena, NULL);
    struct job job = {.remote = refusals[_i].remote};
    struct error error;
    ck_assert(!db_transact(db, arena, &as_app, case_write, &job, &error));
    ck_assert_msg(
        error.code == refusals[_i].code, "%s gives %s", job.remote, error_slug(error.code));
    ck_assert_str_eq(error.where, refusals[_i].where);
    ck_assert_ptr_null(strstr(error.detail, "Anna"));
    ck_assert_ptr_null(strstr(error.detail, "INSERT"));
    ck_assert_int_ne(error.detail[0], '\0');
    ck_assert_int_eq(job.calls, 1);
    db_free(db);
    arena_free(arena);
}
END_TEST

START_TEST(test_a_rule_of_ours_is_told_in_its_own_words)
{
    struct arena *arena = arena_new();
    struct db *db = case_db(arena, NULL);
    struct job job = {.remote = "raise:RC001:roster_frozen"};
    struct error error;
    ck_assert(!db_transact(db, arena, &as_app, case_write, &job, &error));
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_str_eq(error.where, "roster_frozen");
    ck_assert_str_eq(error.detail, SECRET);
    db_free(db);
    arena_free(arena);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("failure");
    TCase *all = tcase_create("failure");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(
        all, test_a_refusal_has_the_right_code_and_no_personal_data, 0, (int)COUNT_OF(refusals));
    tcase_add_test(all, test_a_rule_of_ours_is_told_in_its_own_words);
    suite_add_tcase(suite, all);
    return suite;
}

int
main(void)
{
    return case_main(make_suite, NULL);
}
