/*
 * stream.c: words from HMAC-SHA256. The part of the message that a stratum's draws have in common
 * is hashed once; each block goes on from a copy of that state.
 */
#include "trial/stream.h"

#include <string.h>

static const char version[] = "rctd-allocation-v1";

/* The string and the NUL behind it: the separator 00 of the definition. */
static void
hash_string(crypto_auth_hmacsha256_state *state, const char *string)
{
    crypto_auth_hmacsha256_update(state, (const unsigned char *)string, strlen(string) + 1);
}

void
stream_key_open(
    struct stream_key *key, const uint8_t seed[SEED_SIZE], const char *label, const char *stratum)
{
    crypto_auth_hmacsha256_init(&key->state, seed, SEED_SIZE);
    hash_string(&key->state, version);
    hash_string(&key->state, label);
    hash_string(&key->state, stratum);
}

void
stream_key_close(struct stream_key *key)
{
    sodium_memzero(key, sizeof *key);
}

/* Writes the number in plain decimal that ends before `end`; returns where it begins. */
static unsigned char *
decimal_before(unsigned char *end, uint64_t number)
{
    do
        *--end = (unsigned char)('0' + number % 10);
    while ((number /= 10) != 0);
    return end;
}

static uint64_t
big_endian(const unsigned char bytes[8])
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word = word << 8 | bytes[i];
    return word;
}

static void
refill_hmac(struct stream *stream)
{
    unsigned char numbers[2 * 20 + 1]; /* two of 64 bits at most, 00 between them */
    unsigned char *end = numbers + sizeof numbers;
    unsigned char *start = decimal_before(end, stream->block);
    *--start = 0;
    start = decimal_before(start, stream->draw);

    crypto_auth_hmacsha256_state state = stream->key->state;
    unsigned char hash[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_update(&state, start, (unsigned long long)(end - start));
    crypto_auth_hmacsha256_final(&state, hash);
    for (size_t i = 0; i < STREAM_WORDS; i++)
        stream->words[i] = big_endian(hash + 8 * i);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(hash, sizeof hash);
    stream->block++;
}

void
stream_open(struct stream *stream, const struct stream_key *key, uint64_t draw)
{
    stream->refill = refill_hmac;
    stream->key = key;
    stream->draw = draw;
    stream->block = 0;
    stream->used = STREAM_WORDS;
}

void
stream_open_source(struct stream *stream, void (*refill)(struct stream *stream), void *source)
{
    *stream = (struct stream){.refill = refill, .source = source, .used = STREAM_WORDS};
}

void
stream_close(struct stream *stream)
{
    sodium_memzero(stream, sizeof *stream);
}
