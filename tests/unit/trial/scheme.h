/*
 * scheme.h: schemes of permuted blocks for tests, without a protocol around them.
 */
#ifndef TESTS_UNIT_TRIAL_SCHEME_H
#define TESTS_UNIT_TRIAL_SCHEME_H

#include "trial/protocol.h"

#include <stdlib.h>

#define SCHEME_SIZES_MAX 8

struct test_scheme {
    struct protocol_scheme scheme;
    unsigned sizes[SCHEME_SIZES_MAX];
};

/* Ratio as "2:1:1", sizes as "4 8". The result must not be copied. */
static inline const struct protocol_scheme *
scheme_make(struct test_scheme *test, const char *ratio, const char *sizes)
{
    *test = (struct test_scheme){
        .scheme = {.name = "rct", .method = METHOD_PERMUTED_BLOCK, .design.blocks = test->sizes}};
    char *end;
    size_t arm = 0;
    for (const char *at = ratio; *at != '\0'; at = *end == ':' ? end + 1 : end) {
        test->scheme.ratio[arm] = (unsigned)strtoul(at, &end, 10);
        test->scheme.ratio_sum += test->scheme.ratio[arm++];
    }
    for (const char *at = sizes; *at != '\0'; at = *end == ' ' ? end + 1 : end)
        test->sizes[test->scheme.design.block_count++] = (unsigned)strtoul(at, &end, 10);
    return &test->scheme;
}

/* 00 01 02 .. 1f, the seed of the published test vector. */
static inline const uint8_t *
seed_counting(void)
{
    static uint8_t seed[32];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    return seed;
}

#endif
