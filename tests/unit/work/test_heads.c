/*
 * test_heads.c: the signed lines of the audit heads file: the root follows RFC 6962, a line tells
 * what went on since the line before, and its signature holds.
 */
#include "work/heads.h"

#include "base/bits.h"
#include "tests/unit/check_main.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct digest
plain_root(const struct digest *leaves, size_t count)
{
    uint8_t bytes[1 + 2 * DIGEST_SIZE] = {1};
    size_t split = 1;
    if (count == 0)
        return digest_sha256("", 0);
    if (count == 1)
        return leaves[0];
    while (split * 2 < count)
        split *= 2;
    struct digest left = plain_root(leaves, split);
    struct digest right = plain_root(leaves + split, count - split);
    memcpy(bytes + 1, left.bytes, DIGEST_SIZE);
    memcpy(bytes + 1 + DIGEST_SIZE, right.bytes, DIGEST_SIZE);
    return digest_sha256(bytes, sizeof bytes);
}

START_TEST(test_the_root_is_that_of_rfc_6962)
{
    struct digest leaves[70];
    struct merkle merkle = {0};
    for (size_t i = 0; i < COUNT_OF(leaves); i++) {
        struct digest root = merkle_root(&merkle);
        struct digest wanted = plain_root(leaves, i);
        ck_assert_msg(digest_equal(root, wanted), "with %zu leaves", i);
        leaves[i] = digest_sha256(&i, sizeof i);
        merkle_add(&merkle, leaves[i]);
    }
}
END_TEST

static struct stream_head heads[3];
static struct seal_key *key;
static struct arena *arena;
static struct heads_seen *seen;
static char path[32];

static void
prepare(void)
{
    struct error error = ERROR_CLEAR;
    static const char *const names[] = {"stratum:rct/size=10-49", "trial", "unit:\"odd\\name"};
    arena = arena_new();
    seen = heads_seen_new();
    snprintf(path, sizeof path, "/tmp/rctd-heads-XXXXXX");
    close(mkstemp(path));
    unlink(path);
    ck_assert_msg(seal_key_create(path, &error), "%s", error.detail);
    key = seal_key_read(path, &error);
    ck_assert_ptr_nonnull(key);
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        heads[i] = (struct stream_head){
            .stream = names[i], .sequence = (int64_t)i + 1, .hash = digest_sha256(&i, sizeof i)};
}

static void
clear(void)
{
    unlink(path);
    seal_key_free(key);
    heads_seen_free(seen);
    arena_free(arena);
}

static json_t *
line(void)
{
    struct heads_line *made = heads_line_start(arena, seen);
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        heads_line_add(&heads[i], made);
    const char *text = heads_line_end(made, key, INT64_C(1798531200000000));
    heads_line_written(made, seen);
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json != NULL, "%s", text);
    return json;
}

START_TEST(test_a_line_holds_what_went_on_since_the_line_before)
{
    json_t *first = line();
    ck_assert_uint_eq(json_array_size(json_object_get(first, "heads")), 3);
    ck_assert_int_eq(json_integer_value(json_object_get(first, "count")), 3);
    ck_assert_str_eq(
        json_string_value(json_array_get(json_array_get(json_object_get(first, "heads"), 2), 1)),
        "unit:\"odd\\name");
    json_t *quiet = line();
    ck_assert_uint_eq(json_array_size(json_object_get(quiet, "heads")), 0);
    ck_assert(json_equal(json_object_get(first, "root"), json_object_get(quiet, "root")));
    heads[1].sequence++;
    heads[1].hash = digest_sha256("next", 4);
    json_t *third = line();
    const json_t *only = json_array_get(json_object_get(third, "heads"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(third, "heads")), 1);
    ck_assert_str_eq(json_string_value(json_array_get(only, 1)), "trial");
    ck_assert_int_eq(json_integer_value(json_array_get(only, 2)), 3);
    ck_assert(!json_equal(json_object_get(first, "root"), json_object_get(third, "root")));
    json_decref(first);
    json_decref(quiet);
    json_decref(third);
}
END_TEST

START_TEST(test_a_changed_hash_alone_changes_the_root)
{
    struct digest before = heads_leaf(&heads[0]);
    heads[0].hash.bytes[31] ^= 1;
    struct digest after = heads_leaf(&heads[0]);
    ck_assert(!digest_equal(before, after));
}
END_TEST

START_TEST(test_an_auditor_verifies_a_line_with_the_public_key_alone)
{
    unsigned char signature[SEAL_SIGNATURE_SIZE];
    unsigned char public_key[SEAL_PUBLIC_KEY_SIZE];
    json_t *json = line();
    const char *root = json_string_value(json_object_get(json, "root"));
    ck_assert(hex_decode(
        json_string_value(json_object_get(json, "signature")), signature, sizeof signature));
    ck_assert(
        hex_decode(json_string_value(json_object_get(json, "key")), public_key, sizeof public_key));
    ck_assert_str_eq(json_string_value(json_object_get(json, "key")), heads_public_key(arena, key));
    char *text = arena_printf(arena, "rctd-heads-v1\n2026-12-29T08:00:00.000000Z\n3\n%s\n", root);
    const unsigned char *bytes = (const unsigned char *)text;
    ck_assert_int_eq(crypto_sign_verify_detached(signature, bytes, strlen(text), public_key), 0);
    text[20] ^= 1;
    ck_assert_int_ne(crypto_sign_verify_detached(signature, bytes, strlen(text), public_key), 0);
    json_decref(json);
}
END_TEST

static Suite *
suite(void)
{
    Suite *made = suite_create("heads");
    TCase *tests = tcase_create("lines");
    tcase_add_checked_fixture(tests, prepare, clear);
    tcase_add_test(tests, test_the_root_is_that_of_rfc_6962);
    tcase_add_test(tests, test_a_line_holds_what_went_on_since_the_line_before);
    tcase_add_test(tests, test_a_changed_hash_alone_changes_the_root);
    tcase_add_test(tests, test_an_auditor_verifies_a_line_with_the_public_key_alone);
    suite_add_tcase(made, tests);
    return made;
}

TEST_MAIN(suite)
