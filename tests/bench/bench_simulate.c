/*
 * bench_simulate.c: how many allocations the simulator makes in a second on one core, against a
 * plain C loop over the same arithmetic: the generator's words, Fisher-Yates, the guess and the
 * difference, without designs, strata or figures around them.
 */
#include "base/bits.h"
#include "bench.h"
#include "trial/design/design.h"
#include "trial/operating/operating.h"

#include <stdlib.h>

#define N 1000
#define TRIALS 4000
#define ROUNDS 5
#define BLOCK 4

/* What was computed must be used, or it need not be. */
static volatile double sink;

static double
simulation_rate(const struct protocol_scheme *scheme, int64_t trials)
{
    struct error error;
    struct operating_setting setting = {
        .scheme = scheme, .n = N, .trials = trials, .seed = 1, .threads = 1, .strata = 1};
    struct operating_result result = {0};
    double start = bench_cpu_seconds();
    if (!operating_simulate(&setting, &result, &error)) {
        fprintf(stderr, "bench_simulate: %s\n", error.detail);
        exit(EXIT_FAILURE);
    }
    sink = result.trial.correct_guess;
    return (double)(N * trials) / (bench_cpu_seconds() - start);
}

static uint64_t state[4] = {1, 2, 3, 4};

static inline uint64_t
next_word(void)
{
    uint64_t sum = state[0] + state[3];
    uint64_t word = (sum << 23 | sum >> 41) + state[0];
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = state[3] << 45 | state[3] >> 19;
    return word;
}

static inline uint64_t
draw(uint64_t n)
{
    uint64_t word;
    do
        word = next_word();
    while (word > UINT64_MAX - n);
    return word % n;
}

static void
shuffle(int8_t arms[BLOCK])
{
    for (int i = 0; i < BLOCK; i++)
        arms[i] = i < BLOCK / 2 ? 1 : -1;
    for (unsigned i = BLOCK - 1; i > 0; i--) {
        uint64_t other = draw(i + 1);
        int8_t moved = arms[i];
        arms[i] = arms[other];
        arms[other] = moved;
    }
}

static double
plain_rate(void)
{
    double start = bench_cpu_seconds();
    double guessed = 0;
    long largest = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        long difference = 0;
        for (int block = 0; block < N / BLOCK; block++) {
            int8_t arms[BLOCK];
            shuffle(arms);
            for (int i = 0; i < BLOCK; i++) {
                guessed += difference == 0 ? 0.5 : (difference < 0) == (arms[i] > 0) ? 1 : 0;
                difference += arms[i];
                largest = labs(difference) > largest ? labs(difference) : largest;
            }
        }
    }
    sink = guessed + (double)largest;
    return (double)N * TRIALS / (bench_cpu_seconds() - start);
}

int
main(int argc, char **argv)
{
    static const char name[] = "simulate.permuted-block";
    unsigned sizes[] = {BLOCK};
    struct protocol_scheme scheme = {.name = "rct",
        .method = METHOD_PERMUTED_BLOCK,
        .ratio = {1, 1},
        .ratio_sum = 2,
        .design = {.blocks = sizes, .block_count = COUNT_OF(sizes)}};
    double best = 0;
    double best_plain = 0;
    bits_start();
    if (!bench_wanted(argc, argv, name))
        return 0;
    for (int round = 0; round < ROUNDS; round++) {
        double rate = simulation_rate(&scheme, TRIALS);
        double rate_plain = plain_rate();
        best = rate > best ? rate : best;
        best_plain = rate_plain > best_plain ? rate_plain : best_plain;
    }
    bench_report(name, best, "allocations/s per core", best_plain, "plain C loop");
    return 0;
}
