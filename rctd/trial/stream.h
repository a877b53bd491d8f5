/*
 * stream.h: the words that decide allocations, as rctd-allocation(7) defines them: HMAC-SHA256
 * under a scheme's seed, one stream per stratum and draw. The same seed, label, stratum and draw
 * give the same words on every machine for ever.
 *
 * What takes words (uniform, fraction, the designs) does not ask where they come from: a simulation
 * opens a stream over a fast generator of its own instead. No allocation is ever made from one.
 *
 * A stream and its key hold what follows from the seed: close both, which wipes them. Neither is
 * shared between threads while it is opened or closed; an open key may be read by several.
 */
#ifndef RCTD_TRIAL_STREAM_H
#define RCTD_TRIAL_STREAM_H

#include <assert.h>
#include <sodium.h>
#include <stdint.h>

#define SEED_SIZE 32
#define STREAM_WORDS 4 /* words that one HMAC, or one refill, gives */

/* The stratum's part of every HMAC, worked out once. */
struct stream_key {
    crypto_auth_hmacsha256_state state;
};

struct stream {
    void (*refill)(struct stream *stream); /* writes the next STREAM_WORDS words */
    union {
        const struct stream_key *key; /* of stream_open: borrowed, outlives the stream */
        void *source;                 /* of stream_open_source, likewise; only `refill` knows it */
    };
    uint64_t draw;
    uint64_t block; /* the next HMAC of this draw, from 0 */
    unsigned used;  /* words of the last refill that are gone */
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

/*
 * A stream over another source of words, without draws: `refill` puts the next STREAM_WORDS of them
 * into stream->words, drawn from stream->source.
 */
void stream_open_source(struct stream *stream, void (*refill)(struct stream *stream), void *source);

static inline uint64_t
stream_word(struct stream *stream)
{
    if (stream->used == STREAM_WORDS) {
        stream->refill(stream);
        stream->used = 0;
    }
    return stream->words[stream->used++];
}

/*
 * 0 .. n-1, each equally likely, n from 1; uniform(1) takes no word. Words from
 * 2^64 - (2^64 mod n) up are refused; that bound is only worked out for a word that may lie there.
 */
static inline uint64_t
stream_uniform(struct stream *stream, uint64_t n)
{
    assert(n > 0);
    if (n == 1)
        return 0;
    for (;;) {
        uint64_t word = stream_word(stream);
        if (word <= UINT64_MAX - n || word <= UINT64_MAX - (UINT64_MAX % n + 1) % n)
            return word % n;
    }
}

/* 0 <= fraction < 1 in steps of 2^-53; takes one word. */
static inline double
stream_fraction(struct stream *stream)
{
    return (double)(stream_word(stream) >> 11) * 0x1p-53;
}

#endif
