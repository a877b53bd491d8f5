/*
 * test_address.c: which addresses reminders may be sent to. A hole here lets a trial manager's
 * webhook reach into the operator's own network.
 */
#include "work/address.h"

#include "tests/unit/check_main.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

union any {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static enum address_verdict
judge(const struct address_rules *rules, const char *text)
{
    union any address = {.any = {.sa_family = AF_INET}};
    if (strchr(text, ':') != NULL) {
        address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
        ck_assert_int_eq(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
    } else {
        ck_assert_int_eq(inet_pton(AF_INET, text, &address.v4.sin_addr), 1);
    }
    return address_judge(rules, &address.any);
}

static const char *const refused[] = {
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.1.1.1",
    "64:ff9b:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
};

static const char *const reached[] = {
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2a00:1450::1",
    "2600::1",
};

START_TEST(test_the_own_network_is_not_reached)
{
    const struct address_rules none = {0};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        ck_assert_msg(judge(&none, refused[i]) == ADDRESS_REFUSED, "%s is not refused", refused[i]);
}
END_TEST

START_TEST(test_the_public_internet_is_reached)
{
    const struct address_rules none = {0};
    for (size_t i = 0; i < COUNT_OF(reached); i++)
        ck_assert_msg(judge(&none, reached[i]) == ADDRESS_PUBLIC, "%s is refused", reached[i]);
}
END_TEST

START_TEST(test_a_socket_that_is_no_internet_address_is_refused)
{
    const struct address_rules none = {0};
    const union any address = {.local = {.sun_family = AF_UNIX, .sun_path = "/run/secret"}};
    char text[ADDRESS_TEXT_SIZE];
    ck_assert_int_eq(address_judge(&none, &address.any), ADDRESS_REFUSED);
    ck_assert_str_eq(address_text(&address.any, text), "no internet address");
}
END_TEST

START_TEST(test_what_the_operator_allows_is_reached_and_nothing_beside_it)
{
    struct arena *arena = arena_new();
    struct error error = ERROR_CLEAR;
    struct address_rules rules;
    ck_assert(address_rules_read(arena,
        " 10.1.0.0/16, 127.0.0.1\tfd00:1::/32,,2001:db8::7 203.0.113.128/25", &rules, &error));
    ck_assert_uint_eq(rules.count, 5);
    static const char *const allowed[] = {"10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3",
        "64:ff9b::10.1.2.3", "127.0.0.1", "fd00:1:ffff::1", "2001:db8::7", "203.0.113.128",
        "203.0.113.255"};
    static const char *const beside[] = {
        "10.0.255.255", "10.2.0.0", "127.0.0.2", "fd00:2::1", "2001:db8::8", "203.0.113.127"};
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        ck_assert_msg(judge(&rules, allowed[i]) == ADDRESS_ALLOWED, "%s", allowed[i]);
    for (size_t i = 0; i < COUNT_OF(beside); i++)
        ck_assert_msg(judge(&rules, beside[i]) == ADDRESS_REFUSED, "%s", beside[i]);
    ck_assert_int_eq(judge(&rules, "1.1.1.1"), ADDRESS_PUBLIC);
    arena_free(arena);
}
END_TEST

START_TEST(test_a_list_of_everything_allows_everything)
{
    struct arena *arena = arena_new();
    struct error error = ERROR_CLEAR;
    struct address_rules rules;
    ck_assert(address_rules_read(arena, "0.0.0.0/0 ::/0", &rules, &error));
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        ck_assert_int_eq(judge(&rules, refused[i]), ADDRESS_ALLOWED);
    arena_free(arena);
}
END_TEST

START_TEST(test_a_mistake_in_the_operators_list_is_told_at_the_start)
{
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0/8", "localhost", "10.0.0.0/-1",
        "10.0.0.0/", "fd00::/129", "10.0.0.0/8 x", "1.2.3.4/8/8", "300.0.0.1"};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error error = ERROR_CLEAR;
        struct address_rules rules;
        ck_assert_msg(!address_rules_read(arena, bad[i], &rules, &error), "%s was taken", bad[i]);
        ck_assert_int_eq(error.code, ERROR_CONFIG);
    }
    arena_free(arena);
}
END_TEST

static Suite *
suite(void)
{
    Suite *made = suite_create("address");
    TCase *tests = tcase_create("rules");
    tcase_add_test(tests, test_the_own_network_is_not_reached);
    tcase_add_test(tests, test_the_public_internet_is_reached);
    tcase_add_test(tests, test_a_socket_that_is_no_internet_address_is_refused);
    tcase_add_test(tests, test_what_the_operator_allows_is_reached_and_nothing_beside_it);
    tcase_add_test(tests, test_a_list_of_everything_allows_everything);
    tcase_add_test(tests, test_a_mistake_in_the_operators_list_is_told_at_the_start);
    suite_add_tcase(made, tests);
    return made;
}

TEST_MAIN(suite)
