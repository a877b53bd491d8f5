/*
 * test_stream.c: the words of a seed, against the Python re-implementation in tests/golden.
 */
#include "trial/stream.h"

#include "../check_main.h"
#include "../golden.h"
#include "base/text.h"
#include "scheme.h"
#include "source.h"

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

static const uint64_t awkward[] = {2, 3, 5, 6, 7, 10, 26, 1000, 1001, (UINT64_C(1) << 31) + 1,
    (UINT64_C(1) << 32) - 1, UINT64_C(3) << 61, UINT64_C(3) << 62, UINT64_C(1) << 63,
    (UINT64_C(1) << 63) - 1, (UINT64_C(1) << 63) + 1, UINT64_MAX - 1, UINT64_MAX};

/* As many words give one number as another, when the words below the greatest multiple of n are
 * taken and the rest are not. */
START_TEST(no_number_has_more_words_than_another)
{
    uint64_t n = awkward[_i];
    uint64_t multiple = UINT64_MAX / n * n; /* the greatest below 2^64, or up to n less than it */
    if (UINT64_MAX - multiple == n - 1)
        multiple = 0; /* 2^64 itself: no word is refused */
    const uint64_t last = multiple - 1;
    struct stream stream;
    struct source_given taken = {.words = (const uint64_t[]){last}, .count = 1};
    stream_open_source(&stream, source_refill_given, &taken);
    ck_assert_uint_eq(stream_uniform(&stream, n), n - 1);
    for (uint64_t above = 0; multiple != 0 && above < 2; above++) {
        uint64_t refused = above == 0 ? multiple : UINT64_MAX;
        struct source_given source = {.words = (const uint64_t[]){refused, 0, 1}, .count = 3};
        stream_open_source(&stream, source_refill_given, &source);
        ck_assert_uint_eq(stream_uniform(&stream, n), 0);
        ck_assert_uint_eq(source_taken(&stream), 2);
    }
}
END_TEST

#define PARTS_MAX 1001

/* Of a long range, twelve equal parts. */
START_TEST(every_part_of_a_range_comes_as_often_as_another)
{
    uint64_t n = awkward[_i];
    size_t parts = n <= PARTS_MAX ? n : 12;
    unsigned counts[PARTS_MAX] = {0};
    unsigned draws = source_draws(1000000);
    struct source_fast source;
    struct stream stream;
    source_open_fast(&stream, &source, n);
    for (unsigned i = 0; i < draws; i++) {
        uint64_t number = stream_uniform(&stream, n);
        if (number >= n)
            ck_abort_msg("%llu is too large", (unsigned long long)number);
        size_t part = n <= PARTS_MAX ? number : (size_t)((double)number / (double)n * 12);
        counts[part < parts ? part : parts - 1]++;
    }
    source_check_uniform(counts, parts, draws);
}
END_TEST

START_TEST(words_come_from_the_source_that_was_given)
{
    static const uint64_t words[] = {7, 1, UINT64_MAX, 0, 5, 4};
    struct source_given source = {.words = words, .count = COUNT_OF(words)};
    struct stream stream;
    stream_open_source(&stream, source_refill_given, &source);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        ck_assert_uint_eq(stream_word(&stream), words[i]);
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
    tcase_add_loop_test(words, no_number_has_more_words_than_another, 0, (int)COUNT_OF(awkward));
    tcase_add_loop_test(
        words, every_part_of_a_range_comes_as_often_as_another, 0, (int)COUNT_OF(awkward));
    tcase_add_test(words, words_come_from_the_source_that_was_given);
    tcase_add_test(words, a_power_of_two_refuses_no_word);
    tcase_add_test(words, a_choice_of_one_takes_no_word);
    tcase_add_test(words, strata_labels_and_draws_do_not_share_words);
    tcase_add_test(words, fractions_never_reach_one);
    tcase_add_test(words, a_closed_key_leaves_nothing_of_the_seed);
    suite_add_tcase(suite, words);
    return suite;
}

TEST_MAIN(stream_suite)
