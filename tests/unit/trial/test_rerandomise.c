/*
 * test_rerandomise.c: p-values that can be counted on fingers, and runs that do not depend on who
 * makes them. tests/golden/test_rerandomise.py holds every method against a brute force.
 */
#include "trial/proof/rerandomise.h"

#include "ledger_case.h"

#include "../check_main.h"

#include <math.h>

static const char protocol_text[] =
    "trial: work-together\ntitle: T\nregistration: none\ntime_zone: UTC\nlanguages: [en]\n"
    "workplace: {attributes: {s: {levels: [x, y]}}}\n"
    "arms: {a: {label: Opal}, b: {label: Jade}, c: {label: Onyx}}\n"
    "phases: {rct: {scheme: {unit: workplace, method: permuted-block, ratio: {a: 1, b: 1}, blocks: "
    "[4]}}}\n";

static const struct protocol *protocol;
static struct rerandomise *test;
static struct rerandomise_tally *tally;
static struct error error;

static void
start(void)
{
    protocol_case_start();
    protocol = parse_text(protocol_text);
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    test = NULL;
    tally = NULL;
}

static void
end(void)
{
    rerandomise_tally_free(tally);
    rerandomise_free(test);
    protocol_case_end();
}

/* Units W0, W1, ... in these arms, with these outcomes. */
static void
take(enum rerandomise_side side, const char *arms, const double *outcomes)
{
    struct text ledger;
    struct ledger_reader reader;
    struct ledger_row row;
    text_init(&ledger, arena);
    ledger_header(&ledger);
    for (int i = 0; arms[i] != '\0'; i++)
        ledger_row(&ledger, "", i + 1, arena_printf(arena, "W%d", i),
            arena_printf(arena, "%c", arms[i]), "{}");
    test = rerandomise_new(protocol, &protocol->schemes[0], side, &error);
    ck_assert_ptr_nonnull(test);
    ck_assert(ledger_open(&reader, ledger.bytes, ledger.length, &faults));
    while (ledger_next(&reader, &row))
        ck_assert_msg(rerandomise_row(test, &row, &error), "%s", error.detail);
    ledger_close(&reader);
    for (int i = 0; arms[i] != '\0'; i++)
        if (!isnan(outcomes[i]))
            ck_assert(rerandomise_outcome(test, arena_printf(arena, "W%d", i), outcomes[i]));
    ck_assert(!rerandomise_outcome(test, "W999", 1));
}

static double
exact_p(void)
{
    ck_assert_msg(rerandomise_prepare(test, 0, 1, &error), "%s", error.detail);
    tally = rerandomise_tally_new(test);
    ck_assert(rerandomise_exact(test, tally));
    rerandomise_finish(tally, true);
    ck_assert_uint_eq(tally->pair_count, 1);
    return tally->pairs[0].p;
}

START_TEST(in_one_block_of_four_p_is_a_multiple_of_one_sixth)
{
    static const struct {
        enum rerandomise_side side;
        const char *arms;
        double outcomes[4];
        double sixths;
    } cases[] = {
        {SIDE_TWO, "aabb", {4, 3, 2, 1}, 2},
        {SIDE_GREATER, "aabb", {4, 3, 2, 1}, 1},
        {SIDE_LESS, "aabb", {4, 3, 2, 1}, 6},
        {SIDE_TWO, "abab", {4, 3, 2, 1}, 4},
        {SIDE_GREATER, "abab", {4, 3, 2, 1}, 2},
        {SIDE_TWO, "abba", {4, 3, 2, 1}, 6},
        {SIDE_TWO, "abba", {0.1, 0.1, 0.1, 0.1}, 6},
        {SIDE_TWO, "bbaa", {1e15 + 4, 1e15 + 3, 1e15 + 2, 1e15 + 1}, 2},
    };
    take(cases[_i].side, cases[_i].arms, cases[_i].outcomes);
    ck_assert_double_eq_tol(exact_p(), cases[_i].sixths / 6, 1e-12);
    ck_assert_int_eq(tally->runs, 6);
    ck_assert_double_eq(tally->pairs[0].standard_error, 0);
}
END_TEST

START_TEST(a_block_that_is_cut_has_its_beginnings_with_their_chances)
{
    /* ab and ba have a chance of 2/6 each, aa and bb of 1/6, and there no difference at all. */
    take(SIDE_GREATER, "ab", (double[]){2, 1});
    ck_assert_double_eq_tol(exact_p(), 4.0 / 6, 1e-12);
    ck_assert_int_eq(tally->runs, 4);
    ck_assert_int_eq(tally->pairs[0].undefined, 2);
}
END_TEST

START_TEST(who_has_no_outcome_is_in_no_mean_but_keeps_the_place)
{
    size_t at = 0;
    take(SIDE_GREATER, "aabb", (double[]){4, NAN, 2, 1});
    ck_assert_str_eq(rerandomise_missing(test, &at), "W1");
    ck_assert_ptr_null(rerandomise_missing(test, &at));
    /* W0 in a with W2, W1 or W3: the largest difference is with W1, whom nobody counts. */
    ck_assert_double_eq_tol(exact_p(), 1.0 / 6, 1e-12);
    ck_assert_int_eq(tally->pairs[0].units[0], 1);
    ck_assert_double_eq(tally->pairs[0].difference, 2.5);
}
END_TEST

START_TEST(runs_are_the_same_whoever_makes_them)
{
    struct rerandomise_tally *other;
    double outcomes[40];
    for (int i = 0; i < 40; i++)
        outcomes[i] = (i * 37 % 41) + (i % 4 < 2);
    take(SIDE_TWO, "abbaabbaabababbabbaaabbaabbaaabbbbaaabab", outcomes);
    ck_assert(rerandomise_prepare(test, 0, 1, &error));
    tally = rerandomise_tally_new(test);
    ck_assert(rerandomise_run(test, 9, 0, 300, tally, &error));
    other = rerandomise_tally_new(test);
    for (int64_t from = 200; from >= 0; from -= 100) {
        struct rerandomise_tally *part = rerandomise_tally_new(test);
        ck_assert(rerandomise_run(test, 9, from, 100, part, &error));
        rerandomise_tally_add(other, part);
        rerandomise_tally_free(part);
    }
    ck_assert_int_eq(other->runs, 300);
    ck_assert_int_eq(other->pairs[0].extreme, tally->pairs[0].extreme);
    rerandomise_tally_free(other);
}
END_TEST

START_TEST(too_many_assignments_are_not_gone_through)
{
    double outcomes[100] = {1};
    char arms[101] = "";
    for (int i = 0; i < 25; i++)
        memcpy(arms + 4 * i, "abba", 5);
    take(SIDE_TWO, arms, outcomes);
    ck_assert(rerandomise_prepare(test, 0, 1, &error));
    tally = rerandomise_tally_new(test);
    ck_assert(!rerandomise_exact(test, tally));
}
END_TEST

START_TEST(an_arm_without_an_outcome_is_no_comparison)
{
    take(SIDE_TWO, "aabb", (double[]){1, 2, NAN, NAN});
    ck_assert(!rerandomise_prepare(test, 0, 1, &error));
    ck_assert_int_eq(error.code, ERROR_REFUSED);
    ck_assert_str_eq(error.detail, "no unit of arm b has an outcome");
}
END_TEST

static Suite *
rerandomise_suite(void)
{
    Suite *suite = suite_create("rerandomise");
    TCase *testing = tcase_create("testing");
    tcase_add_checked_fixture(testing, start, end);
    tcase_add_loop_test(testing, in_one_block_of_four_p_is_a_multiple_of_one_sixth, 0, 8);
    tcase_add_test(testing, a_block_that_is_cut_has_its_beginnings_with_their_chances);
    tcase_add_test(testing, who_has_no_outcome_is_in_no_mean_but_keeps_the_place);
    tcase_add_test(testing, runs_are_the_same_whoever_makes_them);
    tcase_add_test(testing, too_many_assignments_are_not_gone_through);
    tcase_add_test(testing, an_arm_without_an_outcome_is_no_comparison);
    suite_add_tcase(suite, testing);
    return suite;
}

TEST_MAIN(rerandomise_suite)
