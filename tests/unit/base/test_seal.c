/*
 * test_seal.c: a seed comes back with its own key and with no other; a key file that others can
 * read is no key.
 */
#include "base/seal.h"

#include "../check_main.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hex_key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char seed[32] = "a seed of thirty-two bytes, see.";
static char folder[] = "/tmp/test_seal.XXXXXX";
static char path[64];
static struct arena *arena;
static struct error error;

static void
make_folder(void)
{
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    unsetenv("CREDENTIALS_DIRECTORY");
    arena = arena_new();
    error = ERROR_CLEAR;
}

static void
remove_folder(void)
{
    unlink(path);
    rmdir(folder);
    arena_free(arena);
}

static void
write_key(const void *bytes, size_t size, mode_t mode)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, bytes, size), (ssize_t)size);
    ck_assert_int_eq(fchmod(file, mode), 0);
    close(file);
}

static void
check_refused(const char *says)
{
    ck_assert_ptr_null(seal_key_read(path, &error));
    ck_assert_int_eq(error.code, ERROR_NO_MASTER_KEY);
    ck_assert_msg(strstr(error.detail, says) != NULL, "%s", error.detail);
    ck_assert_ptr_nonnull(strstr(error.detail, path));
}

/* By Python: hmac.new(bytes(range(32)), b"rctd-key-id-v1", "sha256").hexdigest()[:16] */
#define KEY_ID "490244bfdc41ac28"

START_TEST(a_key_is_the_same_in_every_form_of_its_file)
{
    unsigned char raw[32];
    char line[80];
    for (unsigned i = 0; i < sizeof raw; i++)
        raw[i] = (unsigned char)i;
    static const char *const endings[] = {"", "\n", "\r\n"};
    if (_i < 3) {
        snprintf(line, sizeof line, "%s%s", hex_key, endings[_i]);
        write_key(line, strlen(line), 0400);
    } else {
        write_key(raw, sizeof raw, 0600);
    }
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_msg(key != NULL, "%s", error.detail);
    ck_assert_str_eq(seal_key_id(key), KEY_ID);
    seal_key_free(key);
}
END_TEST

START_TEST(a_file_that_is_no_key_is_refused)
{
    static const char zeros[32];
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"", 0},
        {hex_key, 63},
        {"0001020304050607", 16},
        {zeros, 32},
        {"zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n", 66},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0", 65},
        {" 00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0", 65},
    };
    write_key(wrong[_i].bytes, wrong[_i].size, 0600);
    check_refused("is no master key");
}
END_TEST

START_TEST(a_file_longer_than_any_key_is_refused)
{
    char bytes[5000];
    memset(bytes, 'a', sizeof bytes);
    write_key(bytes, sizeof bytes, 0600);
    check_refused("is no master key");
}
END_TEST

START_TEST(a_key_that_others_can_read_is_refused)
{
    static const mode_t modes[] = {0640, 0604, 0660, 0602, 0610};
    write_key(hex_key, 64, modes[_i]);
    check_refused("chmod 600");
}
END_TEST

START_TEST(a_credential_of_systemd_may_have_its_own_mode)
{
    write_key(hex_key, 64, 0440);
    check_refused("chmod 600");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    seal_key_free(key);
    setenv("CREDENTIALS_DIRECTORY", "/tm", 1);
    check_refused("chmod 600");
    char longer[80];
    snprintf(longer, sizeof longer, "%s/..", folder);
    setenv("CREDENTIALS_DIRECTORY", "/usr", 1);
    snprintf(longer, sizeof longer, "/usr/..%s", path);
    ck_assert_ptr_null(seal_key_read(longer, &error));
}
END_TEST

START_TEST(what_is_not_a_file_is_refused_without_waiting)
{
    check_refused("cannot be opened");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_refused("is not a file");
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    check_refused("is not a file");
    rmdir(path);
}
END_TEST

START_TEST(a_new_key_can_be_read_and_is_never_overwritten)
{
    struct stat status;
    char first[SEAL_ID_SIZE];
    umask(0);
    ck_assert(seal_key_create(path, &error));
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0600);
    ck_assert_int_eq(status.st_size, 65);
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    strcpy(first, seal_key_id(key));
    seal_key_free(key);
    ck_assert(!seal_key_create(path, &error));
    ck_assert_int_eq(error.code, ERROR_CONFLICT);
    key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    ck_assert_str_eq(seal_key_id(key), first);
    seal_key_free(key);
    unlink(path);
    ck_assert(seal_key_create(path, &error));
    key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    ck_assert_str_ne(seal_key_id(key), first);
    seal_key_free(key);
}
END_TEST

START_TEST(a_key_can_be_made_where_one_stands)
{
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_msg(seal_key_create("key", &error), "%s", error.detail);
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    seal_key_free(key);
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(a_key_is_not_made_through_a_link)
{
    ck_assert_int_eq(symlink("/tmp/test_seal.elsewhere", path), 0);
    ck_assert(!seal_key_create(path, &error));
    ck_assert_int_ne(access("/tmp/test_seal.elsewhere", F_OK), 0);
}
END_TEST

START_TEST(a_key_in_no_folder_says_so)
{
    ck_assert(!seal_key_create("/nowhere/at/all/key", &error));
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(error.detail, "/nowhere/at/all/key"));
}
END_TEST

START_TEST(a_seed_comes_back_with_its_own_key_only)
{
    char opened[32];
    static const char zeros[32];
    size_t size;
    write_key(hex_key, 64, 0600);
    struct seal_key *key = seal_key_read(path, &error);
    unlink(path);
    ck_assert(seal_key_create(path, &error));
    struct seal_key *other = seal_key_read(path, &error);
    ck_assert(key != NULL && other != NULL);

    unsigned char *sealed = seal_lock(key, arena, seed, sizeof seed, &size);
    ck_assert_uint_eq(size, 24 + 16 + 32);
    ck_assert(seal_open(key, sealed, size, opened, sizeof opened, &error));
    ck_assert_mem_eq(opened, seed, sizeof seed);

    ck_assert(!seal_open(other, sealed, size, opened, sizeof opened, &error));
    ck_assert_int_eq(error.code, ERROR_NO_MASTER_KEY);
    ck_assert_mem_eq(opened, zeros, sizeof zeros);
    seal_key_free(key);
    seal_key_free(other);
    seal_key_free(NULL);
}
END_TEST

START_TEST(a_sealed_seed_with_any_byte_changed_or_missing_does_not_open)
{
    char opened[32];
    size_t size;
    write_key(hex_key, 64, 0600);
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    unsigned char *sealed = seal_lock(key, arena, seed, sizeof seed, &size);
    for (size_t i = 0; i < size; i++) {
        sealed[i] ^= 0x80;
        ck_assert(!seal_open(key, sealed, size, opened, sizeof opened, &error));
        sealed[i] ^= 0x80;
        ck_assert(!seal_open(key, sealed, i, opened, sizeof opened, &error));
    }
    ck_assert(!seal_open(key, sealed, size, opened, sizeof opened - 1, &error));
    ck_assert(seal_open(key, sealed, size, opened, sizeof opened, &error));
    seal_key_free(key);
}
END_TEST

START_TEST(the_same_seed_never_looks_the_same_sealed)
{
    size_t size;
    write_key(hex_key, 64, 0600);
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    unsigned char *first = seal_lock(key, arena, seed, sizeof seed, &size);
    unsigned char *second = seal_lock(key, arena, seed, sizeof seed, &size);
    ck_assert_mem_ne(first, second, 24);
    ck_assert_mem_ne(first + 24, second + 24, size - 24);
    seal_key_free(key);
}
END_TEST

static const unsigned char data_key[SEAL_KEY_SIZE] = "a data key of thirty-two bytes..";

START_TEST(a_persons_box_opens_with_its_key_for_what_it_is_about_and_for_nothing_else)
{
    static const char person[] = "Anna, 198501012382";
    unsigned char other_key[SEAL_KEY_SIZE];
    char opened[sizeof person];
    size_t size;
    unsigned char *box = seal_box(data_key, arena, "unit 1", 6, person, sizeof person, &size);
    ck_assert_uint_eq(seal_box_content(size), sizeof person);
    ck_assert(seal_unbox(data_key, "unit 1", 6, box, size, opened));
    ck_assert_mem_eq(opened, person, sizeof person);
    ck_assert(!seal_unbox(data_key, "unit 2", 6, box, size, opened));
    ck_assert_int_eq(opened[0], 0);
    ck_assert(!seal_unbox(data_key, "unit 1", 5, box, size, opened));
    memcpy(other_key, data_key, sizeof other_key);
    other_key[31] ^= 1;
    ck_assert(!seal_unbox(other_key, "unit 1", 6, box, size, opened));
    for (size_t i = 0; i < size; i++) {
        box[i] ^= 0x40;
        ck_assert(!seal_unbox(data_key, "unit 1", 6, box, size, opened));
        box[i] ^= 0x40;
    }
    ck_assert(!seal_unbox(data_key, "unit 1", 6, box, size - 1, opened));
    ck_assert_uint_eq(seal_box_content(39), 0);
    ck_assert(!seal_unbox(data_key, "unit 1", 6, box, 39, opened));
}
END_TEST

START_TEST(the_same_person_never_looks_the_same_in_a_box)
{
    size_t size;
    void *first = seal_box(data_key, arena, "", 0, seed, sizeof seed, &size);
    void *second = seal_box(data_key, arena, "", 0, seed, sizeof seed, &size);
    ck_assert_mem_ne(first, second, 24);
    ck_assert_mem_ne((char *)first + 24, (char *)second + 24, size - 24);
}
END_TEST

START_TEST(a_key_for_one_purpose_is_none_for_another)
{
    unsigned char one[SEAL_KEY_SIZE], same[SEAL_KEY_SIZE], two[SEAL_KEY_SIZE];
    ck_assert(seal_key_create(path, &error));
    struct seal_key *key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    seal_derive(key, "vault", one);
    seal_derive(key, "vault", same);
    seal_derive(key, "digest", two);
    ck_assert_mem_eq(one, same, sizeof one);
    ck_assert_mem_ne(one, two, sizeof one);
    seal_key_free(key);
}
END_TEST

static Suite *
seal_suite(void)
{
    Suite *suite = suite_create("seal");
    TCase *keys = tcase_create("keys");
    tcase_add_checked_fixture(keys, make_folder, remove_folder);
    tcase_add_loop_test(keys, a_key_is_the_same_in_every_form_of_its_file, 0, 4);
    tcase_add_loop_test(keys, a_file_that_is_no_key_is_refused, 0, 8);
    tcase_add_test(keys, a_file_longer_than_any_key_is_refused);
    tcase_add_loop_test(keys, a_key_that_others_can_read_is_refused, 0, 5);
    tcase_add_test(keys, a_credential_of_systemd_may_have_its_own_mode);
    tcase_add_test(keys, what_is_not_a_file_is_refused_without_waiting);
    tcase_add_test(keys, a_new_key_can_be_read_and_is_never_overwritten);
    tcase_add_test(keys, a_key_can_be_made_where_one_stands);
    tcase_add_test(keys, a_key_is_not_made_through_a_link);
    tcase_add_test(keys, a_key_in_no_folder_says_so);
    suite_add_tcase(suite, keys);
    TCase *boxes = tcase_create("boxes");
    tcase_add_checked_fixture(boxes, make_folder, remove_folder);
    tcase_add_test(boxes, a_seed_comes_back_with_its_own_key_only);
    tcase_add_test(boxes, a_sealed_seed_with_any_byte_changed_or_missing_does_not_open);
    tcase_add_test(boxes, the_same_seed_never_looks_the_same_sealed);
    tcase_add_test(
        boxes, a_persons_box_opens_with_its_key_for_what_it_is_about_and_for_nothing_else);
    tcase_add_test(boxes, the_same_person_never_looks_the_same_in_a_box);
    tcase_add_test(boxes, a_key_for_one_purpose_is_none_for_another);
    suite_add_tcase(suite, boxes);
    return suite;
}

TEST_MAIN(seal_suite)
