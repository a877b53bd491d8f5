/*
 * test_digest.c: hashes are those of the standards, and text forms are read strictly.
 */
#include "base/digest.h"

#include "../check_main.h"

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

/* FIPS 180-4 examples. */
START_TEST(sha256_is_that_of_the_standard)
{
    char hex[DIGEST_HEX_SIZE];
    ck_assert_str_eq(digest_hex(digest_sha256("", 0), hex),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(digest_hex(digest_sha256("abc", 3), hex),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* RFC 4231, cases 1, 2 and 6: a short key, a key of text, a key longer than a block. */
START_TEST(hmac_is_that_of_the_standard)
{
    char hex[DIGEST_HEX_SIZE];
    unsigned char key[131];
    memset(key, 0x0b, 20);
    ck_assert_str_eq(digest_hex(digest_hmac(key, 20, "Hi There", 8), hex),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    ck_assert_str_eq(digest_hex(digest_hmac("Jefe", 4, "what do ya want for nothing?", 28), hex),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    ck_assert_str_eq(digest_hex(digest_hmac(key, sizeof key,
                                    "Test Using Larger Than Block-Size Key - Hash Key First", 54),
                         hex),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(digests_that_differ_anywhere_are_not_equal)
{
    struct digest first = digest_sha256("abc", 3);
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        struct digest other = first;
        ck_assert(digest_equal(first, other));
        other.bytes[i] ^= 1;
        ck_assert(!digest_equal(first, other));
    }
}
END_TEST

START_TEST(hex_is_read_whole_or_not_at_all)
{
    static const char *const wrong[] = {"", "00", "0011220", "001122334", "0011223g", "0011 233",
        "00112233 ", "0x112233", "00112233\n", "00:11:22"};
    unsigned char bytes[4];
    ck_assert(hex_decode("00fFAb7e", bytes, sizeof bytes));
    ck_assert_mem_eq(bytes, "\x00\xff\xab\x7e", 4);
    ck_assert_str_eq(hex_encode(arena, bytes, sizeof bytes), "00ffab7e");
    ck_assert_str_eq(hex_encode(arena, "", 0), "");
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        ck_assert_msg(!hex_decode(wrong[i], bytes, sizeof bytes), "%s", wrong[i]);
}
END_TEST

/* RFC 4648, section 10, and bytes that need + and /. */
START_TEST(base64_is_that_of_the_standard)
{
    static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+"}};
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        char bytes[16];
        size_t size = sizeof bytes;
        size_t length = strlen(vectors[i][0]);
        ck_assert_str_eq(base64_encode(arena, vectors[i][0], length), vectors[i][1]);
        ck_assert(base64_decode(vectors[i][1], bytes, &size));
        ck_assert_uint_eq(size, length);
        ck_assert_mem_eq(bytes, vectors[i][0], length);
    }
}
END_TEST

/* Two texts for the same bytes would let one signature or token pass as two. */
START_TEST(base64_is_read_strictly)
{
    static const char *const wrong[] = {"Zg", "Zg=", "Zg===", "Zm9v\n", " Zm9v", "Zm9v=", "Zm-_",
        "Zh==", "Zm9=", "Z", "====", "Zm9vYg==x", "Zm 9v"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char bytes[16];
        size_t size = sizeof bytes;
        ck_assert_msg(!base64_decode(wrong[i], bytes, &size), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(base64_never_writes_behind_its_room)
{
    char bytes[4] = {0, 0, 0, 'x'};
    size_t size = 3;
    ck_assert(base64_decode("Zm9v", bytes, &size));
    size = 2;
    ck_assert(!base64_decode("Zm9v", bytes, &size));
    ck_assert_int_eq(bytes[3], 'x');
}
END_TEST

static Suite *
digest_suite(void)
{
    Suite *suite = suite_create("digest");
    TCase *hashes = tcase_create("hashes");
    tcase_add_checked_fixture(hashes, make_arena, free_arena);
    tcase_add_test(hashes, sha256_is_that_of_the_standard);
    tcase_add_test(hashes, hmac_is_that_of_the_standard);
    tcase_add_test(hashes, digests_that_differ_anywhere_are_not_equal);
    tcase_add_test(hashes, hex_is_read_whole_or_not_at_all);
    tcase_add_test(hashes, base64_is_that_of_the_standard);
    tcase_add_test(hashes, base64_is_read_strictly);
    tcase_add_test(hashes, base64_never_writes_behind_its_room);
    suite_add_tcase(suite, hashes);
    return suite;
}

TEST_MAIN(digest_suite)
