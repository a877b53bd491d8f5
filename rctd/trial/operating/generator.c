/*
 * generator.c: see generator.h; after the public-domain reference code of its authors.
 */
#include "trial/operating/generator.h"

#include "base/compiler.h"

#include <string.h>

static uint64_t
rotate(uint64_t word, int by)
{
    return word << by | word >> (64 - by);
}

static inline uint64_t
next_word(uint64_t *s)
{
    uint64_t word = rotate(s[0] + s[3], 23) + s[0];
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return word;
}

void
generator_seed(struct generator *generator, uint64_t seed)
{
    for (size_t i = 0; i < COUNT_OF(generator->state); i++) {
        uint64_t word = seed += 0x9e3779b97f4a7c15U;
        word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9U;
        word = (word ^ word >> 27) * 0x94d049bb133111ebU;
        generator->state[i] = word ^ word >> 31;
    }
}

void
generator_jump(struct generator *generator)
{
    static const uint64_t jump[] = {
        0x180ec6d33cfd0abaU, 0xd5a61266f0c9392cU, 0xa9582618e03fc9aaU, 0x39abdc4529b1661cU};
    uint64_t reached[4] = {0};
    for (size_t i = 0; i < COUNT_OF(jump); i++)
        for (int bit = 0; bit < 64; bit++) {
            for (size_t j = 0; j < COUNT_OF(reached) && (jump[i] >> bit & 1) != 0; j++)
                reached[j] ^= generator->state[j];
            next_word(generator->state);
        }
    memcpy(generator->state, reached, sizeof reached);
}

uint64_t
generator_word(struct generator *generator)
{
    return next_word(generator->state);
}

static void
refill(struct stream *stream)
{
    struct generator *generator = stream->source;
    for (size_t i = 0; i < STREAM_WORDS; i++)
        stream->words[i] = next_word(generator->state);
}

void
generator_open(struct generator *generator, struct stream *stream)
{
    stream_open_source(stream, refill, generator);
}
