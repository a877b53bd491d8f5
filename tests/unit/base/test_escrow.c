/*
 * test_escrow.c: a lost master key comes back with the pairs of those who keep it, in their order,
 * and with nothing less.
 */
#include "base/escrow.h"

#include "../check_main.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_escrow.XXXXXX";
static char paths[3][64]; /* the master key and two pairs */
static char public_keys[2][ESCROW_HEX_SIZE];
static struct seal_key *key;
static struct arena *arena;
static struct error error;
static struct escrow escrow;

static void
make_keys(void)
{
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (int i = 0; i < 3; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
    error = ERROR_CLEAR;
    arena = arena_new();
    ck_assert(seal_key_create(paths[0], &error));
    key = seal_key_read(paths[0], &error);
    ck_assert_ptr_nonnull(key);
    ck_assert(escrow_pair_create(paths[1], public_keys[0], &error));
    ck_assert(escrow_pair_create(paths[2], public_keys[1], &error));
}

static void
remove_keys(void)
{
    seal_key_free(key);
    for (int i = 0; i < 3; i++)
        unlink(paths[i]);
    rmdir(folder);
    arena_free(arena);
}

static void
check_key_is_back(void)
{
    unsigned char bytes[SEAL_KEY_SIZE];
    seal_key_copy(key, bytes);
    ck_assert_uint_eq(escrow.seals, 0);
    ck_assert_uint_eq(escrow.box_size, sizeof bytes);
    ck_assert_mem_eq(escrow.box, bytes, sizeof bytes);
}

static void
check_refused(const char *pair, enum error_code code, const char *says)
{
    struct escrow before = escrow;
    ck_assert(!escrow_open(pair, &escrow, &error));
    ck_assert_int_eq(error.code, code);
    ck_assert_msg(strstr(error.detail, says) != NULL, "%s", error.detail);
    escrow = before;
}

START_TEST(one_keeper_brings_the_key_back_alone)
{
    struct stat status;
    ck_assert_int_eq(stat(paths[1], &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0600);
    ck_assert(escrow_seal(key, public_keys[0], NULL, &escrow, &error));
    check_refused(paths[2], ERROR_FIELDS, public_keys[0]);
    ck_assert(escrow_open(paths[1], &escrow, &error));
    check_key_is_back();
}
END_TEST

START_TEST(of_two_keepers_neither_opens_it_without_the_other)
{
    ck_assert(escrow_seal(key, public_keys[0], public_keys[1], &escrow, &error));
    check_refused(paths[1], ERROR_FIELDS, "comes off first");
    ck_assert(escrow_open(paths[2], &escrow, &error));
    ck_assert_uint_eq(escrow.seals, 1);
    check_refused(paths[2], ERROR_FIELDS, "is another");
    ck_assert(escrow_open(paths[1], &escrow, &error));
    check_key_is_back();
}
END_TEST

START_TEST(what_leaves_the_database_as_text_comes_back_as_it_was)
{
    struct escrow back;
    ck_assert(escrow_seal(key, public_keys[0], public_keys[1], &escrow, &error));
    const char *text = escrow_text(arena, &escrow);
    const char *twice = arena_printf(arena, "%s%s", text, text);
    const char *end = twice + strlen(twice);
    for (int i = 0; i < 2; i++) {
        ck_assert(escrow_parse(&twice, end, &back));
        ck_assert_str_eq(escrow_text(arena, &back), text);
    }
    ck_assert_ptr_eq(twice, end);
    for (size_t size = 0; size + 1 < strlen(text); size++) {
        const char *cut = arena_strndup(arena, text, size);
        ck_assert_msg(!escrow_parse(&cut, cut + size, &back), "%zu", size);
    }
}
END_TEST

START_TEST(a_changed_box_or_another_keys_name_is_found_out)
{
    ck_assert(escrow_seal(key, public_keys[0], NULL, &escrow, &error));
    for (size_t i = 0; i < escrow.box_size; i++) {
        escrow.box[i] ^= 1;
        check_refused(paths[1], ERROR_VERIFICATION, "changed since it was sealed");
        escrow.box[i] ^= 1;
    }
    escrow.key_id[0] = escrow.key_id[0] == '0' ? '1' : '0';
    check_refused(paths[1], ERROR_VERIFICATION, "changed since it was sealed");
}
END_TEST

START_TEST(a_pair_that_others_can_read_or_that_is_none_opens_nothing)
{
    ck_assert(escrow_seal(key, public_keys[0], NULL, &escrow, &error));
    check_refused(paths[0], ERROR_FIELDS, "public HEX");
    chmod(paths[1], 0644);
    check_refused(paths[1], ERROR_FIELDS, "chmod 600");
    check_refused("/nowhere/my.pair", ERROR_NOT_FOUND, "cannot be opened");
    ck_assert(!escrow_pair_create(paths[1], public_keys[0], &error));
    ck_assert_int_eq(error.code, ERROR_CONFLICT);
}
END_TEST

START_TEST(a_public_key_that_is_none_or_the_same_twice_is_refused)
{
    static const char *const wrong[] = {"", "abc",
        "zz0102030405060708090a0b0c0d0e0f10111213141516171819",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00",
        "0000000000000000000000000000000000000000000000000000000000000000", NULL};
    const char *second = wrong[_i] == NULL ? public_keys[0] : wrong[_i];
    ck_assert(!escrow_seal(key, public_keys[0], second, &escrow, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
}
END_TEST

static Suite *
escrow_suite(void)
{
    Suite *suite = suite_create("escrow");
    TCase *escrows = tcase_create("escrow");
    tcase_add_checked_fixture(escrows, make_keys, remove_keys);
    tcase_add_test(escrows, one_keeper_brings_the_key_back_alone);
    tcase_add_test(escrows, of_two_keepers_neither_opens_it_without_the_other);
    tcase_add_test(escrows, what_leaves_the_database_as_text_comes_back_as_it_was);
    tcase_add_test(escrows, a_changed_box_or_another_keys_name_is_found_out);
    tcase_add_test(escrows, a_pair_that_others_can_read_or_that_is_none_opens_nothing);
    tcase_add_loop_test(escrows, a_public_key_that_is_none_or_the_same_twice_is_refused, 0, 6);
    suite_add_tcase(suite, escrows);
    return suite;
}

TEST_MAIN(escrow_suite)
