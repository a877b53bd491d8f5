/*
 * stream.h: the words that decide allocations, as rctd-allocation(7) defines them: HMAC-SHA256
 * under a scheme's seed, one stream per stratum and draw. The same seed, label, stratum and draw
 * give the same words on every machine for ever.
 *
 * A stream and its key hold what follows from the seed: close both, which wipes them. Neither is
 * shared between threads while it is opened or closed; an open key may be read by several.
 */
#ifndef RCTD_TRIAL_STREAM_H
#define RCTD_TRIAL_STREAM_H

#include <sodium.h>
#include <stdint.h>

#define SEED_SIZE 32
#define STREAM_WORDS 4 /* words that one HMAC gives */

/* The stratum's part of every HMAC, worked out once. */
struct stream_key {
    crypto_auth_hmacsha256_state state;
};

struct stream {
    const struct stream_key *key; /* borrowed: outlives the stream */
    uint64_t draw;
    uint64_t block; /* the next HMAC of this draw, from 0 */
    unsigned used;  /* words of the last HMAC that are gone */
    uint64_t words[STREAM_WORDS];
};

/* `label` is TRIAL/SCHEME; `stratum` the key factor=level|factor=level, empty where there is none.
 */
void stream_key_open(
    struct stream_key *key, const uint8_t seed[SEED_SIZE], const char *label, const char *stratum);
void stream_key_close(struct stream_key *key);

/* Starts the draw at its first word. An open stream may be opened again for another draw. */
void stream_open(struct stream *stream, const struct stream_key *key, uint64_t draw);
void stream_close(struct stream *stream);

uint64_t stream_word(struct stream *stream);

/* 0 .. n-1, each equally likely, n from 1; uniform(1) takes no word. */
uint64_t stream_uniform(struct stream *stream, uint64_t n);

/* 0 <= fraction < 1 in steps of 2^-53; takes one word. */
double stream_fraction(struct stream *stream);

#endif
