/*
 * Tests of cli/path.c: what a user types never leaves its part of a request's path.
 */
#include "cli/path.h"

#include "../check_main.h"

static struct arena *arena;

static void
set_up(void)
{
    arena = arena_new();
}

static void
tear_down(void)
{
    arena_free(arena);
}

START_TEST(a_path_is_its_segments)
{
    ck_assert_str_eq(path_of(arena, "v1", "trials", "work-together", "phases", NULL),
        "/v1/trials/work-together/phases");
}
END_TEST

START_TEST(a_typed_segment_cannot_become_another_path)
{
    ck_assert_str_eq(path_of(arena, "v1", "a/b?c#d%", NULL), "/v1/a%2Fb%3Fc%23d%25");
    ck_assert_str_eq(path_of(arena, "v1", "..", "x", NULL), "/v1/%2E%2E/x");
    ck_assert_str_eq(path_of(arena, "v1", ".", NULL), "/v1/%2E");
    ck_assert_str_eq(path_of(arena, "v1", "a..b", NULL), "/v1/a..b");
    ck_assert_str_eq(path_of(arena, "v1", "\xc3\x85 \r\n", NULL), "/v1/%C3%85%20%0D%0A");
}
END_TEST

START_TEST(a_query_is_added_only_where_it_has_a_value)
{
    const char *path = path_query(arena, "/v1/x", "state", NULL);
    ck_assert_str_eq(path, "/v1/x");
    path = path_query(arena, path, "q", "a&b=c");
    ck_assert_str_eq(path, "/v1/x?q=a%26b%3Dc");
    ck_assert_str_eq(path_query(arena, path, "limit", "5"), "/v1/x?q=a%26b%3Dc&limit=5");
}
END_TEST

static Suite *
path_suite(void)
{
    Suite *suite = suite_create("cli/path");
    TCase *tests = tcase_create("path");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_path_is_its_segments);
    tcase_add_test(tests, a_typed_segment_cannot_become_another_path);
    tcase_add_test(tests, a_query_is_added_only_where_it_has_a_value);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(path_suite)
