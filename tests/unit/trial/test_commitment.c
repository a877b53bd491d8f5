/*
 * test_commitment.c: what is published at the lock binds seed, label and protocol.
 */
#include "trial/commitment.h"

#include "../check_main.h"
#include "../golden.h"
#include "scheme.h"

#include <string.h>

START_TEST(the_published_test_vector_holds)
{
    char hex[DIGEST_HEX_SIZE];
    ck_assert_str_eq(commitment_hex(seed_counting(), "t/s", "trial: t\n", 9, hex),
        "16b7c5b1eab375961b4630de6cd4dc111e3bf895d0e0066ad5198251d00d0b6a");
}
END_TEST

START_TEST(commitments_are_those_of_the_second_implementation)
{
    struct arena *arena = arena_new();
    struct csv csv = golden_read(arena, "tests/golden/allocation/commitment.csv");
    for (size_t i = 0; i < csv.count; i++) {
        const struct csv_cell *cells = csv.rows[i].cells;
        char hex[DIGEST_HEX_SIZE];
        commitment_hex(seed_counting(), cells[0].text, cells[1].text, strlen(cells[1].text), hex);
        ck_assert_str_eq(hex, cells[2].text);
    }
    arena_free(arena);
}
END_TEST

START_TEST(seed_label_and_protocol_cannot_be_exchanged_later)
{
    uint8_t seed[SEED_SIZE];
    char first[DIGEST_HEX_SIZE];
    char other[DIGEST_HEX_SIZE];
    memcpy(seed, seed_counting(), sizeof seed);
    commitment_hex(seed, "t/s", "trial: t\n", 9, first);
    ck_assert_str_ne(commitment_hex(seed, "t/s", "trial: t\n\n", 10, other), first);
    ck_assert_str_ne(commitment_hex(seed, "t/s2", "trial: t\n", 9, other), first);
    seed[31] ^= 1;
    ck_assert_str_ne(commitment_hex(seed, "t/s", "trial: t\n", 9, other), first);
}
END_TEST

START_TEST(the_stored_hash_of_a_protocol_gives_the_same_commitment)
{
    char first[DIGEST_HEX_SIZE];
    char other[DIGEST_HEX_SIZE];
    char sha256[DIGEST_HEX_SIZE];
    digest_hex(digest_sha256("trial: t\n", 9), sha256);
    commitment_hex(seed_counting(), "t/s", "trial: t\n", 9, first);
    ck_assert_str_eq(commitment_hex_of(seed_counting(), "t/s", sha256, other), first);
}
END_TEST

static Suite *
commitment_suite(void)
{
    Suite *suite = suite_create("commitment");
    TCase *lock = tcase_create("lock");
    tcase_add_test(lock, the_published_test_vector_holds);
    tcase_add_test(lock, commitments_are_those_of_the_second_implementation);
    tcase_add_test(lock, seed_label_and_protocol_cannot_be_exchanged_later);
    tcase_add_test(lock, the_stored_hash_of_a_protocol_gives_the_same_commitment);
    suite_add_tcase(suite, lock);
    return suite;
}

TEST_MAIN(commitment_suite)
