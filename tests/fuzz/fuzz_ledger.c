/*
 * fuzz_ledger.c: whatever bytes somebody calls a ledger, reading and verifying them ends with rows,
 * faults and findings: the same ones for one part and for three. The first byte chooses the scheme.
 */
#include "require.h"

#include "base/bits.h"
#include "trial/proof/rerandomise.h"
#include "trial/proof/verify.h"

#include <stdint.h>
#include <string.h>

#define PARTS 3

static const char protocol_text[] =
    "trial: t\n"
    "title: T\n"
    "registration: none\n"
    "time_zone: UTC\n"
    "languages: [en]\n"
    "workplace:\n"
    "  attributes:\n"
    "    s: {levels: [x, y]}\n"
    "    z: {levels: [small, large]}\n"
    "    n: {type: integer, min: 1, max: 9}\n"
    "arms:\n"
    "  a: {label: Opal}\n"
    "  b: {label: Jade}\n"
    "  c: {label: Onyx}\n"
    "phases:\n"
    "  m:\n"
    "    schemes:\n"
    "      p: {unit: workplace, method: permuted-block, ratio: {a: 2, b: 1, c: 1}, strata: [s], "
    "blocks: [4, 8]}\n"
    "      u: {unit: workplace, method: urn, ratio: {a: 1, b: 1}, alpha: 1, beta: 2}\n"
    "      x: {unit: workplace, method: maximal, ratio: {a: 1, b: 1}, limit: 2, length: 8, "
    "balanced_end: true}\n"
    "      i: {unit: workplace, method: minimisation, ratio: {a: 1, b: 1, c: 1}, factors: {s: 1, "
    "z: 2}, measure: sd, p: 0.8}\n"
    "      k: {unit: workplace, method: constrained, ratio: {a: 1, b: 1}, factors: {n: 1, s: 2}, "
    "enumerate: 60, sample: 30}\n"
    "      g: {unit: workplace, method: nonrandom-comparison, arms: [a, c]}\n";

static const uint8_t seed[SEED_SIZE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static const struct protocol *
read_protocol(void)
{
    static const struct protocol *protocol;
    static struct arena *arena;
    struct faults faults;
    if (protocol == NULL) {
        bits_start();
        arena = arena_new();
        faults_init(&faults, arena);
        protocol = protocol_parse(arena, protocol_text, strlen(protocol_text), &faults);
        require(protocol != NULL);
    }
    return protocol;
}

static struct verify *
run(const struct protocol_scheme *scheme, const char *bytes, size_t size, unsigned part,
    unsigned parts, struct faults *faults)
{
    struct ledger_reader reader;
    struct ledger_row row;
    struct error error;
    struct verify *verify = verify_new(&(struct verify_plan){.protocol = read_protocol(),
                                           .scheme = scheme,
                                           .seed = seed,
                                           .part = part,
                                           .parts = parts,
                                           .longest_gap = 40},
        &error);
    require(verify != NULL);
    if (ledger_open(&reader, bytes, size, faults))
        while (ledger_next(&reader, &row)) {
            require(row.position >= 1 && row.protocol_version >= 1 && reader.at <= size);
            verify_row(verify, &row);
        }
    ledger_close(&reader);
    verify_end(verify);
    return verify;
}

static void
check_same(struct arena *arena, const struct verify_result *a, const struct verify_result *b)
{
    require(a->rows == b->rows && a->others == b->others && a->nonrandom == b->nonrandom);
    require(a->differences == b->differences && a->arms_wrong == b->arms_wrong);
    require(a->stratum_count == b->stratum_count && a->finding_count == b->finding_count);
    for (size_t i = 0; i < a->stratum_count; i++)
        require(strcmp(a->strata[i].key, b->strata[i].key) == 0 &&
                a->strata[i].differences == b->strata[i].differences);
    for (size_t i = 0; i < a->finding_count; i++)
        require(strcmp(verify_finding_text(arena, &a->findings[i]),
                    verify_finding_text(arena, &b->findings[i])) == 0);
}

/* Rows that can be read are taken or refused; what was taken can be run again. */
static void
run_again(const struct protocol_scheme *scheme, const char *bytes, size_t size)
{
    struct ledger_reader reader;
    struct ledger_row row;
    struct error error = ERROR_CLEAR;
    char unit[64];
    double value = 0;
    struct rerandomise *test = rerandomise_new(read_protocol(), scheme, SIDE_TWO, &error);
    if (test == NULL)
        return;
    bool ok = ledger_open(&reader, bytes, size, NULL);
    while (ok && ledger_next(&reader, &row))
        if (ledger_cell_is(row.cells[LEDGER_SCHEME], scheme->name))
            ok = rerandomise_row(test, &row, &error);
    ledger_close(&reader);
    for (int i = 0; ok && i < 20; i++, value += 1.5) {
        snprintf(unit, sizeof unit, "W%d", i);
        ok = rerandomise_outcome(test, unit, value) || i > 0;
    }
    if (ok && rerandomise_prepare(test, 0, 1, &error)) {
        struct rerandomise_tally *tally = rerandomise_tally_new(test);
        require(rerandomise_run(test, 1, 0, 3, tally, &error) && tally->runs == 3);
        rerandomise_finish(tally, false);
        for (size_t i = 0; i < tally->pair_count; i++)
            require(tally->pairs[i].p > 0 && tally->pairs[i].p <= 1);
        rerandomise_tally_free(tally);
    }
    rerandomise_free(test);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct protocol *protocol = read_protocol();
    if (size == 0)
        return 0;
    const struct protocol_scheme *scheme = &protocol->schemes[bytes[0] % protocol->scheme_count];
    const char *ledger = (const char *)bytes + 1;
    struct arena *arena = arena_new();
    struct verify *parts[PARTS];
    struct faults faults;
    faults_init(&faults, arena);
    struct verify *whole = run(scheme, ledger, size - 1, 0, 1, &faults);
    for (unsigned i = 0; i < PARTS; i++)
        parts[i] = run(scheme, ledger, size - 1, i, PARTS, NULL);
    for (unsigned i = 1; i < PARTS; i++)
        verify_merge(parts[0], parts[i]);
    check_same(arena, verify_result(whole), verify_result(parts[0]));
    for (unsigned i = 0; i < PARTS; i++)
        verify_free(parts[i]);
    verify_free(whole);
    run_again(scheme, ledger, size - 1);
    arena_free(arena);
    return 0;
}
