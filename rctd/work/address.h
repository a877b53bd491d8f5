/*
 * address.h: which network addresses reminders may be sent to. What counts is the address that is
 * connected to, not the name it was found by: a name that points into the machine's own network is
 * refused like its number. Plain values, no socket.
 */
#ifndef RCTD_WORK_ADDRESS_H
#define RCTD_WORK_ADDRESS_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Addresses whose first `prefix` bits are those of `bytes`; IPv4 in its IPv6 form (::ffff:a.b.c.d).
 */
struct address_range {
    uint8_t bytes[16];
    unsigned prefix;
};

/* The operator's networks; never changed once read, so that many threads may use it. */
struct address_rules {
    struct address_range *ranges;
    size_t count;
};

enum address_verdict {
    ADDRESS_REFUSED, /* private, loopback, link-local, multicast, reserved, or no internet address
                      */
    ADDRESS_PUBLIC,
    ADDRESS_ALLOWED /* in a network of the operator's list: plain http may go there too */
};

/* Reads networks as rctd.conf has them ("127.0.0.0/8, fd00::/8", commas or blanks between; a single
 * address stands for itself). NULL is an empty list. ERROR_CONFIG names what is none. */
bool address_rules_read(struct arena *arena, const char *text, struct address_rules *rules,
    struct error *error) MUST_CHECK;

enum address_verdict address_judge(
    const struct address_rules *rules, const struct sockaddr *address);

#define ADDRESS_TEXT_SIZE 64

/* "10.1.2.3" or "fd00::1", for the record of an attempt; returns `out`. */
const char *address_text(const struct sockaddr *address, char out[ADDRESS_TEXT_SIZE]);

#endif
