/*
 * address.c: tells addresses of the public internet from all others (IANA's special-purpose
 * registries, RFC 6890). IPv6 forms that carry an IPv4 address are judged by that one.
 */
#include "work/address.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define MAPPED 96 /* bits before the IPv4 address in ::ffff:a.b.c.d */

struct special {
    const char *address;
    unsigned prefix;
};

static const struct special special4[] = {
    {"0.0.0.0", 8},       /* this network */
    {"10.0.0.0", 8},      /* private */
    {"100.64.0.0", 10},   /* carrier-grade NAT */
    {"127.0.0.0", 8},     /* loopback */
    {"169.254.0.0", 16},  /* link-local, and the metadata services of clouds */
    {"172.16.0.0", 12},   /* private */
    {"192.0.0.0", 24},    /* protocol assignments */
    {"192.0.2.0", 24},    /* documentation */
    {"192.88.99.0", 24},  /* 6to4 relays */
    {"192.168.0.0", 16},  /* private */
    {"198.18.0.0", 15},   /* benchmarks */
    {"198.51.100.0", 24}, /* documentation */
    {"203.0.113.0", 24},  /* documentation */
    {"224.0.0.0", 4},     /* multicast */
    {"240.0.0.0", 4},     /* reserved, broadcast */
};

/* Within 2000::/3; everything outside of it is refused. */
static const struct special special6[] = {
    {"2001::", 23},     /* protocol assignments: Teredo, benchmarks, ORCHID */
    {"2001:db8::", 32}, /* documentation */
    {"2002::", 16},     /* 6to4 */
    {"3fff::", 20},     /* documentation */
};

static bool
is_within(const uint8_t bytes[16], const uint8_t network[16], unsigned prefix)
{
    unsigned whole = prefix / 8;
    if (memcmp(bytes, network, whole) != 0)
        return false;
    if (prefix % 8 == 0)
        return true;
    uint8_t mask = (uint8_t)(0xff << (8 - prefix % 8));
    return (bytes[whole] & mask) == (network[whole] & mask);
}

static void
map4(const void *address, uint8_t bytes[16])
{
    memset(bytes, 0, 10);
    bytes[10] = bytes[11] = 0xff;
    memcpy(bytes + 12, address, 4);
}

/* ::ffff:0:0/96 and 64:ff9b::/96 (NAT64) carry an IPv4 address. */
static bool
carries_ipv4(const uint8_t bytes[16])
{
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[16] = {0x00, 0x64, 0xff, 0x9b};
    return is_within(bytes, mapped, MAPPED) || is_within(bytes, nat64, MAPPED);
}

static bool
is_special4(const uint8_t address[4])
{
    for (size_t i = 0; i < COUNT_OF(special4); i++) {
        uint8_t given[16];
        uint8_t network[16];
        struct in_addr parsed;
        inet_pton(AF_INET, special4[i].address, &parsed);
        map4(&parsed, network);
        map4(address, given);
        if (is_within(given, network, MAPPED + special4[i].prefix))
            return true;
    }
    return false;
}

static bool
is_special6(const uint8_t bytes[16])
{
    static const uint8_t global_unicast[16] = {0x20};
    if (!is_within(bytes, global_unicast, 3))
        return true;
    for (size_t i = 0; i < COUNT_OF(special6); i++) {
        struct in6_addr network;
        inet_pton(AF_INET6, special6[i].address, &network);
        if (is_within(bytes, network.s6_addr, special6[i].prefix))
            return true;
    }
    return false;
}

static bool
is_public(const uint8_t bytes[16])
{
    return carries_ipv4(bytes) ? !is_special4(bytes + 12) : !is_special6(bytes);
}

/* The 16 bytes that everything here works on. */
static bool
read_sockaddr(const struct sockaddr *address, uint8_t bytes[16])
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        map4(&v4.sin_addr, bytes);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        memcpy(bytes, v6.sin6_addr.s6_addr, 16);
        if (carries_ipv4(bytes))
            map4(v6.sin6_addr.s6_addr + 12, bytes);
        return true;
    }
    return false;
}

enum address_verdict
address_judge(const struct address_rules *rules, const struct sockaddr *address)
{
    uint8_t bytes[16];
    if (!read_sockaddr(address, bytes))
        return ADDRESS_REFUSED;
    for (size_t i = 0; i < rules->count; i++)
        if (is_within(bytes, rules->ranges[i].bytes, rules->ranges[i].prefix))
            return ADDRESS_ALLOWED;
    return is_public(bytes) ? ADDRESS_PUBLIC : ADDRESS_REFUSED;
}

/* "ADDRESS" or "ADDRESS/PREFIX". */
static bool
read_range(char *text, struct address_range *range)
{
    struct in_addr v4;
    struct in6_addr v6;
    long long prefix = -1;
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
        if (!text_to_int64(slash + 1, &prefix) || prefix < 0)
            return false;
    }
    if (inet_pton(AF_INET, text, &v4) == 1) {
        map4(&v4, range->bytes);
        range->prefix = MAPPED + (prefix < 0 ? 32 : (unsigned)prefix);
        return prefix <= 32;
    }
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return false;
    memcpy(range->bytes, v6.s6_addr, 16);
    range->prefix = prefix < 0 ? 128 : (unsigned)prefix;
    return prefix <= 128;
}

bool
address_rules_read(
    struct arena *arena, const char *text, struct address_rules *rules, struct error *error)
{
    static const char between[] = ", \t";
    size_t capacity = 0;
    *rules = (struct address_rules){0};
    while (text != NULL && *(text += strspn(text, between)) != '\0') {
        size_t length = strcspn(text, between);
        char *one = arena_strndup(arena, text, length);
        rules->ranges =
            arena_grow(arena, rules->ranges, rules->count, &capacity, sizeof *rules->ranges);
        if (!read_range(one, &rules->ranges[rules->count]))
            return error_set(error, ERROR_CONFIG, "webhook_allow",
                "webhook_allow: %.*s is no network; write it like 10.1.0.0/16 or fd00::/8",
                length > 60 ? 60 : (int)length, text);
        rules->count++;
        text += length;
    }
    return true;
}

const char *
address_text(const struct sockaddr *address, char out[ADDRESS_TEXT_SIZE])
{
    uint8_t bytes[16];
    if (!read_sockaddr(address, bytes))
        snprintf(out, ADDRESS_TEXT_SIZE, "no internet address");
    else if (carries_ipv4(bytes))
        inet_ntop(AF_INET, bytes + 12, out, ADDRESS_TEXT_SIZE);
    else
        inet_ntop(AF_INET6, bytes, out, ADDRESS_TEXT_SIZE);
    return out;
}
