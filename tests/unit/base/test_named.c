/*
 * test_named.c: what is asked for by name is found, and nothing else.
 */
#include "base/named.h"

#include "../check_main.h"

#include "base/compiler.h"

struct row {
    const char *name;
    int value;
};

static const struct row rows[] = {{"one", 1}, {NULL, 0}, {"two", 2}, {"one", 3}};

START_TEST(an_entry_is_found_by_its_whole_name)
{
    struct named list = NAMED(rows, COUNT_OF(rows));
    const struct row *two = named_get(list, "two");
    ck_assert_int_eq(two->value, 2);
    ck_assert_uint_eq(named_find(list, "two"), 2);
    ck_assert_str_eq(named_at(list, 2), "two");
    ck_assert(named_has(list, "two"));
    ck_assert(!named_has(list, "tw"));
    ck_assert(!named_has(list, "two "));
    ck_assert(!named_has(list, ""));
}
END_TEST

START_TEST(of_two_entries_the_first_is_taken)
{
    struct named list = NAMED(rows, COUNT_OF(rows));
    const struct row *one = named_get(list, "one");
    ck_assert_int_eq(one->value, 1);
}
END_TEST

START_TEST(no_name_finds_nothing_not_even_an_entry_without_one)
{
    struct named list = NAMED(rows, COUNT_OF(rows));
    ck_assert_uint_eq(named_find(list, NULL), COUNT_OF(rows));
    ck_assert_ptr_null(named_get(list, NULL));
    ck_assert_ptr_null(named_get(list, "three"));
    ck_assert(!named_has((struct named){NULL, 0, sizeof(char *)}, "one"));
}
END_TEST

static Suite *
named_suite(void)
{
    Suite *suite = suite_create("named");
    TCase *tcase = tcase_create("named");
    tcase_add_test(tcase, an_entry_is_found_by_its_whole_name);
    tcase_add_test(tcase, of_two_entries_the_first_is_taken);
    tcase_add_test(tcase, no_name_finds_nothing_not_even_an_entry_without_one);
    suite_add_tcase(suite, tcase);
    return suite;
}

TEST_MAIN(named_suite)
