/*
 * test_number.c: decimal numbers are read the same in every locale, and to the nearest double.
 */
#include "trial/number.h"

#include "../check_main.h"

START_TEST(numbers_are_the_nearest_doubles)
{
    static const struct {
        const char *text;
        double value;
    } right[] = {{"0", 0}, {"12", 12}, {"-3", -3}, {"0.8", 0.8}, {"0.11", 0.11}, {"007", 7},
        {"2.500000", 2.5}, {"999999999", 999999999}, {"0.000001", 0.000001}, {"-0.1", -0.1}};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        double value;
        ck_assert_msg(number_parse(right[i].text, &value), "%s", right[i].text);
        ck_assert_msg(value == right[i].value, "%s is %.17g", right[i].text, value);
    }
}
END_TEST

START_TEST(what_is_no_plain_decimal_is_refused)
{
    static const char *const wrong[] = {"", "-", ".", "1.", ".5", "1,5", "1e3", "0x10", "nan",
        "inf", "+1", " 1", "1 ", "1.2.3", "--1", "1000000000", "1.0000001", "12a"};
    double value;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!number_parse(wrong[i], &value), "%s", wrong[i]);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/number");
    TCase *test_case = tcase_create("numbers");
    tcase_add_test(test_case, numbers_are_the_nearest_doubles);
    tcase_add_test(test_case, what_is_no_plain_decimal_is_refused);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
