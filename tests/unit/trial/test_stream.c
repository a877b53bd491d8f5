/*
 * test_stream.c: the words of a seed, against the Python re-implementation in tests/golden.
 */
#include "trial/stream.h"

#include "../check_main.h"
#include "../golden.h"
#include "base/text.h"
#include "scheme.h"

#include <math.h>

START_TEST(an_auditor_draws_the_same_numbers_from_the_seed)
{
    struct arena *arena = arena_new();
    struct csv csv = golden_read(arena, "tests/golden/allocation/uniform.csv");
    for (size_t i = 0; i < csv.count; i++) {
        const struct csv_cell *cells = csv.rows[i].cells;
        bool fraction = text_equal(cells[0].text, "fraction");
        uint64_t n = strtoull(cells[2].text, NULL, 10);
        struct stream_key key;
        struct stream stream;
        stream_key_open(&key, seed_counting(), "golden/uniform", fraction ? "f" : "");
        stream_open(&stream, &key, strtoull(cells[1].text, NULL, 10));
        char *end;
        for (const char *at = cells[3].text; *at != '\0'; at = *end == ' ' ? end + 1 : end) {
            if (fraction)
                ck_assert_double_eq(stream_fraction(&stream), strtod(at, &end));
            else
                ck_assert_uint_eq(stream_uniform(&stream, n), strtoull(at, &end, 10));
        }
        stream_close(&stream);
        stream_key_close(&key);
    }
    arena_free(arena);
}
END_TEST

/* By the definition: 2^64 - (2^64 mod n) is the first word that is refused. */
START_TEST(no_arm_is_favoured_when_the_range_does_not_divide_the_words)
{
    struct stream_key key;
    struct stream words;
    struct stream numbers;
    const uint64_t n = (UINT64_C(1) << 63) + 1;
    unsigned refused = 0;
    stream_key_open(&key, seed_counting(), "t/s", "");
    stream_open(&words, &key, 7);
    stream_open(&numbers, &key, 7);
    for (int i = 0; i < 1000; i++) {
        uint64_t word = stream_word(&words);
        for (; word >= n; refused++)
            word = stream_word(&words);
        ck_assert_uint_eq(stream_uniform(&numbers, n), word % n);
    }
    ck_assert_uint_gt(refused, 800);
    ck_assert_uint_lt(refused, 1200);
}
END_TEST

START_TEST(a_power_of_two_refuses_no_word)
{
    struct stream_key key;
    struct stream words;
    struct stream numbers;
    stream_key_open(&key, seed_counting(), "t/s", "");
    for (unsigned bits = 1; bits < 64; bits++) {
        stream_open(&words, &key, bits);
        stream_open(&numbers, &key, bits);
        for (int i = 0; i < 20; i++)
            ck_assert_uint_eq(stream_uniform(&numbers, UINT64_C(1) << bits),
                stream_word(&words) & ((UINT64_C(1) << bits) - 1));
    }
}
END_TEST

START_TEST(a_choice_of_one_takes_no_word)
{
    struct stream_key key;
    struct stream one;
    struct stream other;
    stream_key_open(&key, seed_counting(), "t/s", "");
    stream_open(&one, &key, 0);
    stream_open(&other, &key, 0);
    ck_assert_uint_eq(stream_uniform(&one, 1), 0);
    ck_assert_uint_eq(stream_word(&one), stream_word(&other));
}
END_TEST

START_TEST(strata_labels_and_draws_do_not_share_words)
{
    struct stream_key keys[4];
    uint64_t words[8];
    struct stream stream;
    stream_key_open(&keys[0], seed_counting(), "t/s", "a=b");
    stream_key_open(&keys[1], seed_counting(), "t/s", "a=c");
    stream_key_open(&keys[2], seed_counting(), "t/sa", "=b");
    stream_key_open(&keys[3], seed_counting(), "t/s", "");
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        stream_open(&stream, &keys[i / 2], i % 2 == 0 ? 1 : 10);
        words[i] = stream_word(&stream);
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_ne(words[i], words[j]);
    }
}
END_TEST

START_TEST(fractions_never_reach_one)
{
    struct stream_key key;
    struct stream stream;
    double least = 1;
    double most = 0;
    stream_key_open(&key, seed_counting(), "t/s", "");
    stream_open(&stream, &key, 3);
    for (int i = 0; i < 100000; i++) {
        double fraction = stream_fraction(&stream);
        least = fmin(least, fraction);
        most = fmax(most, fraction);
        ck_assert_double_eq(fraction * 0x1p53, floor(fraction * 0x1p53));
    }
    ck_assert_double_ge(least, 0);
    ck_assert_double_lt(least, 0.001);
    ck_assert_double_lt(most, 1);
    ck_assert_double_gt(most, 0.999);
}
END_TEST

START_TEST(a_closed_key_leaves_nothing_of_the_seed)
{
    struct stream_key key;
    struct stream stream;
    const struct stream_key empty = {0};
    stream_key_open(&key, seed_counting(), "t/s", "");
    stream_open(&stream, &key, 0);
    ck_assert_uint_ne(stream_word(&stream), 0);
    stream_close(&stream);
    stream_key_close(&key);
    ck_assert_mem_eq(&key, &empty, sizeof key);
    for (size_t i = 0; i < STREAM_WORDS; i++)
        ck_assert_uint_eq(stream.words[i], 0);
}
END_TEST

static Suite *
stream_suite(void)
{
    Suite *suite = suite_create("stream");
    TCase *words = tcase_create("words");
    tcase_add_test(words, an_auditor_draws_the_same_numbers_from_the_seed);
    tcase_add_test(words, no_arm_is_favoured_when_the_range_does_not_divide_the_words);
    tcase_add_test(words, a_power_of_two_refuses_no_word);
    tcase_add_test(words, a_choice_of_one_takes_no_word);
    tcase_add_test(words, strata_labels_and_draws_do_not_share_words);
    tcase_add_test(words, fractions_never_reach_one);
    tcase_add_test(words, a_closed_key_leaves_nothing_of_the_seed);
    suite_add_tcase(suite, words);
    return suite;
}

TEST_MAIN(stream_suite)
