/*
 * test_chain.c: whoever tampers with the audit trail is found out, and the row is named.
 */
#include "trial/proof/chain.h"

#include "../check_main.h"

#include <string.h>

#define ROWS 6

static const char trial[] = "0192b1f0-0000-7000-8000-000000000001";
static struct arena *arena;
static struct chain_row rows[ROWS];
static struct digest hashes[ROWS];

/* Sun 2026-11-22 08:30:00.000250 UTC */
#define MORNING INT64_C(1795336200000250)

static void
make_stream(void)
{
    static const char *const values[ROWS] = {"{}", "{\"a\": 1}", "{\"a\": 2}", "{}", "[]", "1"};
    struct digest previous = {{0}};
    arena = arena_new();
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = (struct chain_row){.trial_id = trial,
            .stream = "unit:W0001",
            .sequence = (int64_t)i + 1,
            .at = MORNING + (int64_t)i,
            .actor = "anna",
            .actor_role = "coordinator",
            .organisation = "",
            .action = "workplace.answer",
            .object_kind = "workplace",
            .object_id = "W0001",
            .old_value = i == 0 ? NULL : values[i - 1],
            .new_value = values[i],
            .request_id = "req"};
        hashes[i] = previous = chain_hash(previous, &rows[i]);
    }
}

static void
free_stream(void)
{
    arena_free(arena);
}

static struct chain_finding
finding_of(struct chain_walk *walk, size_t wanted)
{
    const struct chain_finding *findings;
    size_t count = chain_walk_end(walk, &findings);
    ck_assert_uint_eq(count, wanted);
    return count == 0 ? (struct chain_finding){0} : findings[0];
}

static struct chain_walk *
feed(size_t from, size_t to)
{
    struct chain_walk *walk = chain_walk_new(arena);
    for (size_t i = from; i < to; i++)
        chain_walk_row(walk, &rows[i], hashes[i]);
    return walk;
}

static void
check_finding(struct chain_walk *walk, enum chain_fault fault, int64_t sequence, int64_t other)
{
    struct chain_finding finding = finding_of(walk, 1);
    ck_assert_int_eq(finding.fault, fault);
    ck_assert_str_eq(finding.stream, "unit:W0001");
    ck_assert_str_eq(finding.trial_id, trial);
    ck_assert_int_eq(finding.sequence, sequence);
    ck_assert_int_eq(finding.other, other);
    ck_assert_ptr_nonnull(strstr(finding.message, "unit:W0001"));
}

/* The constants are from Python's hashlib over the canonical form that chain.h describes. */
START_TEST(another_program_computes_the_same_hashes)
{
    char hex[DIGEST_HEX_SIZE];
    struct chain_row row = {.trial_id = trial,
        .stream = "unit:W0001",
        .sequence = 1,
        .at = MORNING,
        .actor = "anna",
        .actor_role = "coordinator",
        .organisation = "",
        .action = "allocation.make",
        .object_kind = "allocation",
        .object_id = "42",
        .new_value = "{\"site\": \"Örebro\"}",
        .request_id = "req-1"};
    struct digest first = chain_hash((struct digest){{0}}, &row);
    ck_assert_str_eq(
        digest_hex(first, hex), "3e8197294ed78fe1517ac6dcc19337b5757d38ce4eb94b560067da84b002299e");
    row.sequence = 2;
    row.old_value = row.new_value;
    row.new_value = "{}";
    row.reason = "typo";
    ck_assert_str_eq(digest_hex(chain_hash(first, &row), hex),
        "8c44985f0e0cd36f5f310f7145b1a204377231f4da40413c9baf063e379d69ec");
}
END_TEST

START_TEST(a_whole_trail_is_found_whole)
{
    struct chain_walk *walk = feed(0, ROWS);
    chain_walk_head(walk, trial, "unit:W0001", ROWS, hashes[ROWS - 1]);
    struct chain_row other = {.trial_id = trial, .stream = "trial", .sequence = 1};
    struct digest hash = chain_hash((struct digest){{0}}, &other);
    chain_walk_row(walk, &other, hash);
    chain_walk_head(walk, trial, "trial", 1, hash);
    finding_of(walk, 0);
    ck_assert_int_eq(chain_walk_rows(walk), ROWS + 1);
    ck_assert_int_eq(chain_walk_streams(walk), 2);
}
END_TEST

/* Each field in turn. */
START_TEST(a_change_of_any_field_is_named)
{
    struct chain_row *row = &rows[2];
    const char **texts[] = {&row->actor, &row->actor_role, &row->organisation, &row->action,
        &row->object_kind, &row->object_id, &row->old_value, &row->new_value, &row->reason,
        &row->request_id};
    if (_i < (int)COUNT_OF(texts))
        *texts[_i] = "something else";
    else
        row->at++;
    check_finding(feed(0, ROWS), CHAIN_CHANGED, 3, 0);
}
END_TEST

START_TEST(an_absent_value_is_not_an_empty_one)
{
    rows[3].reason = "";
    check_finding(feed(0, ROWS), CHAIN_CHANGED, 4, 0);
}
END_TEST

START_TEST(a_character_moved_to_the_next_field_is_a_change)
{
    rows[3].object_kind = "workplaceW";
    rows[3].object_id = "0001";
    check_finding(feed(0, ROWS), CHAIN_CHANGED, 4, 0);
}
END_TEST

START_TEST(a_changed_hash_is_named)
{
    hashes[4].bytes[0] ^= 1;
    check_finding(feed(0, ROWS), CHAIN_CHANGED, 5, 0);
}
END_TEST

START_TEST(a_removed_row_is_named)
{
    struct chain_walk *walk = feed(0, 2);
    for (size_t i = 3; i < ROWS; i++)
        chain_walk_row(walk, &rows[i], hashes[i]);
    check_finding(walk, CHAIN_MISSING, 3, 0);
}
END_TEST

START_TEST(a_removed_first_row_is_named)
{
    check_finding(feed(1, ROWS), CHAIN_MISSING, 1, 0);
}
END_TEST

START_TEST(rows_removed_at_the_end_are_named)
{
    struct chain_walk *walk = feed(0, 4);
    chain_walk_head(walk, trial, "unit:W0001", ROWS, hashes[ROWS - 1]);
    check_finding(walk, CHAIN_MISSING, 5, 0);
}
END_TEST

START_TEST(a_stream_of_which_nothing_is_left_is_named)
{
    struct chain_walk *walk = chain_walk_new(arena);
    chain_walk_head(walk, trial, "unit:W0001", ROWS, hashes[ROWS - 1]);
    check_finding(walk, CHAIN_MISSING, 1, 0);
}
END_TEST

START_TEST(rows_behind_the_end_are_named)
{
    struct chain_walk *walk = feed(0, ROWS);
    chain_walk_head(walk, trial, "unit:W0001", 4, hashes[3]);
    check_finding(walk, CHAIN_EXTRA, 5, 0);
}
END_TEST

START_TEST(a_head_with_another_hash_is_named)
{
    struct chain_walk *walk = feed(0, ROWS);
    chain_walk_head(walk, trial, "unit:W0001", ROWS, hashes[2]);
    check_finding(walk, CHAIN_CHANGED, ROWS, 0);
}
END_TEST

/* Rows i and j exchange places: their sequence numbers, with their hashes or without. */
START_TEST(two_swapped_rows_are_named)
{
    static const size_t pairs[][2] = {{0, 1}, {2, 3}, {1, 5}, {0, 5}};
    size_t i = pairs[_i / 2][0];
    size_t j = pairs[_i / 2][1];
    bool hashes_too = _i % 2 == 1;
    struct chain_row row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
    rows[i].sequence = (int64_t)i + 1;
    rows[j].sequence = (int64_t)j + 1;
    if (hashes_too) {
        struct digest hash = hashes[i];
        hashes[i] = hashes[j];
        hashes[j] = hash;
    }
    check_finding(feed(0, ROWS), CHAIN_SWAPPED, (int64_t)i + 1, (int64_t)j + 1);
}
END_TEST

START_TEST(a_row_that_stands_twice_is_named)
{
    struct chain_walk *walk = feed(0, 3);
    for (size_t i = 2; i < ROWS; i++)
        chain_walk_row(walk, &rows[i], hashes[i]);
    check_finding(walk, CHAIN_EXTRA, 3, 0);
}
END_TEST

START_TEST(a_row_moved_to_another_stream_is_named)
{
    struct chain_walk *walk = feed(0, 2);
    struct chain_row moved = rows[2];
    moved.stream = "unit:W0002";
    moved.sequence = 1;
    chain_walk_row(walk, &moved, hashes[2]);
    const struct chain_finding *findings;
    ck_assert_uint_eq(chain_walk_end(walk, &findings), 1);
    ck_assert_str_eq(findings[0].stream, "unit:W0002");
    ck_assert_int_eq(findings[0].sequence, 1);
}
END_TEST

START_TEST(a_fault_in_one_stream_does_not_hide_one_in_another)
{
    rows[0].actor = "eve";
    struct chain_walk *walk = feed(0, ROWS);
    for (size_t i = 1; i < 3; i++) {
        struct chain_row row = rows[i];
        row.trial_id = "00000000-0000-0000-0000-000000000000";
        chain_walk_row(walk, &row, hashes[i]);
    }
    const struct chain_finding *findings;
    ck_assert_uint_eq(chain_walk_end(walk, &findings), 2);
    ck_assert_int_eq(findings[0].fault, CHAIN_CHANGED);
    ck_assert_int_eq(findings[1].fault, CHAIN_MISSING);
}
END_TEST

static Suite *
chain_suite(void)
{
    Suite *suite = suite_create("chain");
    TCase *walk = tcase_create("walk");
    tcase_add_checked_fixture(walk, make_stream, free_stream);
    tcase_add_test(walk, another_program_computes_the_same_hashes);
    tcase_add_test(walk, a_whole_trail_is_found_whole);
    tcase_add_loop_test(walk, a_change_of_any_field_is_named, 0, 11);
    tcase_add_test(walk, an_absent_value_is_not_an_empty_one);
    tcase_add_test(walk, a_character_moved_to_the_next_field_is_a_change);
    tcase_add_test(walk, a_changed_hash_is_named);
    tcase_add_test(walk, a_removed_row_is_named);
    tcase_add_test(walk, a_removed_first_row_is_named);
    tcase_add_test(walk, rows_removed_at_the_end_are_named);
    tcase_add_test(walk, a_stream_of_which_nothing_is_left_is_named);
    tcase_add_test(walk, rows_behind_the_end_are_named);
    tcase_add_test(walk, a_head_with_another_hash_is_named);
    tcase_add_loop_test(walk, two_swapped_rows_are_named, 0, 8);
    tcase_add_test(walk, a_row_that_stands_twice_is_named);
    tcase_add_test(walk, a_row_moved_to_another_stream_is_named);
    tcase_add_test(walk, a_fault_in_one_stream_does_not_hide_one_in_another);
    suite_add_tcase(suite, walk);
    return suite;
}

TEST_MAIN(chain_suite)
