/*
 * bits.h: random words and the ids made of them. Randomness comes from the operating system through
 * libsodium. Allocation never uses it: an arm comes from the sealed seed alone
 * (rctd-allocation(7)).
 */
#ifndef RCTD_BASE_BITS_H
#define RCTD_BASE_BITS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid {
    uint8_t bytes[16];
};

#define UUID_TEXT_SIZE 37
#define UUID_NIL ((struct uuid){{0}})

/* Must be called once before any other function here or of digest.h and seal.h; ends the process
 * when the machine has no source of randomness. */
void bits_start(void);

void bits_random(void *bytes, size_t size);
uint32_t bits_uniform(uint32_t bound); /* 0 .. bound-1, for jitter and back-off */

/* UUIDv7 (RFC 9562): milliseconds since 1970 first, so that an index grows at its end. */
struct uuid uuid_new(void);
const char *uuid_text(struct uuid id, char out[UUID_TEXT_SIZE]); /* lower case; returns `out` */
bool uuid_parse(const char *text, struct uuid *id) MUST_CHECK;   /* 8-4-4-4-12, either case */
bool uuid_equal(struct uuid a, struct uuid b);
int uuid_compare(struct uuid a, struct uuid b); /* as memcmp: a lock order */
bool uuid_is_nil(struct uuid id);

#endif
