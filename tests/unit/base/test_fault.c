/*
 * test_fault.c: everything wrong with an input is listed, in order, in lines that an editor can
 * follow.
 */
#include "base/fault.h"

#include "../check_main.h"
#include "base/text.h"

#include <string.h>

static struct arena *arena;
static struct faults faults;

static void
make_faults(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
}

static void
free_faults(void)
{
    arena_free(arena);
}

START_TEST(a_fault_is_a_line_with_what_is_known)
{
    static const struct {
        const char *file;
        struct fault fault;
        const char *line;
    } lines[] = {
        {"p.yaml", {"phases.rct", 3, 5, "no method", "write method: permuted-block", ""},
            "p.yaml:3:5: phases.rct: no method; write method: permuted-block"},
        {"p.yaml", {"", 3, 0, "bad", "", ""}, "p.yaml:3: bad"},
        {"p.yaml", {"", 0, 0, "empty", "", ""}, "p.yaml: empty"},
        {NULL, {"/workplace", 0, 0, "missing", "", ""}, "/workplace: missing"},
        {NULL, {"", 2, 1, "bad", "", ""}, "2:1: bad"},
        {NULL, {"", 0, 0, "bad", "", ""}, "bad"},
        {NULL, {"rct", 2, 1, "12 strata", "use fewer", "Kernan 1999"},
            "2:1: rct: 12 strata; use fewer (Kernan 1999)"},
        {NULL, {"", 2, 1, "12 strata", "", "Kernan 1999"}, "2:1: 12 strata (Kernan 1999)"},
    };
    ck_assert_str_eq(fault_line(arena, lines[_i].file, &lines[_i].fault), lines[_i].line);
}
END_TEST

START_TEST(faults_are_read_from_top_to_bottom_and_equal_places_keep_their_order)
{
    static const unsigned places[][2] = {{9, 1}, {2, 7}, {2, 3}, {0, 0}, {2, 7}, {1, 9}, {2, 7}};
    for (unsigned i = 0; i < COUNT_OF(places); i++)
        faults_add(&faults, "x", places[i][0], places[i][1], NULL, "%u", i);
    faults_sort(&faults);
    static const char order[] = "3521460";
    for (size_t i = 0; i < COUNT_OF(places); i++)
        ck_assert_int_eq(faults.items[i].message[0], order[i]);
}
END_TEST

START_TEST(the_faults_of_a_large_table_are_all_kept_and_in_their_order)
{
    enum { MANY = 100000 };
    faults.most = MANY;
    for (unsigned i = 0; i < MANY + 7; i++)
        faults_add(&faults, "x", (i * 7919U) % MANY + 1, i % 3, NULL, "%u", i);
    ck_assert_uint_eq(faults.count, MANY);
    ck_assert_uint_eq(faults.total, MANY + 7);
    faults_sort(&faults);
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_uint_eq(faults.items[i].line, i + 1);
    faults_add(&faults, "x", 1, 1, NULL, "one more");
    ck_assert_uint_eq(faults.count, MANY);
}
END_TEST

START_TEST(more_faults_than_anybody_reads_are_counted)
{
    for (unsigned i = 0; i < FAULTS_KEPT + 100; i++)
        faults_add(&faults, NULL, i, 1, NULL, "fault");
    ck_assert_uint_eq(faults.count, FAULTS_KEPT);
    ck_assert_uint_eq(faults.total, FAULTS_KEPT + 100);
    ck_assert_str_eq(faults.items[FAULTS_KEPT - 1].pointer, "");
    ck_assert_str_eq(faults.items[FAULTS_KEPT - 1].remedy, "");
}
END_TEST

START_TEST(a_long_message_is_cut_between_characters)
{
    struct text text;
    text_init(&text, arena);
    text_append(&text, "x");
    while (text.length < 3000)
        text_append(&text, "å");
    faults_add(&faults, "p", 1, 1, text.bytes, "%s", text.bytes);
    const char *message = faults.items[0].message;
    ck_assert(text_is_utf8(message, strlen(message)));
    ck_assert_uint_ge(strlen(message), 1000);
    ck_assert_str_eq(faults.items[0].remedy, text.bytes);
}
END_TEST

START_TEST(a_fault_names_the_publication_that_it_rests_on)
{
    faults_cite(&faults, "Kernan 1999", "rct", 2, 1, "use fewer", "%d strata", 12);
    faults_add(&faults, "rct", 2, 1, NULL, "no source");
    ck_assert_str_eq(
        fault_line(arena, NULL, &faults.items[0]), "2:1: rct: 12 strata; use fewer (Kernan 1999)");
    ck_assert_str_eq(faults.items[1].source, "");
}
END_TEST

START_TEST(what_was_added_may_be_changed_by_the_caller)
{
    char name[] = "sector";
    faults_add(&faults, name, 1, 1, name, "%s", name);
    memset(name, 'x', sizeof name - 1);
    ck_assert_str_eq(faults.items[0].pointer, "sector");
    ck_assert_str_eq(faults.items[0].remedy, "sector");
    ck_assert_str_eq(faults.items[0].message, "sector");
}
END_TEST

static Suite *
fault_suite(void)
{
    Suite *suite = suite_create("fault");
    TCase *list = tcase_create("list");
    tcase_add_checked_fixture(list, make_faults, free_faults);
    tcase_add_loop_test(list, a_fault_is_a_line_with_what_is_known, 0, 8);
    tcase_add_test(list, faults_are_read_from_top_to_bottom_and_equal_places_keep_their_order);
    tcase_add_test(list, the_faults_of_a_large_table_are_all_kept_and_in_their_order);
    tcase_add_test(list, more_faults_than_anybody_reads_are_counted);
    tcase_add_test(list, a_long_message_is_cut_between_characters);
    tcase_add_test(list, a_fault_names_the_publication_that_it_rests_on);
    tcase_add_test(list, what_was_added_may_be_changed_by_the_caller);
    suite_add_tcase(suite, list);
    return suite;
}

TEST_MAIN(fault_suite)
