/*
 * test_code.c: a code that was misheard or mistyped is nobody's code, so that nothing is recorded
 * for another person.
 */
#include "trial/code.h"

#include "../check_main.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] = CODE_ALPHABET;

/* Numbers spread over all that there are, with both ends. */
static uint32_t
number_of(int i)
{
    return i == 0 ? 0 : i == 1 ? CODE_COUNT - 1 : (uint32_t)i * UINT32_C(739079) % CODE_COUNT;
}

START_TEST(a_made_code_is_read_back_whoever_typed_it)
{
    char code[CODE_SIZE], read[CODE_SIZE], typed[32];
    for (int i = 0; i < 200; i++) {
        code_make(number_of(i), code);
        ck_assert_uint_eq(strlen(code), 8);
        ck_assert_int_eq(code[0], 'P');
        ck_assert(code_read(code, read));
        ck_assert_str_eq(read, code);
        snprintf(typed, sizeof typed, " %.4s-%s ", code, code + 4);
        for (char *c = typed; *c != '\0'; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
        ck_assert(code_read(typed, read));
        ck_assert_str_eq(read, code);
    }
}
END_TEST

START_TEST(two_numbers_never_share_a_code)
{
    char code[CODE_SIZE], next[CODE_SIZE];
    for (uint32_t number = 0; number < 5000; number++)
        ck_assert_str_ne(code_make(number, code), code_make(number + 1, next));
    ck_assert_str_ne(code_make(0, code), code_make(CODE_COUNT - 1, next));
    ck_assert_str_eq(code_make(0, code), "P2222223");
}
END_TEST

START_TEST(every_single_wrong_character_is_found)
{
    char code[CODE_SIZE], wrong[CODE_SIZE], read[CODE_SIZE];
    for (int i = 0; i < 200; i++)
        for (int place = 0; place < CODE_SIZE - 1; place++)
            for (const char *c = alphabet; *c != '\0'; c++) {
                code_make(number_of(i), code);
                memcpy(wrong, code, sizeof wrong);
                wrong[place] = *c;
                ck_assert_msg(*c == code[place] || !code_read(wrong, read),
                    "%s for %s was not found", wrong, code);
            }
}
END_TEST

START_TEST(every_swap_of_two_characters_is_found)
{
    char code[CODE_SIZE], wrong[CODE_SIZE], read[CODE_SIZE];
    for (int i = 0; i < 200; i++)
        for (int a = 0; a < CODE_SIZE - 1; a++)
            for (int b = a + 1; b < CODE_SIZE - 1; b++) {
                code_make(number_of(i), code);
                memcpy(wrong, code, sizeof wrong);
                wrong[a] = code[b];
                wrong[b] = code[a];
                ck_assert_msg(code[a] == code[b] || !code_read(wrong, read),
                    "%s for %s was not found", wrong, code);
            }
}
END_TEST

START_TEST(what_no_code_has_is_refused_and_said)
{
    static const char *const others[] = {"", "P", "W0001", "P2222222", "P222222", "P22222233",
        "A2222223", "P222222O", "P2222\xc3\xa5", "P22222 3;", "P222222\n"};
    char read[CODE_SIZE];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!code_read(others[i], read), "%s was taken", others[i]);
    ck_assert_ptr_nonnull(strstr(code_fault("P2222232"), "check character"));
    ck_assert_ptr_nonnull(strstr(code_fault("W0001"), CODE_ALPHABET));
}
END_TEST

static Suite *
code_suite(void)
{
    Suite *suite = suite_create("trial/code");
    TCase *tests = tcase_create("code");
    tcase_add_test(tests, a_made_code_is_read_back_whoever_typed_it);
    tcase_add_test(tests, two_numbers_never_share_a_code);
    tcase_add_test(tests, every_single_wrong_character_is_found);
    tcase_add_test(tests, every_swap_of_two_characters_is_found);
    tcase_add_test(tests, what_no_code_has_is_refused_and_said);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(code_suite)
