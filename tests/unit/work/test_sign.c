/*
 * test_sign.c: signatures of webhooks against the published vector (Standard Webhooks 1.0.0).
 */
#include "work/sign.h"

#include "tests/unit/check_main.h"

#include <string.h>

static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char body[] = "{\"test\": 2432232314}";
static const char wanted[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

START_TEST(test_receivers_verify_what_rctd_signs)
{
    struct arena *arena = arena_new();
    struct sign_key key;
    ck_assert(sign_key_read(secret, &key));
    ck_assert_uint_eq(key.size, 24);
    ck_assert_str_eq(sign_webhook(arena, &key, 1, id, 1614265330, body), wanted);
    arena_free(arena);
}
END_TEST

START_TEST(test_while_a_key_rotates_receivers_with_the_old_one_still_verify)
{
    struct arena *arena = arena_new();
    struct sign_key keys[2];
    ck_assert(sign_key_read("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", &keys[0]));
    ck_assert(sign_key_read(secret, &keys[1]));
    const char *both = sign_webhook(arena, keys, 2, id, 1614265330, body);
    const char *blank = strchr(both, ' ');
    ck_assert_ptr_nonnull(blank);
    ck_assert_str_eq(blank + 1, wanted);
    ck_assert_int_eq(strncmp(both, "v1,", 3), 0);
    ck_assert_ptr_null(strchr(blank + 1, ' '));
    arena_free(arena);
}
END_TEST

START_TEST(test_another_id_time_or_body_has_another_signature)
{
    struct arena *arena = arena_new();
    struct sign_key key;
    ck_assert(sign_key_read(secret, &key));
    ck_assert_str_ne(sign_webhook(arena, &key, 1, "msg_other", 1614265330, body), wanted);
    ck_assert_str_ne(sign_webhook(arena, &key, 1, id, 1614265331, body), wanted);
    ck_assert_str_ne(sign_webhook(arena, &key, 1, id, 1614265330, "{}"), wanted);
    arena_free(arena);
}
END_TEST

#define A16 "AAAAAAAAAAAAAAAA"

/* 23 and 65 bytes are no key; 24 and 64 are. */
START_TEST(test_what_is_no_secret_is_not_signed_with)
{
    static const char *const bad[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        "whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "whsec_" A16 A16 A16 A16 A16 "AAAAAAA=",
    };
    static const char most[] = "whsec_" A16 A16 A16 A16 A16 "AAAAAA==";
    struct sign_key key;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!sign_key_read(bad[i], &key), "%s was taken", bad[i]);
    ck_assert(sign_key_read(most, &key));
    ck_assert_uint_eq(key.size, 64);
}
END_TEST

static Suite *
suite(void)
{
    Suite *made = suite_create("sign");
    TCase *tests = tcase_create("webhook");
    tcase_add_test(tests, test_receivers_verify_what_rctd_signs);
    tcase_add_test(tests, test_while_a_key_rotates_receivers_with_the_old_one_still_verify);
    tcase_add_test(tests, test_another_id_time_or_body_has_another_signature);
    tcase_add_test(tests, test_what_is_no_secret_is_not_signed_with);
    suite_add_tcase(made, tests);
    return made;
}

TEST_MAIN(suite)
