/*
 * test_identifier.c: a mistyped number is found before it is stored, and a right one is stored in
 * one form, however it was typed.
 */
#include "trial/identifier.h"

#include "../check_main.h"

#include <stdio.h>
#include <string.h>

#define THIS_YEAR 2026

static bool
orgnr(const char *text, char out[IDENTIFIER_SIZE], const char **why)
{
    return identifier_orgnr(text, out, why);
}

static bool
cfar(const char *text, char out[IDENTIFIER_SIZE], const char **why)
{
    return identifier_cfar(text, out, why);
}

static bool
personnummer(const char *text, char out[IDENTIFIER_SIZE], const char **why)
{
    return identifier_personnummer(text, THIS_YEAR, out, why);
}

static const struct {
    bool (*check)(const char *text, char out[IDENTIFIER_SIZE], const char **why);
    const char *text;
    const char *normal; /* NULL: refused */
} numbers[] = {
    {orgnr, "556016-0680", "556016-0680"},
    {orgnr, "5560160680", "556016-0680"},
    {orgnr, "16556016-0680", "556016-0680"},
    {orgnr, "165560160680", "556016-0680"},
    {orgnr, "  556016-0680\t", "556016-0680"},
    {orgnr, "556016-0681", NULL},
    {orgnr, "55601-60680", NULL},
    {orgnr, "556016 0680", "556016-0680"},
    {orgnr, "16556016 0680", "556016-0680"},
    {orgnr, "556016 - 0680", "556016-0680"},
    {orgnr, "556016\u20130680", "556016-0680"},
    {orgnr, "\u00a0556016\u22120680\u00a0", "556016-0680"},
    {orgnr, "556016+0680", NULL},
    {orgnr, "556 016-0680", NULL},
    {orgnr, "556016-0680                              ", "556016-0680"},
    {orgnr, "556016-0680 556016-0680 556016-0680", NULL},
    {orgnr, "556016-068", NULL},
    {orgnr, "556016-06800", NULL},
    {orgnr, "17556016-0680", NULL},
    {orgnr, "", NULL},
    {orgnr, "organisation", NULL},
    /* A personal number is none: its third digit is that of a month. */
    {orgnr, "850101-2382", NULL},
    {orgnr, "0000000000", NULL},
    {cfar, "01234567", "01234567"},
    {cfar, "00000000", "00000000"},
    {cfar, "1234567", NULL},
    {cfar, "123456789", NULL},
    {cfar, "1234567a", NULL},
    {cfar, "+1234567", NULL},
    {cfar, "", NULL},
    {personnummer, "189001019802", "189001019802"},
    {personnummer, "198501012382", "198501012382"},
    {personnummer, "200002202398", "200002202398"},
    {personnummer, "19850101-2382", "198501012382"},
    {personnummer, "850101-2382", "198501012382"},
    {personnummer, "000220-2398", "200002202398"},
    {personnummer, "900101+9802", "189001019802"},
    /* 1990 would have the same ten digits. */
    {personnummer, "900101-9802", "199001019802"},
    {personnummer, "197301732389", "197301732389"},
    {personnummer, "191401682396", "191401682396"},
    {personnummer, "730173-2389", "197301732389"},
    {personnummer, "140168+2396", "191401682396"},
    {personnummer, "19850101 2382", "198501012382"},
    {personnummer, "850101 - 2382", "198501012382"},
    {personnummer, "850101\u20102382", "198501012382"},
    {personnummer, "900101 +\u00a09802", "189001019802"},
    {personnummer, "19850101+2382", NULL},
    {personnummer, "198501012383", NULL},
    /* The mark tells the century. */
    {personnummer, "8501012382", NULL},
    {personnummer, "850101 2382", NULL},
    {personnummer, "", NULL},
    {personnummer, "202701019800", NULL},
    {personnummer, "179901019803", NULL},
};

START_TEST(a_number_is_stored_in_one_form_or_refused)
{
    char out[IDENTIFIER_SIZE] = "";
    const char *why = NULL;
    bool right = numbers[_i].check(numbers[_i].text, out, &why);
    ck_assert_msg(right == (numbers[_i].normal != NULL), "%s", numbers[_i].text);
    if (right)
        ck_assert_str_eq(out, numbers[_i].normal);
    else
        ck_assert(why != NULL && strlen(why) > 10);
}
END_TEST

/* The check digit is put right for the date to be all that is asked. */
static bool
date_taken(const char *date)
{
    char number[16], out[IDENTIFIER_SIZE];
    const char *why;
    for (char digit = '0'; digit <= '9'; digit++) {
        snprintf(number, sizeof number, "%s001%c", date, digit);
        if (identifier_luhn(number + 2))
            return personnummer(number, out, &why);
    }
    ck_abort_msg("no check digit fits");
    return false;
}

START_TEST(the_date_of_birth_must_exist)
{
    static const char *const right[] = {"20000229", "19960229", "19991231", "20260101", "19850161",
        "19850191", "19850060", "19851260", "19850071", "19960289"};
    static const char *const wrong[] = {"19000229", "19990229", "19990431", "19990100", "19991301",
        "19990001", "19990132", "19990291", "19990199", "19991361", "19990059"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        ck_assert_msg(date_taken(right[i]), "%s", right[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!date_taken(wrong[i]), "%s", wrong[i]);
}
END_TEST

/* A wrong digit anywhere in what the check digit covers. */
static void
every_single_error_is_found(bool (*check)(const char *, char[IDENTIFIER_SIZE], const char **),
    const char *number, size_t from)
{
    char wrong[32], out[IDENTIFIER_SIZE];
    const char *why;
    ck_assert(check(number, out, &why));
    for (size_t i = from; number[i] != '\0'; i++) {
        if (number[i] < '0' || number[i] > '9')
            continue;
        for (char digit = '0'; digit <= '9'; digit++) {
            snprintf(wrong, sizeof wrong, "%s", number);
            wrong[i] = digit;
            ck_assert_msg(check(wrong, out, &why) == (digit == number[i]), "%s", wrong);
        }
    }
}

START_TEST(every_single_wrong_digit_is_found)
{
    every_single_error_is_found(orgnr, "556016-0680", 0);
    static const char *const people[] = {
        "189001019802", "198501012382", "200002202398", "197301732389", "191401682396"};
    /* The century is outside of the check digit. */
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        every_single_error_is_found(personnummer, people[i], 2);
}
END_TEST

START_TEST(a_refusal_does_not_repeat_the_number)
{
    char out[IDENTIFIER_SIZE];
    const char *why;
    ck_assert(!personnummer("198501012383", out, &why));
    ck_assert_ptr_null(strstr(why, "0101"));
    ck_assert(!orgnr("850101-2382", out, &why));
    ck_assert_ptr_null(strstr(why, "2382"));
}
END_TEST

START_TEST(luhn_counts_digits_only)
{
    ck_assert(identifier_luhn("79927398713"));
    ck_assert(identifier_luhn("7992-7398-713"));
    ck_assert(!identifier_luhn("79927398710"));
    ck_assert(!identifier_luhn(""));
    ck_assert(!identifier_luhn("0"));
    ck_assert(identifier_luhn("00"));
}
END_TEST

START_TEST(types_have_the_names_of_the_protocol)
{
    for (int type = 0; type < IDENTIFIER_TYPES; type++)
        ck_assert_int_eq(
            identifier_type_by_name(identifier_type_name((enum identifier_type)type)), type);
    ck_assert_int_eq(identifier_type_by_name("se-orgnr"), IDENTIFIER_SE_ORGNR);
    ck_assert_int_eq(identifier_type_by_name("passport"), IDENTIFIER_TYPES);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/identifier");
    TCase *test_case = tcase_create("identifiers");
    tcase_add_loop_test(test_case, a_number_is_stored_in_one_form_or_refused, 0,
        (int)(sizeof numbers / sizeof numbers[0]));
    tcase_add_test(test_case, the_date_of_birth_must_exist);
    tcase_add_test(test_case, every_single_wrong_digit_is_found);
    tcase_add_test(test_case, a_refusal_does_not_repeat_the_number);
    tcase_add_test(test_case, luhn_counts_digits_only);
    tcase_add_test(test_case, types_have_the_names_of_the_protocol);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
