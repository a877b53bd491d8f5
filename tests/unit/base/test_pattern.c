/*
 * test_pattern.c: patterns find what they say, refuse what is none, and cannot stop the daemon.
 */
#include "base/pattern.h"

#include "../check_main.h"

#include <pthread.h>
#include <string.h>

static struct arena *arena;

static void
start(void)
{
    arena = arena_new();
}

static void
end(void)
{
    arena_free(arena);
}

static struct pattern *
compile(const char *text)
{
    const char *why;
    size_t offset;
    struct pattern *pattern = pattern_compile(arena, text, &why, &offset);
    ck_assert_msg(pattern != NULL, "%s", text);
    return pattern;
}

START_TEST(a_pattern_finds_what_it_says)
{
    static const struct {
        const char *pattern;
        const char *text;
        enum pattern_result result;
    } matches[] = {
        {"^[A-U]$", "Q", PATTERN_YES},
        {"^[A-U]$", "V", PATTERN_NO},
        {"^[A-U]$", "Q\n", PATTERN_NO},
        {"b+", "abbc", PATTERN_YES},
        {"", "", PATTERN_YES},
        {"^.$", "ö", PATTERN_YES},
        {"x", "\xff", PATTERN_NO},
        {"^(?:19|20)\\d{2}$", "1985", PATTERN_YES},
    };
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++)
        ck_assert_int_eq(
            pattern_match(compile(matches[i].pattern), matches[i].text), matches[i].result);
}
END_TEST

START_TEST(what_is_no_pattern_is_told_with_its_place)
{
    const char *why;
    size_t offset;
    ck_assert_ptr_null(pattern_compile(arena, "ab[c", &why, &offset));
    ck_assert_str_eq(why, "missing terminating ] for character class");
    ck_assert_uint_eq(offset, 4);
    ck_assert_ptr_null(pattern_compile(arena, "(a", &why, &offset));
    ck_assert_ptr_null(pattern_compile(arena, "\\C", &why, &offset));
    ck_assert_ptr_null(pattern_compile(arena, "\xff", &why, &offset));
    char deep[101];
    memset(deep, '(', 50);
    memset(deep + 50, ')', 50);
    deep[100] = '\0';
    ck_assert_ptr_null(pattern_compile(arena, deep, &why, &offset));
}
END_TEST

START_TEST(length_and_size_are_bounded)
{
    const char *why;
    size_t offset;
    char text[PATTERN_LENGTH_MAX + 2];
    memset(text, 'a', sizeof text);
    text[PATTERN_LENGTH_MAX] = '\0';
    ck_assert_ptr_nonnull(pattern_compile(arena, text, &why, &offset));
    text[PATTERN_LENGTH_MAX] = 'a';
    text[PATTERN_LENGTH_MAX + 1] = '\0';
    ck_assert_ptr_null(pattern_compile(arena, text, &why, &offset));
    ck_assert_uint_le(offset, strlen(text));
    ck_assert_ptr_null(pattern_compile(arena, "((a{1000}){1000}){1000}", &why, &offset));
}
END_TEST

/* Each would run for ages, or eat the memory, without limits. */
START_TEST(a_malicious_pattern_ends)
{
    char text[20001];
    memset(text, 'a', 20000);
    text[20000] = '\0';
    static const char *const patterns[] = {
        "^(a+)+b$", "^(a|aa)+b$", "(?=(a+))\\1*b", "^(a?){30}a{30}b"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        ck_assert_int_ne(pattern_match(compile(patterns[i]), text), PATTERN_YES);
    ck_assert_int_eq(pattern_match(compile("^(a+)+b$"), text), PATTERN_LIMIT);
    /* A pattern cannot lift the limits itself. */
    ck_assert_int_eq(
        pattern_match(compile("(*LIMIT_MATCH=4000000000)^(a+)+b$"), text), PATTERN_LIMIT);
}
END_TEST

static void *
match_often(void *shared)
{
    for (int i = 0; i < 2000; i++)
        if (pattern_match(shared, "5120") != PATTERN_YES ||
            pattern_match(shared, "2512") != PATTERN_NO)
            return shared;
    return NULL;
}

START_TEST(threads_share_a_pattern)
{
    struct pattern *pattern = compile("^[59]\\d+$");
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, match_often, pattern), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("base/pattern");
    TCase *test_case = tcase_create("patterns");
    tcase_set_timeout(test_case, 60);
    tcase_add_checked_fixture(test_case, start, end);
    tcase_add_test(test_case, a_pattern_finds_what_it_says);
    tcase_add_test(test_case, what_is_no_pattern_is_told_with_its_place);
    tcase_add_test(test_case, length_and_size_are_bounded);
    tcase_add_test(test_case, a_malicious_pattern_ends);
    tcase_add_test(test_case, threads_share_a_pattern);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
