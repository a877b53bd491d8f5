/*
 * test_headers.c: tokens, idempotency keys, entity tags, pages and the screening of a request's
 * head.
 */
#include "../check_main.h"
#include "http/auth.h"
#include "http/etag.h"
#include "http/idempotency.h"
#include "http/page.h"
#include "http/screen.h"
#include "http/target.h"
#include "request_maker.h"

#include <stdio.h>

#define SIXTEEN "0123456789abcdef"
#define LONGEST SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN

/* ---- Tokens ---- */

START_TEST(a_new_token_is_recognised_and_any_typing_error_in_it)
{
    char token[AUTH_TOKEN_SIZE];
    char other[AUTH_TOKEN_SIZE];
    auth_token_new(token);
    auth_token_new(other);
    ck_assert_uint_eq(strlen(token), AUTH_TOKEN_SIZE - 1);
    ck_assert_str_ne(token, other);
    ck_assert(auth_token_check(token));
    for (size_t i = 0; i < AUTH_TOKEN_SIZE - 1; i++) {
        char kept = token[i];
        token[i] = kept == 'x' ? 'y' : 'x';
        ck_assert_msg(!auth_token_check(token), "an error at %zu is not seen", i);
        token[i] = kept;
    }
    token[AUTH_TOKEN_SIZE - 2] = '\0';
    ck_assert(!auth_token_check(token));
    ck_assert(!auth_token_check(""));
}
END_TEST

START_TEST(the_stored_hash_is_sha256_of_the_token)
{
    char hex[DIGEST_HEX_SIZE];
    ck_assert_str_eq(digest_hex(auth_token_hash("abc"), hex),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

static const char *const bearer_right[] = {
    "Bearer abcdefghijklmnopqrstuvwxyz",
    "bearer abcdefghijklmnopqrstuvwxyz",
    "BEARER   abcdefghij-._~+/0123456789==",
};
static const char *const bearer_wrong[] = {
    "",
    "Bearer",
    "Bearer ",
    "Bearer short",
    "Basic abcdefghijklmnopqrstuvwxyz",
    "Bearerabcdefghijklmnopqrstuvwxyz",
    "Bearer abcdefghijklmnop qrstuvwxyz",
    "Bearer \"abcdefghijklmnopqrstuvwxyz\"",
    "Bearer =====================",
    "Bearer abcdefghijklmnopqrs=tuvwxyz",
    "Bearer abcdefghijklmnopqrstuvwxyz\xc3\xa5",
    "Bearer " LONGEST "0",
};

START_TEST(a_token_is_read_out_of_its_header)
{
    struct made made;
    const char *token;
    make_request(&made, NULL);
    put_header(&made, "authorization", bearer_right[_i]);
    ck_assert(auth_bearer(&made.request, &token, &made.error));
    ck_assert_msg(token[0] == 'a', "%s", token);
    drop_request(&made);
}
END_TEST

START_TEST(a_header_without_a_token_is_refused)
{
    struct made made;
    const char *token;
    make_request(&made, NULL);
    put_header(&made, "Authorization", bearer_wrong[_i]);
    ck_assert(!auth_bearer(&made.request, &token, &made.error));
    ck_assert_int_eq(made.error.code, ERROR_UNAUTHENTICATED);
    drop_request(&made);
}
END_TEST

START_TEST(two_tokens_in_one_request_are_refused)
{
    struct made made;
    const char *token;
    make_request(&made, NULL);
    ck_assert(!auth_bearer(&made.request, &token, &made.error));
    put_header(&made, "Authorization", bearer_right[0]);
    put_header(&made, "AUTHORIZATION", bearer_right[0]);
    ck_assert(!auth_bearer(&made.request, &token, &made.error));
    ck_assert_int_eq(made.error.code, ERROR_UNAUTHENTICATED);
    drop_request(&made);
}
END_TEST

START_TEST(an_error_never_repeats_the_token)
{
    struct made made;
    struct digest hash;
    make_request(&made, NULL);
    put_header(
        &made, "Authorization", "Bearer rctd_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    ck_assert(!auth_request(&made.request, &hash, &made.error));
    ck_assert_ptr_null(strstr(made.error.detail, "abcdef"));
    ck_assert_ptr_null(strstr(made.error.where, "abcdef"));
    drop_request(&made);
}
END_TEST

/* ---- Idempotency-Key ---- */

static const struct route keyed = {.key = KEY_REQUIRED};

struct key_sample {
    const char *header;
    const char *key; /* NULL: refused */
};

static const struct key_sample keys[] = {
    {"\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
    {"8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
    {"\"a\\\"b\\\\c\"", "a\"b\\c"},
    {LONGEST, LONGEST},
    {"\"" LONGEST "\"", LONGEST},
    {"", NULL},
    {"\"\"", NULL},
    {"\"", NULL},
    {"\"abc", NULL},
    {"\"abc\\", NULL},
    {"\"a\\bc\"", NULL},
    {"\"abc\"; a=1", NULL},
    {"a b", NULL},
    {"\"a b\"", NULL},
    {"a\"b", NULL},
    {"a\xc3\xa5", NULL},
    {LONGEST "0", NULL},
    {"\"" LONGEST "0\"", NULL},
};

START_TEST(a_key_is_read_in_both_its_forms)
{
    struct made made;
    const char *key;
    make_request(&made, &keyed);
    put_header(&made, "Idempotency-Key", keys[_i].header);
    bool taken = idempotency_key(&made.request, &key, &made.error);
    ck_assert_msg(taken == (keys[_i].key != NULL), "%s", keys[_i].header);
    if (taken)
        ck_assert_str_eq(key, keys[_i].key);
    else
        ck_assert_int_eq(made.error.code, ERROR_MALFORMED);
    drop_request(&made);
}
END_TEST

START_TEST(an_allocation_without_a_key_is_refused)
{
    static const struct route optional = {.key = KEY_OPTIONAL};
    static const struct route unused = {.key = KEY_UNUSED};
    struct made made;
    const char *key;
    make_request(&made, &keyed);
    ck_assert(!idempotency_key(&made.request, &key, &made.error));
    ck_assert_int_eq(made.error.code, ERROR_KEY_MISSING);
    made.request.route = &optional;
    ck_assert(idempotency_key(&made.request, &key, &made.error));
    ck_assert_ptr_null(key);
    put_header(&made, "Idempotency-Key", "a");
    put_header(&made, "Idempotency-Key", "b");
    ck_assert(!idempotency_key(&made.request, &key, &made.error));
    ck_assert_int_eq(made.error.code, ERROR_MALFORMED);
    made.request.route = &unused;
    ck_assert(idempotency_key(&made.request, &key, &made.error));
    ck_assert_ptr_null(key);
    drop_request(&made);
}
END_TEST

static struct digest
digest_of(const char *method, const char *target, const char *body)
{
    struct made made;
    make_request(&made, NULL);
    made.request.method = method;
    made.request.target = target;
    put_body(&made, body);
    struct digest digest = idempotency_digest(&made.request);
    drop_request(&made);
    return digest;
}

START_TEST(another_request_has_another_digest)
{
    struct digest one = digest_of("POST", "/v1/a", "{}");
    ck_assert(digest_equal(one, digest_of("POST", "/v1/a", "{}")));
    ck_assert(!digest_equal(one, digest_of("PUT", "/v1/a", "{}")));
    ck_assert(!digest_equal(one, digest_of("POST", "/v1/b", "{}")));
    ck_assert(!digest_equal(one, digest_of("POST", "/v1/a?dry_run=true", "{}")));
    ck_assert(!digest_equal(one, digest_of("POST", "/v1/a", "{ }")));
    ck_assert(!digest_equal(one, digest_of("POST", "/v1/a{", "}")));
}
END_TEST

/* ---- ETag ---- */

struct match_sample {
    const char *header; /* NULL: not sent */
    enum error_code code;
};

static const struct match_sample matches[] = {
    {"\"v7\"", ERROR_NONE},
    {"*", ERROR_NONE},
    {"\"v6\", \"v7\"", ERROR_NONE},
    {"\"v6\" ,\t\"v7\"", ERROR_NONE},
    {"\"v6\"", ERROR_STALE},
    {"\"v77\"", ERROR_STALE},
    {"W/\"v7\"", ERROR_STALE},
    {"\"\"", ERROR_STALE},
    {"v7", ERROR_MALFORMED},
    {"\"v7", ERROR_MALFORMED},
    {"\"v7\",", ERROR_MALFORMED},
    {"\"v7\" \"v8\"", ERROR_MALFORMED},
    {"", ERROR_MALFORMED},
    {NULL, ERROR_PRECONDITION_REQUIRED},
};

START_TEST(a_change_goes_through_only_on_what_was_read)
{
    struct made made;
    make_request(&made, NULL);
    if (matches[_i].header != NULL)
        put_header(&made, "If-Match", matches[_i].header);
    const char *current = etag_version(made.request.arena, 7);
    bool taken = etag_if_match(&made.request, current, &made.error);
    ck_assert(taken == (matches[_i].code == ERROR_NONE));
    if (!taken)
        ck_assert_int_eq(made.error.code, matches[_i].code);
    drop_request(&made);
}
END_TEST

/* ---- Pages ---- */

START_TEST(a_cursor_leads_back_to_its_key_and_filters_stay)
{
    struct made made;
    struct page page;
    struct http_response response = {0};
    char target[128];
    make_request(&made, NULL);
    ck_assert(target_parse(&made.request, "/v1/t?state=a&limit=2&after=MQ", &made.error));
    ck_assert(page_read(&made.request, &page, &made.faults, &made.error));
    ck_assert_int_eq(page.limit, 2);
    ck_assert_str_eq(page.after, "1");
    page_answer(&made.request, &response, json_array(), "W0002 \xc3\xa5");
    ck_assert_str_eq(response.headers[0].name, "Link");
    const char *link = response.headers[0].value;
    ck_assert_int_eq(sscanf(link, "<%100[^>]>; rel=\"next\"", target), 1);
    ck_assert_ptr_nonnull(strstr(target, "state=a"));
    ck_assert_ptr_null(strstr(target, "after=MQ"));
    ck_assert(target_parse(&made.request, target, &made.error));
    ck_assert(page_read(&made.request, &page, &made.faults, &made.error));
    ck_assert_str_eq(page.after, "W0002 \xc3\xa5");
    ck_assert_int_eq(page.limit, 2);
    drop_request(&made);
}
END_TEST

START_TEST(the_last_page_says_so)
{
    struct made made;
    struct http_response response = {0};
    make_request(&made, NULL);
    page_answer(&made.request, &response, json_array(), NULL);
    ck_assert_uint_eq(response.header_count, 0);
    ck_assert_str_eq(response.body, "{\"items\":[],\"next\":null}\n");
    drop_request(&made);
}
END_TEST

static const char *const bad_pages[] = {"/?limit=0", "/?limit=1001", "/?limit=", "/?limit=5x",
    "/?limit=-1", "/?after=", "/?after=%2A", "/?after=_w", "/?after=AA"};

START_TEST(a_page_that_cannot_be_is_refused)
{
    struct made made;
    struct page page;
    make_request(&made, NULL);
    ck_assert(target_parse(&made.request, bad_pages[_i], &made.error));
    ck_assert_msg(!page_read(&made.request, &page, &made.faults, &made.error), "%s", bad_pages[_i]);
    ck_assert_int_eq(made.error.code, ERROR_FIELDS);
    ck_assert_uint_eq(made.faults.count, 1);
    drop_request(&made);
}
END_TEST

/* ---- Targets ---- */

static const char *const bad_targets[] = {"", "v1", "*", "ftp://host/a", "http://host", "/a#b",
    "/%", "/%2", "/%zz", "/%00", "/%ff", "/%c0%af", "/%0a", "/\x01", "/a b", "/a?b=%", "/a?b=%ff",
    "/a?%00=1", "/<", "/\xff"};

START_TEST(a_target_that_is_not_well_formed_is_refused)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert_msg(
        !target_parse(&made.request, bad_targets[_i], &made.error), "taken: %s", bad_targets[_i]);
    ck_assert_int_eq(made.error.code, ERROR_MALFORMED);
    drop_request(&made);
}
END_TEST

START_TEST(a_target_is_taken_apart_and_decoded)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert(target_parse(&made.request, "http://h:1/a%2Fb?x=%C3%A5+1%2B&y&&z=a=b", &made.error));
    ck_assert_str_eq(made.request.path, "/a%2Fb");
    ck_assert_uint_eq(made.request.query_count, 3);
    ck_assert_str_eq(http_query(&made.request, "x"), "\xc3\xa5 1+");
    ck_assert_str_eq(http_query(&made.request, "y"), "");
    ck_assert_str_eq(http_query(&made.request, "z"), "a=b");
    ck_assert_ptr_null(http_query(&made.request, "X"));
    drop_request(&made);
}
END_TEST

/* ---- Heads ---- */

struct framing_sample {
    struct http_header headers[3];
    bool taken;
};

static const struct framing_sample framings[] = {
    {{{"Content-Length", "5"}}, true},
    {{{"Transfer-Encoding", "Chunked"}}, true},
    {{{"Content-Length", "5"}, {"content-length", "5"}}, false},
    {{{"Content-Length", "5"}, {"Content-Length", "6"}}, false},
    {{{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, false},
    {{{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}, false},
    {{{"Transfer-Encoding", "gzip, chunked"}}, false},
    {{{"Transfer-Encoding", "chunked, identity"}}, false},
    {{{"Transfer-Encoding", ""}}, false},
    {{{"Content-Length", ""}}, false},
    {{{"Content-Length", "5, 5"}}, false},
    {{{"Content-Length", "+5"}}, false},
    {{{"Content-Length", "-5"}}, false},
    {{{"Content-Length", "0x5"}}, false},
    {{{"Content-Length", "99999999999999999999"}}, false},
};

START_TEST(two_readers_can_never_disagree_on_where_a_body_ends)
{
    struct made made;
    struct framing framing;
    make_request(&made, NULL);
    for (size_t i = 0; i < 3 && framings[_i].headers[i].name != NULL; i++)
        put_header(&made, framings[_i].headers[i].name, framings[_i].headers[i].value);
    ck_assert(screen_framing(&made.request, &framing, &made.error) == framings[_i].taken);
    drop_request(&made);
}
END_TEST

START_TEST(a_head_that_is_not_well_formed_is_refused)
{
    static const struct http_header bad[] = {{"X A", "b"}, {"X-A ", "b"}, {"", "b"},
        {"X\xc3\xa5", "b"}, {"X-A", "b\x01"}, {"X-A", "b\x7f"}, {"Host", "again"}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct made made;
        make_request(&made, NULL);
        put_header(&made, "Host", "x");
        ck_assert(screen_headers(&made.request, "HTTP/1.1", &made.error));
        put_header(&made, bad[i].name, bad[i].value);
        ck_assert_msg(!screen_headers(&made.request, "HTTP/1.1", &made.error), "%zu", i);
        drop_request(&made);
    }
}
END_TEST

START_TEST(a_media_type_is_compared_with_care)
{
    ck_assert(screen_is_type("application/json", "application/json"));
    ck_assert(screen_is_type("Application/JSON", "application/json"));
    ck_assert(screen_is_type("application/json; charset=utf-8", "application/json"));
    ck_assert(screen_is_type("application/json ;charset=\"UTF-8\" ", "application/json"));
    ck_assert(screen_is_type("application/json;", "application/json"));
    ck_assert(!screen_is_type("application/jsonp", "application/json"));
    ck_assert(!screen_is_type("application/json, text/csv", "application/json"));
    ck_assert(!screen_is_type("application/json; charset=latin1", "application/json"));
    ck_assert(!screen_is_type("application/json; charset=utf-8x", "application/json"));
    ck_assert(!screen_is_type("application/json; charset=\"utf-8", "application/json"));
    ck_assert(!screen_is_type("text/json", "application/json"));
    ck_assert(!screen_is_type("", "application/json"));
}
END_TEST

static Suite *
headers_suite(void)
{
    Suite *suite = suite_create("headers");
    TCase *tests = tcase_create("headers");
    tcase_add_test(tests, a_new_token_is_recognised_and_any_typing_error_in_it);
    tcase_add_test(tests, the_stored_hash_is_sha256_of_the_token);
    tcase_add_loop_test(tests, a_token_is_read_out_of_its_header, 0, COUNT_OF(bearer_right));
    tcase_add_loop_test(tests, a_header_without_a_token_is_refused, 0, COUNT_OF(bearer_wrong));
    tcase_add_test(tests, two_tokens_in_one_request_are_refused);
    tcase_add_test(tests, an_error_never_repeats_the_token);
    tcase_add_loop_test(tests, a_key_is_read_in_both_its_forms, 0, COUNT_OF(keys));
    tcase_add_test(tests, an_allocation_without_a_key_is_refused);
    tcase_add_test(tests, another_request_has_another_digest);
    tcase_add_loop_test(tests, a_change_goes_through_only_on_what_was_read, 0, COUNT_OF(matches));
    tcase_add_test(tests, a_cursor_leads_back_to_its_key_and_filters_stay);
    tcase_add_test(tests, the_last_page_says_so);
    tcase_add_loop_test(tests, a_page_that_cannot_be_is_refused, 0, COUNT_OF(bad_pages));
    tcase_add_loop_test(
        tests, a_target_that_is_not_well_formed_is_refused, 0, COUNT_OF(bad_targets));
    tcase_add_test(tests, a_target_is_taken_apart_and_decoded);
    tcase_add_loop_test(
        tests, two_readers_can_never_disagree_on_where_a_body_ends, 0, COUNT_OF(framings));
    tcase_add_test(tests, a_head_that_is_not_well_formed_is_refused);
    tcase_add_test(tests, a_media_type_is_compared_with_care);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(headers_suite)
