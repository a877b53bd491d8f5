/*
 * test_account.c: who may come in: the first administrator, the way back in, and what a token
 * opens.
 */
#include "store_case.h"

#include "store/account.h"

#define FAR_AHEAD INT64_C(4102444800000000) /* 2100-01-01 */

static struct digest
hash_of(const char *token)
{
    return digest_sha256(token, strlen(token));
}

struct first {
    const char *name;
    const char *token;
};

static bool
make_first(struct tx *tx, void *data)
{
    const struct first *first = data;
    return account_first_administrator(tx, first->name, hash_of(first->token), FAR_AHEAD);
}

static enum error_code
first_administrator(const char *name, const char *token)
{
    return case_run(DB_ROLE_BLINDED, make_first, &(struct first){name, token}).code;
}

struct entry {
    const char *token;
    const char *trial;
    struct caller caller;
};

static bool
authenticate(struct tx *tx, void *data)
{
    struct entry *entry = data;
    return account_authenticate(tx, hash_of(entry->token), entry->trial, &entry->caller);
}

static struct error
come_in(struct entry *entry, const char *token, const char *trial)
{
    *entry = (struct entry){.token = token, .trial = trial};
    return case_run(DB_ROLE_APP, authenticate, entry);
}

START_TEST(test_there_is_one_first_administrator)
{
    struct entry entry;
    ck_assert_int_eq(first_administrator("root", "one"), ERROR_NONE);
    ck_assert_int_eq(first_administrator("root", "two"), ERROR_CONFLICT);
    ck_assert_int_eq(first_administrator("mallory", "three"), ERROR_CONFLICT);
    ck_assert_int_eq(come_in(&entry, "one", "").code, ERROR_NONE);
    ck_assert_int_eq(come_in(&entry, "two", "").code, ERROR_UNAUTHENTICATED);
    ck_assert_int_eq(come_in(&entry, "three", "").code, ERROR_UNAUTHENTICATED);
}
END_TEST

START_TEST(test_an_administrator_is_one_also_where_no_trial_is_named)
{
    struct entry entry;
    ck_assert_int_eq(first_administrator("root", "one"), ERROR_NONE);
    ck_assert_int_eq(come_in(&entry, "one", "").code, ERROR_NONE);
    ck_assert_uint_eq(entry.caller.grant_count, 1);
    ck_assert_int_eq(entry.caller.grants[0].role, ROLE_ADMINISTRATOR);
    ck_assert(entry.caller.grants[0].instance);
    ck_assert(!entry.caller.has_trial);
    ck_assert_int_eq(entry.caller.token_expires_at, FAR_AHEAD);
}
END_TEST

START_TEST(test_an_instance_whose_administrators_have_lost_their_tokens_is_not_locked_for_ever)
{
    struct entry entry;
    ck_assert_int_eq(first_administrator("root", "one"), ERROR_NONE);
    case_sql("UPDATE rctd.token SET created_at = now() - interval '2 days', expires_at = now() - "
             "interval '1 day'");
    struct error error = come_in(&entry, "one", "");
    ck_assert_int_eq(error.code, ERROR_UNAUTHENTICATED);
    ck_assert_ptr_nonnull(strstr(error.detail, "expired"));
    ck_assert_int_eq(first_administrator("root", "two"), ERROR_NONE);
    ck_assert_int_eq(come_in(&entry, "two", "").code, ERROR_NONE);
    ck_assert_str_eq(case_sql("SELECT count(*) FROM rctd.account"), "1");
    case_sql("UPDATE rctd.token SET revoked_at = now() WHERE revoked_at IS NULL");
    ck_assert_int_eq(first_administrator("other", "three"), ERROR_NONE);
    ck_assert_str_eq(case_sql("SELECT count(*) FROM rctd.account"), "2");
}
END_TEST

START_TEST(test_nobody_becomes_administrator_under_the_name_of_somebody_else)
{
    case_sql("INSERT INTO rctd.account (account_id, name, display) VALUES (gen_random_uuid(), "
             "'anna', 'Anna')");
    ck_assert_int_eq(first_administrator("anna", "one"), ERROR_CONFLICT);
    ck_assert_int_eq(first_administrator("rctd", "one"), ERROR_FIELDS);
    ck_assert_int_eq(first_administrator("Anna Berg", "one"), ERROR_FIELDS);
    ck_assert_str_eq(case_sql("SELECT count(*) FROM rctd.role_grant"), "0");
}
END_TEST

START_TEST(test_what_was_taken_away_holds_in_the_next_transaction)
{
    struct entry entry;
    ck_assert_int_eq(first_administrator("root", "one"), ERROR_NONE);
    case_sql("SET session_replication_role = replica; UPDATE rctd.account SET disabled_at = now()");
    struct error error = come_in(&entry, "one", "");
    ck_assert_int_eq(error.code, ERROR_UNAUTHENTICATED);
    ck_assert_ptr_nonnull(strstr(error.detail, "disabled"));
    case_sql("UPDATE rctd.account SET disabled_at = NULL;"
             "UPDATE rctd.token SET revoked_at = now()");
    error = come_in(&entry, "one", "");
    ck_assert_int_eq(error.code, ERROR_UNAUTHENTICATED);
    ck_assert_ptr_nonnull(strstr(error.detail, "revoked"));
}
END_TEST

START_TEST(test_names_that_could_be_taken_for_another_are_refused)
{
    static const char *const bad[] = {"", "Anna", "-anna", ".anna", "anna berg", "anna/x", "a\nb",
        "rctd", "database:postgres", "\xc3\xa5sa"};
    static const char *const good[] = {"a", "anna", "anna.berg@region.example", "0_a+b-c", "rctd2"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!account_name_is_good(bad[i]), "%s", bad[i]);
    for (size_t i = 0; i < COUNT_OF(good); i++)
        ck_assert_msg(account_name_is_good(good[i]), "%s", good[i]);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("account");
    TCase *all = tcase_create("account");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, case_open, case_close);
    tcase_add_test(all, test_there_is_one_first_administrator);
    tcase_add_test(all, test_an_administrator_is_one_also_where_no_trial_is_named);
    tcase_add_test(
        all, test_an_instance_whose_administrators_have_lost_their_tokens_is_not_locked_for_ever);
    tcase_add_test(all, test_nobody_becomes_administrator_under_the_name_of_somebody_else);
    tcase_add_test(all, test_what_was_taken_away_holds_in_the_next_transaction);
    tcase_add_test(all, test_names_that_could_be_taken_for_another_are_refused);
    suite_add_tcase(suite, all);
    return suite;
}

int
main(void)
{
    return case_main(make_suite());
}
