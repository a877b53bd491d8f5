/*
 * bench_verify.c: how many allocations of a ledger one core verifies in a second, from the bytes of
 * the file on, against a plain loop over as many HMACs of the same messages and nothing else. At
 * least 400,000 are wanted.
 */
#include "base/bits.h"
#include "base/text.h"
#include "bench.h"
#include "trial/allocate.h"
#include "trial/proof/verify.h"

#include <stdlib.h>

#define STRATA 4
#define EACH 100000 /* allocations in each stratum */
#define ROUNDS 5
#define LEAST 400000

static const uint8_t seed[SEED_SIZE] = {1, 2, 3};
static const char label[] = "gems/main";

static const char protocol_text[] =
    "{\"trial\": \"gems\", \"title\": \"Gems\", \"registration\": \"none\", \"time_zone\": "
    "\"UTC\", \"languages\": [\"en\"],"
    " \"workplace\": {\"attributes\": {\"sector\": {\"levels\": [\"public\", \"private\"]},"
    " \"size\": {\"levels\": [\"small\", \"large\"]}}},"
    " \"arms\": {\"opal\": {\"label\": \"Opal\"}, \"jade\": {\"label\": \"Jade\"}},"
    " \"phases\": {\"main\": {\"scheme\": {\"unit\": \"workplace\", \"ratio\": {\"opal\": 1, "
    "\"jade\": 1}, \"strata\": [\"sector\", \"size\"], %s}}}}";

static const char *const strata[STRATA] = {"sector=private|size=large", "sector=private|size=small",
    "sector=public|size=large", "sector=public|size=small"};

static volatile size_t sink;

static const struct protocol *
read_protocol(struct arena *arena, const char *design)
{
    struct faults faults;
    faults_init(&faults, arena);
    const char *text = arena_printf(arena, protocol_text, design);
    const struct protocol *protocol = protocol_parse(arena, text, strlen(text), &faults);
    if (protocol == NULL) {
        fprintf(stderr, "bench_verify: %s\n", fault_line(arena, "protocol", &faults.items[0]));
        exit(EXIT_FAILURE);
    }
    return protocol;
}

static void
write_stratum(
    struct text *ledger, const struct protocol *protocol, const char *stratum, long long first)
{
    struct error error;
    long long counts[2] = {0};
    const struct protocol_scheme *scheme = &protocol->schemes[0];
    struct allocate_sequence *arms = allocate_open(scheme, seed, label, stratum, &error);
    if (arms == NULL)
        exit(EXIT_FAILURE);
    for (long long k = 1; k <= EACH; k++) {
        size_t arm = allocate_next(arms);
        text_printf(ledger,
            "gems,main,%s,%lld,W%07lld,workplace,%s,main,1,%s,\"{\"\"counts\"\":[%lld,%lld]}\","
            "2026-11-22T08:30:00Z,coordinator,4b3f0c1e-9a52-4c7e-8f55-%012lld,"
            "c0ff-ee00-1234-abcd\n",
            stratum, k, first + k, protocol->arms[arm].id, protocol_method_name(scheme->method),
            counts[0], counts[1], first + k);
        counts[arm]++;
    }
    allocate_close(arms);
}

static const char *
write_ledger(struct arena *arena, const struct protocol *protocol, size_t *size)
{
    struct text ledger;
    text_init(&ledger, arena);
    for (size_t column = 0; column < LEDGER_COLUMN_COUNT; column++)
        text_printf(&ledger, "%s%s", column == 0 ? "" : ",",
            ledger_column_name((enum ledger_column)column));
    text_append(&ledger, "\n");
    for (size_t i = 0; i < STRATA; i++)
        write_stratum(&ledger, protocol, strata[i], (long long)i * EACH);
    *size = ledger.length;
    return ledger.bytes;
}

static double
verify_rate(const struct protocol *protocol, const char *bytes, size_t size)
{
    struct ledger_reader reader;
    struct ledger_row row;
    struct error error = ERROR_CLEAR;
    struct verify_plan plan = {
        .protocol = protocol, .scheme = &protocol->schemes[0], .seed = seed, .parts = 1};
    double start = bench_cpu_seconds();
    struct verify *verify = verify_new(&plan, &error);
    if (verify == NULL || !ledger_open(&reader, bytes, size, NULL))
        exit(EXIT_FAILURE);
    while (ledger_next(&reader, &row))
        verify_row(verify, &row);
    const struct verify_result *result = verify_end(verify);
    if (result->rows != STRATA * EACH || result->differences != 0) {
        fprintf(stderr, "bench_verify: %lld rows, %lld differences\n", (long long)result->rows,
            (long long)result->differences);
        exit(EXIT_FAILURE);
    }
    double rate = (double)result->rows / (bench_cpu_seconds() - start);
    ledger_close(&reader);
    verify_free(verify);
    return rate;
}

/* `places` allocations are decided by each HMAC. */
static double
hmac_rate(unsigned places)
{
    unsigned char message[128], hash[crypto_auth_hmacsha256_BYTES];
    double start = bench_cpu_seconds();
    for (size_t i = 0; i < STRATA; i++) {
        int prefix = snprintf((char *)message, sizeof message, "rctd-allocation-v1%c%s%c%s%c", 0,
            label, 0, strata[i], 0);
        for (unsigned draw = 0; draw < EACH / places; draw++) {
            int length = snprintf(
                (char *)message + prefix, sizeof message - (size_t)prefix, "%u%c0", draw, 0);
            crypto_auth_hmacsha256(hash, message, (size_t)(prefix + length), seed);
            sink = hash[0];
        }
    }
    return STRATA * EACH / (bench_cpu_seconds() - start);
}

static void
run(const char *name, const char *design, unsigned places)
{
    struct arena *arena = arena_new();
    const struct protocol *protocol = read_protocol(arena, design);
    size_t size;
    const char *bytes = write_ledger(arena, protocol, &size);
    double best = 0, best_hmac = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double rate = verify_rate(protocol, bytes, size), rate_hmac = hmac_rate(places);
        best = rate > best ? rate : best;
        best_hmac = rate_hmac > best_hmac ? rate_hmac : best_hmac;
    }
    bench_report(name, best, "allocations/s per core", best_hmac, "plain C loop over HMAC only");
    if (best < LEAST) {
        fprintf(stderr, "bench_verify: %s is under %d allocations a second\n", name, LEAST);
        exit(EXIT_FAILURE);
    }
    arena_free(arena);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        const char *design;
        unsigned places;
    } benches[] = {
        {"verify.ledger", "\"method\": \"permuted-block\", \"blocks\": [4]", 4},
        {"verify.simple", "\"method\": \"simple\"", 1},
        {"verify.biased-coin", "\"method\": \"biased-coin\", \"p\": 0.6667", 1},
    };
    bits_start();
    for (size_t i = 0; i < COUNT_OF(benches); i++)
        if (bench_wanted(argc, argv, benches[i].name))
            run(benches[i].name, benches[i].design, benches[i].places);
    return 0;
}
