/*
 * test_nearest.c: a slip of the finger finds the word that was meant, and a different word finds
 * none.
 */
#include "base/nearest.h"

#include "../check_main.h"

#include <string.h>

static const char *const known[] = {"strata", "method", "ratio", "blocks", "roster_lock", "p"};
#define KNOWN_COUNT (sizeof known / sizeof known[0])

static const char *
near(const char *word)
{
    const char *found = nearest_word(word, known, KNOWN_COUNT);
    return found == NULL ? "none" : found;
}

START_TEST(a_slip_of_the_finger_is_understood)
{
    ck_assert_str_eq(near("stratum"), "strata");
    ck_assert_str_eq(near("metohd"), "method");
    ck_assert_str_eq(near("Ratio"), "ratio");
    ck_assert_str_eq(near("block"), "blocks");
    ck_assert_str_eq(near("blocks"), "blocks");
    ck_assert_str_eq(near("roster-locked"), "roster_lock");
    ck_assert_str_eq(near("q"), "p");
}
END_TEST

/* Every pair of short words over two letters, against the plain recursion. */
static unsigned
plain_distance(const char *a, size_t n, const char *b, size_t m)
{
    if (n == 0 || m == 0)
        return (unsigned)(n + m);
    unsigned best = plain_distance(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
    unsigned other = plain_distance(a, n - 1, b, m) + 1;
    best = other < best ? other : best;
    other = plain_distance(a, n, b, m - 1) + 1;
    best = other < best ? other : best;
    if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
        other = plain_distance(a, n - 2, b, m - 2) + 1;
        best = other < best ? other : best;
    }
    return best;
}

static void
word_of(unsigned bits, size_t length, char *word)
{
    for (size_t i = 0; i < length; i++)
        word[i] = bits >> i & 1 ? 'x' : 'y';
    word[length] = '\0';
}

START_TEST(nearness_is_the_number_of_changes)
{
    char a[8], b[8];
    for (unsigned i = 0; i < 32; i++)
        for (size_t length = 1; length <= 6; length++)
            for (unsigned j = 0; j < 1u << length; j++) {
                word_of(i, 5, a);
                word_of(j, length, b);
                const char *const only[] = {b};
                bool found = nearest_word(a, only, 1) != NULL;
                ck_assert_msg(found == (plain_distance(a, 5, b, length) <= 2), "%s %s", a, b);
            }
}
END_TEST

START_TEST(another_word_is_not_guessed_at)
{
    ck_assert_str_eq(near("weights"), "none");
    ck_assert_str_eq(near(""), "none");
    ck_assert_str_eq(near("xyz"), "none");
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert_str_eq(near(word), "none");
    ck_assert_ptr_null(nearest_word("strata", known, 0));
    const char *const odd[] = {"", word};
    ck_assert_ptr_null(nearest_word("a", odd, 2));
}
END_TEST

START_TEST(the_remedy_names_it_or_all)
{
    struct arena *arena = arena_new();
    ck_assert_str_eq(nearest_remedy(arena, "strat", known, KNOWN_COUNT), "did you mean `strata`?");
    ck_assert_str_eq(nearest_remedy(arena, "weights", known, KNOWN_COUNT),
        "known here: strata, method, ratio, blocks, roster_lock, p");
    ck_assert_ptr_null(nearest_remedy(arena, "weights", known, 0));
    const char *many[30];
    for (size_t i = 0; i < 30; i++)
        many[i] = "abc";
    const char *list = nearest_remedy(arena, "weights", many, 30);
    ck_assert_str_eq(list + strlen(list) - 9, " abc, ...");
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const odd[] = {word, "b"};
    ck_assert_str_eq(nearest_remedy(arena, "weights", odd, 2), "known here: b, ...");
    ck_assert_ptr_null(nearest_remedy(arena, "weights", odd, 1));
    arena_free(arena);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("base/nearest");
    TCase *test_case = tcase_create("nearest");
    tcase_add_test(test_case, a_slip_of_the_finger_is_understood);
    tcase_add_test(test_case, nearness_is_the_number_of_changes);
    tcase_add_test(test_case, another_word_is_not_guessed_at);
    tcase_add_test(test_case, the_remedy_names_it_or_all);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
