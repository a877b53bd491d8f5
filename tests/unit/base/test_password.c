/*
 * test_password.c: a password that can be guessed is not taken, and one that is kept tells nothing.
 */
#include "base/password.h"

#include "../check_main.h"

#include "base/bits.h"

#include <string.h>

START_TEST(what_everybody_would_guess_is_refused)
{
    ck_assert_ptr_nonnull(password_fault("", "anna", "Anna Berg"));
    ck_assert_ptr_nonnull(password_fault("elevenchars", "anna", "Anna Berg"));
    ck_assert_ptr_nonnull(password_fault("my name is ANNA ok", "anna", "Anna Berg"));
    ck_assert_ptr_nonnull(password_fault("it is anna berg indeed", "ab", "Anna Berg"));
    ck_assert_ptr_nonnull(password_fault("abababababababab", "anna", "Anna Berg"));
    char longest[PASSWORD_CHARACTERS_MAX + 2];
    for (size_t i = 0; i < sizeof longest - 1; i++)
        longest[i] = (char)('a' + i % 20);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_nonnull(password_fault(longest, "anna", "Anna Berg"));
}
END_TEST

START_TEST(characters_are_counted_not_bytes)
{
    ck_assert_ptr_nonnull(password_fault("åäöüßéèêëñç", "anna", "Anna Berg"));
    ck_assert_ptr_null(password_fault("åäöüßéèêëñçø", "anna", "Anna Berg"));
    ck_assert_ptr_null(password_fault("correct horse battery staple", "anna", "Anna Berg"));
    ck_assert_ptr_null(password_fault("a name of two letters, al", "al", "Al"));
}
END_TEST

START_TEST(the_right_password_fits_and_no_other)
{
    char one[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
    struct error error = ERROR_CLEAR;
    ck_assert(password_hash("correct horse battery staple", one, &error));
    ck_assert(password_hash("correct horse battery staple", other, &error));
    ck_assert_str_ne(one, other); /* each has a salt of its own */
    ck_assert_ptr_nonnull(strstr(one, "$argon2id$"));
    ck_assert(password_is_right(one, "correct horse battery staple"));
    ck_assert(!password_is_right(one, "correct horse battery stapl"));
    ck_assert(!password_is_right(one, ""));
    ck_assert(!password_is_right(NULL, "correct horse battery staple"));
}
END_TEST

static Suite *
password_suite(void)
{
    bits_start();
    Suite *suite = suite_create("password");
    TCase *cases = tcase_create("password");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, what_everybody_would_guess_is_refused);
    tcase_add_test(cases, characters_are_counted_not_bytes);
    tcase_add_test(cases, the_right_password_fits_and_no_other);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(password_suite)
