/*
 * test_arena.c: memory of a request is whole, aligned, zeroed, and wiped before the next one.
 */
#include "base/arena.h"

#include "../check_main.h"

#include <signal.h>
#include <stdint.h>
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

static bool
is_filled(const unsigned char *piece, size_t size, unsigned char with)
{
    for (size_t i = 0; i < size; i++)
        if (piece[i] != with)
            return false;
    return true;
}

START_TEST(pieces_never_overlap_and_start_as_zeros)
{
    static const size_t sizes[] = {1, 0, 7, 16, 17, 1000, 16384, 16385, 100000, 3, 16383};
    unsigned char *pieces[300];
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t size = sizes[i % COUNT_OF(sizes)];
        pieces[i] = arena_alloc(arena, size);
        ck_assert_uint_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        ck_assert(is_filled(pieces[i], size, 0));
        memset(pieces[i], (int)i, size);
    }
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        ck_assert(is_filled(pieces[i], sizes[i % COUNT_OF(sizes)], (unsigned char)i));
}
END_TEST

/* The first block is kept: what a token left there must be gone. */
START_TEST(the_next_request_finds_nothing_of_the_last)
{
    char *token = arena_strdup(arena, "rctd_secret-token");
    arena_alloc(arena, 100000);
    arena_reset(arena);
    char *next = arena_alloc(arena, 32);
    ck_assert_ptr_eq(next, token);
    for (size_t i = 0; i < 32; i++)
        ck_assert_int_eq(next[i], 0);
}
END_TEST

START_TEST(an_array_that_grows_keeps_its_elements)
{
    int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 10000; i++) {
        numbers = arena_grow(arena, numbers, (size_t)i, &capacity, sizeof *numbers);
        ck_assert_uint_gt(capacity, (size_t)i);
        numbers[i] = i;
    }
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(numbers[i], i);
}
END_TEST

START_TEST(strings_are_copied_whole)
{
    ck_assert_ptr_null(arena_strdup(arena, NULL));
    ck_assert_str_eq(arena_strdup(arena, ""), "");
    ck_assert_str_eq(arena_strndup(arena, "abcdef", 3), "abc");
    ck_assert_str_eq(arena_strndup(arena, NULL, 0), "");
    ck_assert_str_eq(arena_printf(arena, "%s-%d", "a", 7), "a-7");
    char *padded = arena_printf(arena, "%050000d", 1);
    ck_assert_uint_eq(strlen(padded), 50000);
}
END_TEST

/* Sizes that cannot be must end the process, not give too little memory. */
START_TEST(a_size_that_overflows_ends_the_process)
{
    volatile size_t huge = SIZE_MAX / 2 + 1;
    if (_i == 0)
        arena_array(arena, huge, 2);
    else
        arena_alloc(arena, SIZE_MAX - (huge & 1));
}
END_TEST

static Suite *
arena_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *memory = tcase_create("memory");
    tcase_add_checked_fixture(memory, make_arena, free_arena);
    tcase_add_test(memory, pieces_never_overlap_and_start_as_zeros);
    tcase_add_test(memory, the_next_request_finds_nothing_of_the_last);
    tcase_add_test(memory, an_array_that_grows_keeps_its_elements);
    tcase_add_test(memory, strings_are_copied_whole);
    tcase_add_loop_test_raise_signal(memory, a_size_that_overflows_ends_the_process, SIGABRT, 0, 2);
    suite_add_tcase(suite, memory);
    return suite;
}

TEST_MAIN(arena_suite)
