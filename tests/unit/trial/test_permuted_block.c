/*
 * test_permuted_block.c: blocks hold their ratio, every order is as likely as another, and all
 * occur.
 */
#include "trial/design/design.h"

#include "../check_main.h"
#include "scheme.h"
#include "source.h"

#include <math.h>
#include <string.h>

#define BLOCKS 10000000
#define CODES_MAX 1024 /* the most arrangements as numbers: 2^10 */

/* How often each arrangement of a block came; an arrangement is the arms as digits. */
struct tally {
    unsigned arms;
    unsigned size;
    unsigned counts[CODES_MAX];
};

static void
tally_block(struct tally *tally, const struct protocol_scheme *scheme, struct stream *stream)
{
    uint8_t arms[DESIGN_BLOCK_MAX];
    unsigned code = 0;
    size_t size = permuted_block_design.block(scheme, stream, arms);
    for (size_t i = 0; i < size; i++)
        code = code * tally->arms + arms[i];
    if (size != tally->size || code >= CODES_MAX)
        ck_abort_msg("a block of %zu, code %u", size, code);
    tally->counts[code]++;
}

/* Counts of the arrangements that came, without those that did not. */
static size_t
distinct(const struct tally *tally, unsigned found[CODES_MAX])
{
    size_t count = 0;
    for (size_t code = 0; code < CODES_MAX; code++)
        if (tally->counts[code] > 0)
            found[count++] = tally->counts[code];
    return count;
}

struct shape {
    const char *ratio;
    const char *size;
    unsigned arms;
    unsigned arrangements; /* multinomial coefficient */
};

static const struct shape shapes[] = {
    {"1:1", "4", 2, 6},
    {"1:1", "6", 2, 20},
    {"1:1", "8", 2, 70},
    {"1:1", "10", 2, 252},
    {"2:1", "3", 2, 3},
    {"2:1", "6", 2, 15},
    {"2:1", "9", 2, 84},
    {"1:1:1", "3", 3, 6},
    {"1:1:1", "6", 3, 90},
    {"2:1:1", "4", 3, 12},
};

START_TEST(every_arrangement_of_a_block_can_come_and_no_other)
{
    struct test_scheme test;
    struct stream_key key;
    struct stream stream;
    unsigned found[CODES_MAX];
    const struct shape *shape = &shapes[_i];
    const struct protocol_scheme *scheme = scheme_make(&test, shape->ratio, shape->size);
    struct tally tally = {.arms = shape->arms, .size = (unsigned)atoi(shape->size)};
    stream_key_open(&key, seed_counting(), "t/s", "");
    for (uint64_t block = 0; block < 20000; block++) {
        stream_open(&stream, &key, block);
        tally_block(&tally, scheme, &stream);
    }
    ck_assert_uint_eq(distinct(&tally, found), shape->arrangements);
}
END_TEST

START_TEST(no_arrangement_of_a_block_is_likelier_than_another)
{
    struct test_scheme test;
    struct source_fast source;
    struct stream stream;
    unsigned found[CODES_MAX];
    unsigned blocks = source_draws(BLOCKS);
    const struct shape *shape = &shapes[_i];
    const struct protocol_scheme *scheme = scheme_make(&test, shape->ratio, shape->size);
    struct tally tally = {.arms = shape->arms, .size = (unsigned)atoi(shape->size)};
    source_open_fast(&stream, &source, (uint64_t)_i);
    for (unsigned block = 0; block < blocks; block++)
        tally_block(&tally, scheme, &stream);
    ck_assert_uint_eq(distinct(&tally, found), shape->arrangements);
    source_check_uniform(found, shape->arrangements, blocks);
}
END_TEST

START_TEST(repeating_a_size_gives_it_more_weight)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "1:1", "4 4 4 6");
    struct stream_key key;
    struct stream stream;
    int fours = 0;
    stream_key_open(&key, seed_counting(), "t/s", "");
    for (uint64_t block = 0; block < 100000; block++) {
        stream_open(&stream, &key, block);
        size_t size = permuted_block_design.block_size(scheme, &stream);
        ck_assert(size == 4 || size == 6);
        fours += size == 4;
    }
    ck_assert_int_gt(fours, 74000);
    ck_assert_int_lt(fours, 76000);
}
END_TEST

START_TEST(the_size_read_alone_is_the_size_of_the_block)
{
    struct test_scheme test;
    const struct protocol_scheme *scheme = scheme_make(&test, "2:1", "3 6 9 999");
    struct stream_key key;
    struct stream stream;
    uint8_t arms[DESIGN_BLOCK_MAX];
    stream_key_open(&key, seed_counting(), "t/s", "");
    for (uint64_t block = 0; block < 200; block++) {
        stream_open(&stream, &key, block);
        size_t size = permuted_block_design.block_size(scheme, &stream);
        stream_open(&stream, &key, block);
        ck_assert_uint_eq(permuted_block_design.block(scheme, &stream, arms), size);
        size_t counts[2] = {0};
        for (size_t i = 0; i < size; i++)
            counts[arms[i]]++;
        ck_assert_uint_eq(counts[0], 2 * counts[1]);
    }
}
END_TEST

START_TEST(a_scheme_that_cannot_be_run_is_refused_in_words)
{
    static const struct {
        const char *ratio;
        const char *sizes;
        const char *says;
    } wrong[] = {
        {"1:1", "", "lists no block sizes"},
        {"1:1:1", "3 4", "blocks of 4"},
        {"1:1", "0", "blocks of 0"},
        {"1:1", "1002", "at most 1000"},
        {"0:0", "4", "no arm a share"},
        {"600:600", "600", "multiple of 1200"},
    };
    struct test_scheme test;
    struct error error = ERROR_CLEAR;
    const struct design *design;
    ck_assert(!design_check(scheme_make(&test, wrong[_i].ratio, wrong[_i].sizes), &design, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.detail, wrong[_i].says));
    ck_assert_ptr_nonnull(strstr(error.detail, "rct"));
}
END_TEST

START_TEST(ratios_that_wrap_around_do_not_pass)
{
    struct test_scheme test;
    struct error error = ERROR_CLEAR;
    const struct design *design;
    scheme_make(&test, "2147483648:2147483648:2", "4");
    ck_assert_uint_eq(test.scheme.ratio_sum, 2);
    ck_assert(!design_check(&test.scheme, &design, &error));
}
END_TEST

static Suite *
permuted_block_suite(void)
{
    Suite *suite = suite_create("permuted block");
    TCase *blocks = tcase_create("blocks");
    tcase_set_timeout(blocks, 300);
    tcase_add_loop_test(
        blocks, every_arrangement_of_a_block_can_come_and_no_other, 0, (int)COUNT_OF(shapes));
    tcase_add_loop_test(
        blocks, no_arrangement_of_a_block_is_likelier_than_another, 0, (int)COUNT_OF(shapes));
    tcase_add_test(blocks, repeating_a_size_gives_it_more_weight);
    tcase_add_test(blocks, the_size_read_alone_is_the_size_of_the_block);
    tcase_add_loop_test(blocks, a_scheme_that_cannot_be_run_is_refused_in_words, 0, 6);
    tcase_add_test(blocks, ratios_that_wrap_around_do_not_pass);
    suite_add_tcase(suite, blocks);
    return suite;
}

TEST_MAIN(permuted_block_suite)
