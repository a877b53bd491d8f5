/*
 * bench_sequence.c: how many allocations by permuted blocks one core computes in a second, against
 * a plain loop over as many HMACs of the same messages and nothing else.
 */
#include "base/bits.h"
#include "bench.h"
#include "trial/allocate.h"

#include <sodium.h>
#include <stdlib.h>

#define ALLOCATIONS 1000000
#define ROUNDS 5

static const uint8_t seed[SEED_SIZE] = {1, 2, 3};
static const char label[] = "work-together/rct";
static const char stratum[] = "sector=public|size=10-49";

/* What was computed must be used, or it need not be. */
static volatile size_t sink;

static double
sequence_rate(const struct protocol_scheme *scheme)
{
    struct error error;
    double start = bench_cpu_seconds();
    struct allocate_sequence *sequence = allocate_open(scheme, seed, label, stratum, &error);
    if (sequence == NULL) {
        fprintf(stderr, "bench_sequence: %s\n", error.detail);
        exit(EXIT_FAILURE);
    }
    size_t sum = 0;
    for (int i = 0; i < ALLOCATIONS; i++)
        sum += allocate_next(sequence);
    sink = sum;
    allocate_close(sequence);
    return ALLOCATIONS / (bench_cpu_seconds() - start);
}

/* The message up to the draw; gives its length. */
static size_t
write_prefix(unsigned char *message)
{
    static const char *const parts[] = {"rctd-allocation-v1", label, stratum};
    size_t length = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        memcpy(message + length, parts[i], strlen(parts[i]) + 1);
        length += strlen(parts[i]) + 1;
    }
    return length;
}

/* A block of three takes three words, one HMAC; a block of six takes six words, two. */
static double
hmac_rate(void)
{
    double start = bench_cpu_seconds();
    unsigned char message[128];
    unsigned char hash[crypto_auth_hmacsha256_BYTES];
    size_t prefix = write_prefix(message);
    int allocations = 0;
    for (unsigned block = 0; allocations < ALLOCATIONS; block++) {
        unsigned hmacs = block % 2 + 1;
        int length = snprintf((char *)message + prefix, sizeof message - prefix, "%u%c0", block, 0);
        for (unsigned j = 0; j < hmacs; j++) {
            message[prefix + (size_t)length - 1] = (unsigned char)('0' + j);
            crypto_auth_hmacsha256(hash, message, prefix + (size_t)length, seed);
            sink = hash[0];
        }
        allocations += 3 * (int)hmacs;
    }
    return allocations / (bench_cpu_seconds() - start);
}

int
main(int argc, char **argv)
{
    static const char name[] = "sequence.permuted-block";
    unsigned sizes[] = {3, 6};
    struct protocol_scheme scheme = {.name = "rct",
        .method = METHOD_PERMUTED_BLOCK,
        .ratio = {1, 1, 1},
        .ratio_sum = 3,
        .design = {.blocks = sizes, .block_count = COUNT_OF(sizes)}};
    double best = 0;
    double best_hmac = 0;
    bits_start();
    if (!bench_wanted(argc, argv, name))
        return 0;
    for (int round = 0; round < ROUNDS; round++) {
        double rate = sequence_rate(&scheme);
        double rate_hmac = hmac_rate();
        best = rate > best ? rate : best;
        best_hmac = rate_hmac > best_hmac ? rate_hmac : best_hmac;
    }
    bench_report(name, best, "allocations/s per core", best_hmac, "plain C loop over HMAC only");
    return 0;
}
