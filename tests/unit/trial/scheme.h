/*
 * scheme.h: schemes for tests, without a protocol around them.
 */
#ifndef TESTS_UNIT_TRIAL_SCHEME_H
#define TESTS_UNIT_TRIAL_SCHEME_H

#include "base/text.h"
#include "trial/protocol.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME_SIZES_MAX 8

struct test_scheme {
    struct protocol_scheme scheme;
    unsigned sizes[SCHEME_SIZES_MAX];
};

static inline void
scheme_set_sizes(struct test_scheme *test, const char *sizes, char separator)
{
    char *end;
    for (const char *at = sizes; *at != '\0'; at = *end == separator ? end + 1 : end)
        test->sizes[test->scheme.design.block_count++] = (unsigned)strtoul(at, &end, 10);
}

/* Permuted blocks: ratio as "2:1:1", sizes as "4 8". The result must not be copied. */
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
    scheme_set_sizes(test, sizes, ' ');
    return &test->scheme;
}

static inline void
scheme_set(struct test_scheme *test, const char *name, const char *value)
{
    struct protocol_design *design = &test->scheme.design;
    struct {
        const char *name;
        unsigned *number;
    } numbers[] = {{"limit", &design->limit}, {"size", &design->size}, {"alpha", &design->alpha},
        {"beta", &design->beta}, {"length", &design->length}};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (strcmp(name, numbers[i].name) == 0)
            *numbers[i].number = (unsigned)strtoul(value, NULL, 10);
    if (strcmp(name, "p") == 0)
        design->p = strtod(value, NULL);
    if (strcmp(name, "balanced_end") == 0)
        design->balanced_end = strcmp(value, "yes") == 0;
    if (strcmp(name, "blocks") == 0)
        scheme_set_sizes(test, value, ',');
}

/* Any method by its name in a protocol, with parameters as "limit=3 p=0.75" or "blocks=4,8". */
static inline const struct protocol_scheme *
scheme_design(
    struct test_scheme *test, const char *method, const char *ratio, const char *parameters)
{
    char words[128];
    char *rest;
    scheme_make(test, ratio, "");
    while (strcmp(protocol_method_name(test->scheme.method), method) != 0)
        test->scheme.method = (test->scheme.method + 1) % METHOD_COUNT;
    snprintf(words, sizeof words, "%s", parameters);
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        ck_assert_ptr_nonnull(value);
        *value = '\0';
        scheme_set(test, word, value + 1);
    }
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
