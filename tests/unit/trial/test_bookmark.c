/*
 * test_bookmark.c: remembering where walks have come to never changes an arm.
 */
#include "trial/bookmark.h"

#include "../check_main.h"
#include "scheme.h"

#include <stdio.h>

static struct bookmarks *bookmarks;

static void
make_bookmarks(void)
{
    bookmarks = bookmarks_new();
}

static void
free_bookmarks(void)
{
    bookmarks_free(bookmarks);
}

static void
check_same(const struct protocol_scheme *scheme, const uint8_t *seed, const char *label,
    const char *stratum, int64_t position)
{
    struct allocate_result with;
    struct allocate_result without;
    struct error error;
    struct allocate_bookmark *mark = bookmarks_find(bookmarks, scheme, seed, label, stratum);
    ck_assert(allocate_arm(scheme, seed, label, stratum, position, mark, &with, &error));
    ck_assert(allocate_arm(scheme, seed, label, stratum, position, NULL, &without, &error));
    ck_assert_uint_eq(with.arm, without.arm);
    ck_assert_str_eq(with.decision, without.decision);
}

/* More strata than there are places: some push others out, in turn. */
START_TEST(no_arm_depends_on_what_a_worker_remembers)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "2:1", "3 6 9");
    for (int64_t position = 1; position <= 30; position++) {
        for (int i = 0; i < 3000; i += 1 + (int)position % 3) {
            char stratum[32];
            snprintf(stratum, sizeof stratum, "site=%d", i);
            check_same(scheme, seed_counting(), "t/s", stratum, position);
        }
    }
}
END_TEST

START_TEST(a_bookmark_is_never_taken_for_another_walk)
{
    struct test_scheme first;
    struct test_scheme blocks;
    struct test_scheme ratio;
    uint8_t seed[SEED_SIZE] = {9};
    scheme_make(&first, "1:1", "4 6");
    scheme_make(&blocks, "1:1", "4 8");
    scheme_make(&ratio, "1:0:1", "4 6");
    for (int64_t position = 1; position <= 300; position++) {
        check_same(&first.scheme, seed_counting(), "t/s", "", position);
        check_same(&blocks.scheme, seed_counting(), "t/s", "", position);
        check_same(&ratio.scheme, seed_counting(), "t/s", "", position);
        check_same(&first.scheme, seed, "t/s", "", position);
        check_same(&first.scheme, seed_counting(), "t/s2", "", position);
        check_same(&first.scheme, seed_counting(), "t/s", "2", position);
    }
}
END_TEST

/* Each differs from the first in one parameter, which changes its arms. */
START_TEST(a_bookmark_knows_every_parameter_of_a_design)
{
    static const char *const designs[][2] = {
        {"biased-coin-limit", "limit=3 p=0.75"},
        {"biased-coin-limit", "limit=2 p=0.75"},
        {"biased-coin-limit", "limit=3 p=0.9"},
        {"big-stick", "limit=3"},
        {"urn", "alpha=0 beta=1"},
        {"urn", "alpha=3 beta=1"},
        {"urn", "alpha=3 beta=2"},
        {"block-urn", "size=4"},
        {"block-urn", "size=10"},
        {"maximal", "limit=3 length=10 balanced_end=yes"},
        {"maximal", "limit=3 length=20 balanced_end=yes"},
        {"maximal", "limit=3 length=10 balanced_end=no"},
        {"simple", ""},
    };
    struct test_scheme test;
    for (int64_t position = 1; position <= 100; position++)
        for (size_t i = 0; i < COUNT_OF(designs); i++)
            check_same(scheme_design(&test, designs[i][0], "1:1", designs[i][1]), seed_counting(),
                "t/s", "", position);
}
END_TEST

START_TEST(a_walk_goes_on_where_it_stood)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "1:1", "4 6");
    check_same(scheme, seed_counting(), "t/s", "", 1000);
    const struct allocate_bookmark *mark =
        bookmarks_find(bookmarks, scheme, seed_counting(), "t/s", "");
    ck_assert_int_ge(mark->position, 1000 - 6);
    ck_assert_int_lt(mark->position, 1000);

    struct test_scheme urn;
    scheme_design(&urn, "urn", "1:1:1", "alpha=1 beta=1");
    check_same(&urn.scheme, seed_counting(), "t/s", "", 1000);
    mark = bookmarks_find(bookmarks, &urn.scheme, seed_counting(), "t/s", "");
    ck_assert_int_eq(mark->position, 999);
    ck_assert_int_eq(mark->counts[0] + mark->counts[1] + mark->counts[2], 999);
    bookmarks_free(NULL);
}
END_TEST

static Suite *
bookmark_suite(void)
{
    Suite *suite = suite_create("bookmark");
    TCase *walks = tcase_create("walks");
    tcase_set_timeout(walks, 60);
    tcase_add_checked_fixture(walks, make_bookmarks, free_bookmarks);
    tcase_add_test(walks, no_arm_depends_on_what_a_worker_remembers);
    tcase_add_test(walks, a_bookmark_is_never_taken_for_another_walk);
    tcase_add_test(walks, a_bookmark_knows_every_parameter_of_a_design);
    tcase_add_test(walks, a_walk_goes_on_where_it_stood);
    suite_add_tcase(suite, walks);
    return suite;
}

TEST_MAIN(bookmark_suite)
