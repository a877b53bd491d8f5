/*
 * test_bits.c: ids are UUIDv7 in order of time, read back as written, and never come twice.
 */
#include "base/bits.h"

#include "../check_main.h"
#include "base/clock.h"

#include <string.h>

START_TEST(an_id_has_version_variant_and_time)
{
    int64_t before = clock_now() / 1000;
    struct uuid id = uuid_new();
    int64_t after = clock_now() / 1000;
    int64_t milliseconds = 0;
    for (int i = 0; i < 6; i++)
        milliseconds = milliseconds << 8 | id.bytes[i];
    ck_assert_int_ge(milliseconds, before);
    ck_assert_int_le(milliseconds, after);
    ck_assert_uint_eq(id.bytes[6] >> 4, 7);
    ck_assert_uint_eq(id.bytes[8] >> 6, 2);
}
END_TEST

START_TEST(ids_do_not_come_twice)
{
    static struct uuid ids[5000];
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        ids[i] = uuid_new();
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        for (size_t j = i + 1; j < COUNT_OF(ids); j++)
            if (uuid_equal(ids[i], ids[j]))
                ck_abort_msg("ids %zu and %zu are the same", i, j);
}
END_TEST

START_TEST(an_id_reads_back_in_either_case)
{
    static const char lower_case[] = "01234567-89ab-7cde-8f01-23456789abcd";
    char out[UUID_TEXT_SIZE];
    struct uuid lower;
    struct uuid upper;
    ck_assert(uuid_parse(lower_case, &lower));
    ck_assert(uuid_parse("01234567-89AB-7CDE-8F01-23456789ABCD", &upper));
    ck_assert(uuid_equal(lower, upper));
    ck_assert_str_eq(uuid_text(upper, out), lower_case);
    ck_assert_ptr_eq(uuid_text(upper, out), out);
}
END_TEST

START_TEST(what_is_no_id_is_refused)
{
    static const char *const texts[] = {"", "01234567-89ab-7cde-8f01-23456789abc",
        "01234567-89ab-7cde-8f01-23456789abcde", "0123456789ab7cde8f0123456789abcd",
        "g1234567-89ab-7cde-8f01-23456789abcd", "01234567089ab-7cde-8f01-23456789abcd",
        "{1234567-89ab-7cde-8f01-23456789abc}", " 1234567-89ab-7cde-8f01-23456789abcd",
        "0123456-789ab-7cde-8f01-23456789abcd", "01234567-89ab-7cde-8f01-23456789abc\n"};
    struct uuid id = UUID_NIL;
    ck_assert_msg(!uuid_parse(texts[_i], &id), "%s", texts[_i]);
    ck_assert(uuid_is_nil(id));
}
END_TEST

START_TEST(ids_have_an_order_in_which_locks_are_taken)
{
    struct uuid low = UUID_NIL;
    struct uuid high = UUID_NIL;
    high.bytes[0] = 0x80;
    low.bytes[15] = 0xff;
    ck_assert_int_lt(uuid_compare(low, high), 0);
    ck_assert_int_gt(uuid_compare(high, low), 0);
    ck_assert_int_eq(uuid_compare(low, low), 0);
    ck_assert(!uuid_is_nil(low));
}
END_TEST

START_TEST(random_numbers_stay_below_their_bound_and_reach_all_of_it)
{
    unsigned counts[10] = {0};
    for (int i = 0; i < 10000; i++)
        counts[bits_uniform(COUNT_OF(counts))]++;
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        ck_assert_uint_gt(counts[i], 700);
    ck_assert_uint_eq(bits_uniform(1), 0);
}
END_TEST

START_TEST(random_bytes_fill_all_and_only_their_room)
{
    unsigned char bytes[34] = {0};
    unsigned char seen[32] = {0};
    for (int i = 0; i < 100; i++) {
        bits_random(bytes + 1, 32);
        for (size_t j = 0; j < sizeof seen; j++)
            seen[j] |= bytes[j + 1];
        ck_assert_uint_eq(bytes[0] + bytes[33], 0);
    }
    for (size_t j = 0; j < sizeof seen; j++)
        ck_assert_uint_eq(seen[j], 0xff);
}
END_TEST

static Suite *
bits_suite(void)
{
    Suite *suite = suite_create("bits");
    TCase *ids = tcase_create("ids");
    tcase_add_test(ids, an_id_has_version_variant_and_time);
    tcase_add_test(ids, ids_do_not_come_twice);
    tcase_add_test(ids, an_id_reads_back_in_either_case);
    tcase_add_loop_test(ids, what_is_no_id_is_refused, 0, 10);
    tcase_add_test(ids, ids_have_an_order_in_which_locks_are_taken);
    tcase_add_test(ids, random_numbers_stay_below_their_bound_and_reach_all_of_it);
    tcase_add_test(ids, random_bytes_fill_all_and_only_their_room);
    suite_add_tcase(suite, ids);
    return suite;
}

TEST_MAIN(bits_suite)
