/*
 * test_personal.c: an identity number is found in a text however people write it, and what people
 * write otherwise is left alone.
 */
#include "base/personal.h"

#include "base/clock.h"

#include "../check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Skatteverket's test numbers, of personal and coordination numbers, in every form. */
static const char *const found[] = {
    "189001019802",
    "18900101-9802",
    "18900101+9802",
    "18900101 9802",
    "900101-9802",
    "900101+9802",
    "9001019802",
    "900101 9802",
    "900101 - 9802",
    "900101\u20139802",
    "900101\u20119802",
    "900101\u22129802",
    "900101\u00a09802",
    "1890-01-01-9802",
    "1890.01.01-9802",
    "90-01-01-9802",
    "90 01 01 - 9802",
    "9 0 0 1 0 1 9 8 0 2",
    "1 8 9 0 0 1 0 1 9 8 0 2",
    "900101/9802",
    "900101_9802",
    "\uff19\uff10\uff10\uff11\uff10\uff11\uff0d\uff19\uff18\uff10\uff12",
    "198501012382",
    "850101-2382",
    "200002202398",
    "000220-2398",
    "197301732389", /* coordination numbers, one without a month */
    "730173-2389",
    "191401682396",
    "Called her (850101-2382), no answer",
    "pnr:8501012382.",
    "pnr8501012382x",
    "born 1985-01-01-2382?",
    "one\n850101-2382\ntwo",
    "tel 0701234567, 850101-2382",
    "019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55 850101-2382",
};

static const char *const fine[] = {
    "",
    "The participant was told by a colleague",
    "850101-2383", /* wrong check digit */
    "850101-3282", /* neighbours swapped */
    "851301-2384", /* no such month */
    "850230-2381", /* no such day */
    "556016-0680", /* an organisation */
    "165560160680",
    "2026-01-10",
    "2026-01-10 14:00",
    "2026-01-10 1408",
    "2026-01-10T09:00:00Z",
    "0701234567",
    "+46 70 123 45 67",
    "W0001, W0002 and PK7H3WAT",
    "12345678",      /* an establishment */
    "299901012387",  /* of a year to come */
    "18501012382",   /* eleven digits */
    "1985010123821", /* thirteen */
    "00900101-98021",
    "019386f2-5a0e-7cc3-9f42-850101238200",
    "85010123-82ab-4cde-8f01-123456789abc",
    "8501012382aaaaaaaaaaaaaaaaaaaaaa8501012382ffffffffffffffffffffffffff",
    "\xef\xbc", /* the beginning of a digit of full width */
    "8",
    "850101-",
    "850101-23",
};

START_TEST(a_number_is_found_however_it_is_written)
{
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++)
        ck_assert_msg(personal_number_in(found[i]), "not found: %s", found[i]);
}
END_TEST

START_TEST(other_texts_are_left_alone)
{
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        ck_assert_msg(!personal_number_in(fine[i]), "found: %s", fine[i]);
}
END_TEST

/* 12 digits with their check digit, of a day that exists. */
static void
make_number(char out[64])
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1900 + rand() % 120, month = rand() % 12, sum = 0;
    int day = 1 + rand() % days[month] + (rand() % 4 == 0 ? 60 : 0);
    snprintf(out, 64, "%04d%02d%02d%03d", year, month + 1, day, rand() % 1000);
    for (int i = 0; i < 9; i++) {
        int digit = (out[2 + i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    out[11] = (char)('0' + (10 - sum % 10) % 10);
    out[12] = '\0';
}

START_TEST(no_valid_number_slips_through_and_no_single_wrong_digit_is_taken_for_one)
{
    char number[64], text[128];
    srand(4);
    for (int i = 0; i < 10000; i++) {
        make_number(number);
        snprintf(text, sizeof text, "Said %.8s-%s today", number, number + 8);
        ck_assert_msg(personal_number_in(number) && personal_number_in(number + 2), "%s", number);
        ck_assert_msg(personal_number_in(text), "%s", text);
        size_t place = 2 + (size_t)(rand() % 10);
        number[place] = (char)('0' + (number[place] - '0' + 1 + rand() % 9) % 10);
        ck_assert_msg(!personal_number_in(number), "%s", number);
    }
}
END_TEST

START_TEST(a_long_text_takes_no_time_that_grows_faster_than_it)
{
    size_t size = (size_t)3 << 20;
    char *text = malloc(size + 16);
    for (size_t i = 0; i < size; i++)
        text[i] = "1 9-8_5/"[i % 8];
    memcpy(text + size, ".850101-2382", 13);
    ck_assert(personal_number_in(text));
    free(text);
}
END_TEST

static Suite *
personal_suite(void)
{
    Suite *suite = suite_create("personal");
    TCase *all = tcase_create("all");
    tcase_add_test(all, a_number_is_found_however_it_is_written);
    tcase_add_test(all, other_texts_are_left_alone);
    tcase_add_test(all, no_valid_number_slips_through_and_no_single_wrong_digit_is_taken_for_one);
    tcase_add_test(all, a_long_text_takes_no_time_that_grows_faster_than_it);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(personal_suite)
