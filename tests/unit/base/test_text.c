/*
 * test_text.c: strings grow whole, only UTF-8 passes for UTF-8, and ids are ids.
 */
#include "base/text.h"

#include "../check_main.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct arena *arena;

static void
make_arena(void)
{
    arena = arena_new();
}

static void
free_arena(void)
{
    arena_free(arena);
}

START_TEST(a_growing_string_keeps_everything)
{
    struct text text;
    char expected[6000] = "";
    text_init(&text, arena);
    ck_assert_str_eq(text.bytes, "");
    for (int i = 0; i < 1000; i++) {
        text_printf(&text, "%d,", i);
        snprintf(expected + strlen(expected), 16, "%d,", i);
        ck_assert_uint_eq(text.length, strlen(expected));
        ck_assert_int_eq(text.bytes[text.length], '\0');
    }
    ck_assert_str_eq(text.bytes, expected);
    text_append(&text, text.bytes);
    ck_assert_uint_eq(text.length, 2 * strlen(expected));
    text_append_bytes(&text, NULL, 0);
    text_append_bytes(&text, "a\0b", 3);
    ck_assert_mem_eq(text.bytes + text.length - 3, "a\0b", 4);
}
END_TEST

/* The string is as long as the room, one shorter and one longer. */
START_TEST(a_string_that_just_fits_has_its_end)
{
    for (size_t length = 60; length < 70; length++) {
        struct text text;
        text_init(&text, arena);
        text_printf(&text, "%0*d", (int)length, 0);
        ck_assert_uint_eq(strlen(text.bytes), length);
        text_append(&text, "x");
        ck_assert_uint_eq(strlen(text.bytes), length + 1);
    }
}
END_TEST

START_TEST(only_utf8_is_utf8)
{
    static const struct {
        const char *bytes;
        size_t valid; /* bytes that are good */
    } texts[] = {
        {"", 0}, {"abc", 3}, {"åäö€😀", 13}, {"\xc3\xa5\xc3", 2}, /* cut */
        {"\xe2\x82", 0},                                         /* cut */
        {"\xf0\x9f\x98", 0},                                     /* cut */
        {"\xc0\xaf", 0},                                         /* overlong */
        {"a\xc1\xbf", 1},                                        /* overlong */
        {"\xe0\x9f\xbf", 0},                                     /* overlong */
        {"\xf0\x8f\xbf\xbf", 0},                                 /* overlong */
        {"\xed\xa0\x80", 0},                                     /* surrogate */
        {"\xed\x9f\xbf", 3},                                     /* the last before them */
        {"\xee\x80\x80", 3},                                     /* the first behind */
        {"\xf4\x8f\xbf\xbf", 4},                                 /* the last character */
        {"\xf4\x90\x80\x80", 0},                                 /* behind it */
        {"\xf5\x80\x80\x80", 0},                                 /* no such start */
        {"\x80", 0},                                             /* no start */
        {"ab\xff", 2},                                           /* never */
        {"\xc3(", 0},                                            /* not a continuation */
        {"\xef\xbb\xbf", 3},                                     /* byte order mark */
    };
    const char *bytes = texts[_i].bytes;
    size_t length = strlen(bytes);
    ck_assert_uint_eq(text_utf8_prefix(bytes, length), texts[_i].valid);
    ck_assert_int_eq(text_is_utf8(bytes, length), texts[_i].valid == length);
}
END_TEST

START_TEST(a_nul_byte_is_not_text)
{
    ck_assert(!text_is_utf8("a\0b", 3));
    ck_assert_uint_eq(text_utf8_prefix("a\0b", 3), 1);
}
END_TEST

START_TEST(characters_are_counted_not_bytes)
{
    ck_assert_uint_eq(text_characters(""), 0);
    ck_assert_uint_eq(text_characters("Örebro €😀"), 9);
}
END_TEST

START_TEST(cutting_splits_no_character)
{
    static const char *const cut[] = {"", "a", "a", "aå", "aå", "aå", "aå€", "aå€b", "aå€b"};
    for (size_t limit = 0; limit < COUNT_OF(cut); limit++) {
        char string[] = "aå€b";
        text_cut_utf8(string, limit);
        ck_assert_str_eq(string, cut[limit]);
    }
    char broken[] = "ab\xff"
                    "cd";
    text_cut_utf8(broken, 10);
    ck_assert_str_eq(broken, "ab");
}
END_TEST

START_TEST(numbers_are_whole_or_none)
{
    static const struct {
        const char *text;
        bool ok;
        long long value;
    } numbers[] = {
        {"0", true, 0},
        {"-7", true, -7},
        {"007", true, 7},
        {"9223372036854775807", true, LLONG_MAX},
        {"-9223372036854775808", true, LLONG_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"0x10", false, 0},
        {"--1", false, 0},
        {"- 1", false, 0},
    };
    long long value = 42;
    ck_assert_int_eq(text_to_int64(numbers[_i].text, &value), numbers[_i].ok);
    ck_assert_int_eq(value, numbers[_i].ok ? numbers[_i].value : 42);
}
END_TEST

START_TEST(identifiers_are_what_labels_can_carry)
{
    char longest[65];
    memset(longest, 'a', sizeof longest);
    longest[63] = '\0';
    ck_assert(text_is_identifier("work-together"));
    ck_assert(text_is_identifier("10-49"));
    ck_assert(text_is_identifier("rct.people_2"));
    ck_assert(text_is_identifier(longest));
    longest[63] = 'a';
    longest[64] = '\0';
    static const char *const wrong[] = {
        "", "Work", "-a", ".a", "_a", "a b", "a/b", "a|b", "a=b", "å", "a\n", "aA"};
    ck_assert(!text_is_identifier(longest));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        ck_assert_msg(!text_is_identifier(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(small_questions_about_strings_are_answered)
{
    ck_assert(text_equal(NULL, NULL) && !text_equal(NULL, "") && !text_equal("", NULL));
    ck_assert(text_equal("a", "a") && !text_equal("a", "A"));
    ck_assert(text_starts("abc", "ab") && text_starts("a", "") && !text_starts("a", "ab"));
    ck_assert(text_is_empty(NULL) && text_is_empty("") && text_is_empty(" \t\r\n\v\f"));
    ck_assert(!text_is_empty(" x") && !text_is_empty("\xc2\xa0"));
    ck_assert_str_eq(text_trim(arena, " \t a b \r\n"), "a b");
    ck_assert_str_eq(text_trim(arena, "   "), "");
    ck_assert_str_eq(text_trim(arena, "x"), "x");
}
END_TEST

static Suite *
text_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *strings = tcase_create("strings");
    tcase_add_checked_fixture(strings, make_arena, free_arena);
    tcase_add_test(strings, a_growing_string_keeps_everything);
    tcase_add_test(strings, a_string_that_just_fits_has_its_end);
    tcase_add_loop_test(strings, only_utf8_is_utf8, 0, 20);
    tcase_add_test(strings, a_nul_byte_is_not_text);
    tcase_add_test(strings, characters_are_counted_not_bytes);
    tcase_add_test(strings, cutting_splits_no_character);
    tcase_add_loop_test(strings, numbers_are_whole_or_none, 0, 17);
    tcase_add_test(strings, identifiers_are_what_labels_can_carry);
    tcase_add_test(strings, small_questions_about_strings_are_answered);
    suite_add_tcase(suite, strings);
    return suite;
}

TEST_MAIN(text_suite)
