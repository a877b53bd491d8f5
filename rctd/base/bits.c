/*
 * bits.c: random bytes and UUIDv7, by libsodium's generator.
 */
#include "base/bits.h"

#include "base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
bits_start(void)
{
    if (sodium_init() < 0) {
        fputs("rctd: this machine gives no randomness (libsodium does not start)\n", stderr);
        abort();
    }
}

void
bits_random(void *bytes, size_t size)
{
    randombytes_buf(bytes, size);
}

uint32_t
bits_uniform(uint32_t bound)
{
    return randombytes_uniform(bound);
}

struct uuid
uuid_new(void)
{
    struct uuid id;
    uint64_t milliseconds = (uint64_t)clock_now() / 1000;
    bits_random(id.bytes, sizeof id.bytes);
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

static bool
is_dash(int position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

const char *
uuid_text(struct uuid id, char out[UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    int nibble = 0;
    for (int at = 0; at < UUID_TEXT_SIZE - 1; at++) {
        if (is_dash(at)) {
            out[at] = '-';
            continue;
        }
        uint8_t byte = id.bytes[nibble / 2];
        out[at] = digits[nibble % 2 == 0 ? byte >> 4 : byte & 0x0f];
        nibble++;
    }
    out[UUID_TEXT_SIZE - 1] = '\0';
    return out;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
uuid_parse(const char *text, struct uuid *id)
{
    if (strlen(text) != UUID_TEXT_SIZE - 1)
        return false;
    struct uuid parsed = UUID_NIL;
    int nibble = 0;
    for (int at = 0; at < UUID_TEXT_SIZE - 1; at++) {
        if (is_dash(at)) {
            if (text[at] != '-')
                return false;
            continue;
        }
        int value = hex_value(text[at]);
        if (value < 0)
            return false;
        parsed.bytes[nibble / 2] = (uint8_t)(parsed.bytes[nibble / 2] << 4 | value);
        nibble++;
    }
    *id = parsed;
    return true;
}

int
uuid_compare(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool
uuid_equal(struct uuid a, struct uuid b)
{
    return uuid_compare(a, b) == 0;
}

bool
uuid_is_nil(struct uuid id)
{
    return uuid_equal(id, UUID_NIL);
}
