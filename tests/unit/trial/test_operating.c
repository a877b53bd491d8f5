/*
 * Exact operating characteristics against brute force, formulas and published figures.
 */
#include "../check_main.h"
#include "operating_case.h"
#include "trial/design/design.h"

#define PERMUTED METHOD_PERMUTED_BLOCK

static struct operating
exact(enum protocol_method method, const char *ratio, struct protocol_design design,
    const char *sizes, size_t n)
{
    struct operating_case made;
    struct operating out;
    struct protocol_scheme *scheme = case_make(&made, method, ratio, design, sizes);
    ck_assert(operating_exact(scheme, n, &out));
    ck_assert(out.exact);
    return out;
}

static const struct {
    enum protocol_method method;
    const char *ratio;
    struct protocol_design design;
    const char *sizes;
    size_t n;
} cases[] = {
    {METHOD_SIMPLE, "1:1", {0}, NULL, 11},
    {METHOD_SIMPLE, "2:1", {0}, NULL, 11},
    {METHOD_SIMPLE, "1:2:3", {0}, NULL, 8},
    {METHOD_SIMPLE, "1:2:1:2", {0}, NULL, 6},
    {PERMUTED, "1:1", {0}, "4", 12},
    {PERMUTED, "1:1", {0}, "4", 11},
    {PERMUTED, "1:1", {0}, "2 4 4 6", 11},
    {PERMUTED, "1:1", {0}, "20", 9},
    {PERMUTED, "2:1", {0}, "3 6", 11},
    {PERMUTED, "1:1:1", {0}, "3 6", 8},
    {PERMUTED, "2:1:1", {0}, "4 8", 8},
    {METHOD_BIASED_COIN, "1:1", {.p = 2.0 / 3}, NULL, 12},
    {METHOD_BIASED_COIN, "1:1", {.p = 1}, NULL, 12},
    {METHOD_BIG_STICK, "1:1", {.limit = 2}, NULL, 12},
    {METHOD_BIG_STICK, "1:1", {.limit = 1}, NULL, 12},
    {METHOD_BIASED_COIN_LIMIT, "1:1", {.limit = 3, .p = 0.6}, NULL, 12},
    {METHOD_BLOCK_URN, "1:1", {.size = 6}, NULL, 12},
    {METHOD_BLOCK_URN, "2:1", {.size = 6}, NULL, 12},
    {METHOD_BLOCK_URN, "1:2:1", {.size = 8}, NULL, 8},
    {METHOD_URN, "1:1", {.alpha = 1, .beta = 2}, NULL, 12},
    {METHOD_URN, "1:1:1", {.alpha = 0, .beta = 1}, NULL, 8},
    {METHOD_MAXIMAL, "1:1", {.limit = 2, .length = 12}, NULL, 12},
    {METHOD_MAXIMAL, "1:1", {.limit = 3, .length = 10, .balanced_end = true}, NULL, 10},
    {METHOD_MAXIMAL, "1:1", {.limit = 2, .length = 5}, NULL, 12},
};

START_TEST(the_figures_are_those_of_all_sequences_one_by_one)
{
    struct operating_case made;
    struct operating out;
    struct protocol_scheme *scheme =
        case_make(&made, cases[_i].method, cases[_i].ratio, cases[_i].design, cases[_i].sizes);
    struct operating brute = brute_force(scheme, cases[_i].n);
    ck_assert(operating_exact(scheme, cases[_i].n, &out));
    ck_assert_double_eq_tol(out.correct_guess, brute.correct_guess, 1e-12);
    ck_assert_double_eq_tol(out.deterministic, brute.deterministic, 1e-12);
    ck_assert_double_eq_tol(out.final_sd, brute.final_sd, 1e-10);
    ck_assert_double_eq_tol(out.final_abs, brute.final_abs, 1e-12);
    ck_assert_double_eq_tol(out.max_abs, brute.max_abs, 1e-12);
}
END_TEST

static double
binomial(unsigned n, unsigned k)
{
    return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0));
}

/* Blackwell and Hodges 1957: n + 4^n / (2 C(2n,n)) - 1/2 of the 2n in a block; and 2n / (n + 1) of
 * them, the mean of the last run, are certain. */
START_TEST(a_block_is_guessed_as_blackwell_and_hodges_say)
{
    for (unsigned half = 1; half <= 60; half++) {
        char size[16];
        snprintf(size, sizeof size, "%u", 2 * half);
        struct operating out = exact(PERMUTED, "1:1", DESIGN(0), size, 2 * half * 5);
        double wanted = half + pow(4, half) / (2 * binomial(2 * half, half)) - 0.5;
        ck_assert_double_eq_tol(out.correct_guess, wanted / (2 * half), 1e-10);
        ck_assert_double_eq_tol(out.deterministic, 1.0 / (half + 1), 1e-12);
        ck_assert_double_eq_tol(out.final_sd, 0, 1e-12);
    }
}
END_TEST

START_TEST(simple_randomisation_is_the_random_walk)
{
    for (unsigned n = 2; n <= 1000; n += n < 20 ? 2 : 98) {
        struct operating out = exact(METHOD_SIMPLE, "1:1", DESIGN(0), NULL, n);
        ck_assert_double_eq_tol(out.correct_guess, 0.5, 1e-11);
        ck_assert(out.deterministic <= 0);
        ck_assert_double_eq_tol(out.final_sd, sqrt(n), 1e-9);
        double middle = n * binomial(n, n / 2) * pow(0.5, n);
        ck_assert_double_eq_tol(out.final_abs, middle, 1e-9 * middle + 1e-10);
    }
}
END_TEST

/* The largest of a random walk of 1,000 steps, from the reflections in both bounds. */
START_TEST(the_largest_difference_of_a_random_walk_is_that_of_reflection)
{
    const int n = 1000;
    static double at[2001];
    for (int k = 0; k <= n; k++)
        at[2 * k] = exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) - n * log(2));
    double mean = 0;
    for (int bound = 0; bound < n; bound++) {
        double within = 0; /* of the walk that never reaches bound + 1 either way */
        for (int end = -bound; end <= bound; end++)
            for (int image = -n; image <= n; image++) {
                long there = end + 2L * image * (bound + 1);
                if (there >= -n && there <= n)
                    within += (image % 2 == 0 ? 1 : -1) * at[there + n];
            }
        mean += 1 - within;
    }
    struct operating out = exact(METHOD_SIMPLE, "1:1", DESIGN(0), NULL, (size_t)n);
    ck_assert_double_eq_tol(out.max_abs, mean, 1e-8);
}
END_TEST

/* Efron 1971: in the long run the difference is 0 in r - 1 over 2 r of even trials' ends times two,
 * with r = p / q; and the guesser is right with p but where the arms are equal. */
START_TEST(a_biased_coin_settles_where_efron_says)
{
    const double p = 2.0 / 3;
    const double r = p / (1 - p);
    struct operating_case made;
    struct protocol_scheme *scheme =
        case_make(&made, METHOD_BIASED_COIN, "1:1", DESIGN(.p = p), NULL);
    struct operating at_900;
    struct operating at_1000;
    ck_assert(operating_exact(scheme, 900, &at_900));
    ck_assert(operating_exact(scheme, 1000, &at_1000));
    double level = (r - 1) / (2 * r); /* share of the steps at difference 0 */
    double late = (1000 * at_1000.correct_guess - 900 * at_900.correct_guess) / 100;
    ck_assert_double_eq_tol(late, p - level * (p - 0.5), 1e-9);
    /* Even ends: P(0) = 1 - 1/r, P(2j) = (r^2 - 1) r^(-2j-1); with r = 2: 1/2, 3/8, 3/32, ... */
    double mean = 0;
    double square = 0;
    for (int j = 1; j < 60; j++) {
        double probability = (r * r - 1) * pow(r, -2 * j - 1);
        mean += 2 * j * probability;
        square += 4.0 * j * j * probability;
    }
    ck_assert_double_eq_tol(at_1000.final_abs, mean, 1e-9);
    ck_assert_double_eq_tol(at_1000.final_sd, sqrt(square), 1e-9);
}
END_TEST

/* Soares and Wu 1983: in the long run every second-parity state of -b .. b is equally likely but
 * the two ends, which have half of it; there the arm is certain: 1 / 2b of the allocations. */
START_TEST(a_big_stick_is_certain_once_in_twice_its_limit)
{
    for (unsigned limit = 1; limit <= 6; limit++) {
        struct operating_case made;
        struct protocol_scheme *scheme =
            case_make(&made, METHOD_BIG_STICK, "1:1", DESIGN(.limit = limit), NULL);
        struct operating early;
        struct operating late;
        ck_assert(operating_exact(scheme, 800, &early));
        ck_assert(operating_exact(scheme, 1000, &late));
        double certain = (1000 * late.deterministic - 800 * early.deterministic) / 200;
        double guessed = (1000 * late.correct_guess - 800 * early.correct_guess) / 200;
        ck_assert_double_eq_tol(certain, 1.0 / (2 * limit), 1e-6);
        ck_assert_double_eq_tol(guessed, 0.5 + 0.5 / (2 * limit), 1e-6);
        ck_assert(late.max_abs <= limit);
    }
}
END_TEST

/* Wei 1977: of an urn (0, 1) the variance is n / 3, from the third allocation. */
START_TEST(an_urn_has_a_third_of_the_variance)
{
    for (size_t n = 3; n <= 1000; n = n * 3 + 1) {
        struct operating out = exact(METHOD_URN, "1:1", DESIGN(.beta = 1), NULL, n);
        ck_assert_double_eq_tol(out.final_sd, sqrt((double)n / 3), 1e-10);
    }
}
END_TEST

/* The whole-trial sum of chances, not only its end. */
START_TEST(the_curve_ends_where_the_figure_does)
{
    struct operating_case made;
    struct operating out;
    struct operating part;
    double curve[31];
    struct protocol_scheme *scheme = case_make(&made, PERMUTED, "1:1", DESIGN(0), "4 6");
    ck_assert(operating_exact_curve(scheme, 30, &out, curve));
    ck_assert(curve[0] <= 0);
    ck_assert_double_eq_tol(curve[1], 1, 1e-12);
    ck_assert_double_eq_tol(curve[30], out.final_abs, 1e-12);
    ck_assert(operating_exact(scheme, 17, &part));
    ck_assert_double_eq_tol(curve[17], part.final_abs, 1e-12);
}
END_TEST

START_TEST(what_has_no_exact_way_is_not_guessed_at)
{
    struct operating_case made;
    struct operating out = {.max_abs = 7};
    struct protocol_scheme *scheme = case_make(&made, METHOD_SIMPLE, "1:2:3:4:5", DESIGN(0), NULL);
    ck_assert(!operating_exact(scheme, 1000, &out));
    ck_assert_double_eq(out.max_abs, 7);
    made.scheme.method = METHOD_MINIMISATION;
    ck_assert(!operating_exact(scheme, 10, &out));
}
END_TEST

static Suite *
operating_suite(void)
{
    Suite *suite = suite_create("operating");
    TCase *group = tcase_create("exact");
    tcase_set_timeout(group, 300);
    tcase_add_loop_test(
        group, the_figures_are_those_of_all_sequences_one_by_one, 0, (int)COUNT_OF(cases));
    tcase_add_test(group, a_block_is_guessed_as_blackwell_and_hodges_say);
    tcase_add_test(group, simple_randomisation_is_the_random_walk);
    tcase_add_test(group, the_largest_difference_of_a_random_walk_is_that_of_reflection);
    tcase_add_test(group, a_biased_coin_settles_where_efron_says);
    tcase_add_test(group, a_big_stick_is_certain_once_in_twice_its_limit);
    tcase_add_test(group, an_urn_has_a_third_of_the_variance);
    tcase_add_test(group, the_curve_ends_where_the_figure_does);
    tcase_add_test(group, what_has_no_exact_way_is_not_guessed_at);
    suite_add_tcase(suite, group);
    return suite;
}

TEST_MAIN(operating_suite)
