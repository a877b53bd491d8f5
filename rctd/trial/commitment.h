/*
 * commitment.h: what is published when a protocol version is locked, so that nobody can exchange
 * the seed or the protocol later (rctd-allocation(7)).
 */
#ifndef RCTD_TRIAL_COMMITMENT_H
#define RCTD_TRIAL_COMMITMENT_H

#include "base/digest.h"
#include "trial/stream.h"

#include <stddef.h>
#include <stdint.h>

/*
 * hex(HMAC-SHA256(seed, "rctd-commitment-v1" 00 label 00 hex(SHA-256(protocol bytes as locked)))).
 * `label` is TRIAL/SCHEME. Returns `out`. Whoever opens a sealed seed compares this with the stored
 * commitment before using it: a seed moved from one scheme to another is found out.
 */
const char *commitment_hex(const uint8_t seed[SEED_SIZE], const char *label, const void *protocol,
    size_t protocol_size, char out[DIGEST_HEX_SIZE]);

/* The same from the protocol's SHA-256, 64 lower-case hex digits. */
const char *commitment_hex_of(const uint8_t seed[SEED_SIZE], const char *label,
    const char protocol_sha256[DIGEST_HEX_SIZE], char out[DIGEST_HEX_SIZE]);

#endif
