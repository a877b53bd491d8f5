/*
 * operating_case.h: schemes for tests of operating characteristics, and the figures by brute force:
 * every sequence of arms with its probability, counted by the definitions of operating.h alone.
 */
#ifndef TESTS_UNIT_TRIAL_OPERATING_CASE_H
#define TESTS_UNIT_TRIAL_OPERATING_CASE_H

#include "trial/design/design.h"
#include "trial/operating/operating.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DESIGN(...) ((struct protocol_design){__VA_ARGS__})

struct operating_case {
    struct protocol_scheme scheme;
    unsigned sizes[8];
};

/* Ratio as "2:1", sizes as "4 8" or NULL. The result must not be copied. */
static inline struct protocol_scheme *
case_make(struct operating_case *made, enum protocol_method method, const char *ratio,
    struct protocol_design design, const char *sizes)
{
    *made = (struct operating_case){.scheme = {.name = "rct", .method = method, .design = design}};
    char *end;
    size_t arm = 0;
    for (const char *at = ratio; *at != '\0'; at = *end == ':' ? end + 1 : end) {
        made->scheme.ratio[arm] = (unsigned)strtoul(at, &end, 10);
        made->scheme.ratio_sum += made->scheme.ratio[arm++];
    }
    made->scheme.design.blocks = made->sizes;
    for (const char *at = sizes == NULL ? "" : sizes; *at != '\0'; at = *end == ' ' ? end + 1 : end)
        made->sizes[made->scheme.design.block_count++] = (unsigned)strtoul(at, &end, 10);
    const struct design *row;
    struct error error;
    ck_assert_msg(design_check(&made->scheme, &row, &error), "%s", error.detail);
    return &made->scheme;
}

#define BRUTE_PAIRS 16

struct brute {
    const struct protocol_scheme *scheme;
    size_t arms;
    size_t n;
    struct operating sum;
    double first[BRUTE_PAIRS]; /* mean difference of each pair */
    double square[BRUTE_PAIRS];
};

/* One way through the trial, as far as it has come. */
struct brute_way {
    int64_t counts[PROTOCOL_ARMS_MAX];
    int64_t in_block[PROTOCOL_ARMS_MAX];
    size_t block; /* size of the block that is being filled; 0 before one begins */
    size_t place;
    size_t done;
    double guessed;
    double certain;
    double largest;
    double mass;
};

static inline double
brute_difference(const struct brute *brute, const struct brute_way *way, size_t i, size_t j)
{
    double r_i = brute->scheme->ratio[i];
    double r_j = brute->scheme->ratio[j];
    return 2 * ((double)way->counts[i] * r_j - (double)way->counts[j] * r_i) / (r_i + r_j);
}

static inline void
brute_end(struct brute *brute, const struct brute_way *way)
{
    size_t pair = 0;
    double absolute = 0;
    for (size_t i = 0; i < brute->arms; i++)
        for (size_t j = i + 1; j < brute->arms; j++, pair++) {
            double difference = brute_difference(brute, way, i, j);
            absolute += fabs(difference);
            brute->first[pair] += way->mass * difference;
            brute->square[pair] += way->mass * difference * difference;
        }
    brute->sum.final_abs += way->mass * absolute / (double)pair;
    brute->sum.correct_guess += way->mass * way->guessed / (double)brute->n;
    brute->sum.deterministic += way->mass * way->certain / (double)brute->n;
    brute->sum.max_abs += way->mass * way->largest;
}

static inline double
brute_guess(const struct brute *brute, const struct brute_way *way, const double *p)
{
    double least = INFINITY;
    double share = 0;
    int tied = 0;
    for (size_t i = 0; i < brute->arms; i++)
        least = fmin(least, (double)way->counts[i] / brute->scheme->ratio[i]);
    for (size_t i = 0; i < brute->arms; i++)
        if ((double)way->counts[i] / brute->scheme->ratio[i] < least + 1e-9) {
            share += p[i];
            tied++;
        }
    return share / tied;
}

static inline void brute_walk(struct brute *brute, const struct brute_way *way);

static inline void
brute_step(struct brute *brute, const struct brute_way *way, const double *p)
{
    for (size_t arm = 0; arm < brute->arms; arm++) {
        struct brute_way on = *way;
        if (p[arm] <= 0)
            continue;
        on.guessed += brute_guess(brute, way, p);
        on.certain += p[arm] > 1 - 1e-12;
        on.counts[arm]++;
        on.in_block[arm]++;
        on.mass *= p[arm];
        on.done++;
        if (on.block > 0 && ++on.place == on.block)
            on.block = 0;
        for (size_t i = 0; i < brute->arms; i++)
            for (size_t j = i + 1; j < brute->arms; j++)
                on.largest = fmax(on.largest, fabs(brute_difference(brute, &on, i, j)));
        brute_walk(brute, &on);
    }
}

static inline void
brute_walk(struct brute *brute, const struct brute_way *way)
{
    const struct protocol_scheme *scheme = brute->scheme;
    double p[PROTOCOL_ARMS_MAX];
    if (way->done == brute->n) {
        brute_end(brute, way);
        return;
    }
    if (scheme->method != METHOD_PERMUTED_BLOCK) {
        design_of(scheme->method)->probabilities(scheme, way->counts, p);
        brute_step(brute, way, p);
        return;
    }
    for (size_t i = 0; i < (way->block == 0 ? scheme->design.block_count : 1); i++) {
        struct brute_way on = *way;
        if (way->block == 0) {
            on.block = scheme->design.blocks[i];
            on.place = 0;
            on.mass /= (double)scheme->design.block_count;
            memset(on.in_block, 0, sizeof on.in_block);
        }
        for (size_t arm = 0; arm < brute->arms; arm++)
            p[arm] = ((double)(on.block / scheme->ratio_sum * scheme->ratio[arm]) -
                         (double)on.in_block[arm]) /
                     (double)(on.block - on.place);
        brute_step(brute, &on, p);
    }
}

static inline struct operating
brute_force(const struct protocol_scheme *scheme, size_t n)
{
    struct brute brute = {.scheme = scheme, .arms = design_arms(scheme), .n = n};
    struct brute_way way = {.mass = 1};
    brute_walk(&brute, &way);
    size_t pairs = brute.arms * (brute.arms - 1) / 2;
    double variance = 0;
    for (size_t i = 0; i < pairs; i++)
        variance += (brute.square[i] - brute.first[i] * brute.first[i]) / (double)pairs;
    brute.sum.final_sd = sqrt(fmax(0, variance));
    return brute.sum;
}

#endif
