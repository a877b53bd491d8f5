/*
 * ledger_case.h: ledgers of the WORK TOGETHER trial for tests, as rctd would export them.
 */
#ifndef TESTS_UNIT_TRIAL_LEDGER_CASE_H
#define TESTS_UNIT_TRIAL_LEDGER_CASE_H

#include "trial/allocate.h"
#include "trial/proof/ledger.h"

#include "protocol_case.h"
#include "scheme.h"

static const char *const ledger_strata[] = {"sector=private|size=10-49",
    "sector=private|size=50-249", "sector=public|size=10-49", "sector=public|size=50-249"};

static inline void
ledger_header(struct text *ledger)
{
    for (enum ledger_column column = 0; column < LEDGER_COLUMN_COUNT; column++)
        text_printf(ledger, "%s%s", column == 0 ? "" : ",", ledger_column_name(column));
    text_append(ledger, "\n");
}

static inline void
ledger_row(struct text *ledger, const char *stratum, long long position, const char *unit,
    const char *arm, const char *decision)
{
    text_printf(ledger,
        "work-together,rct,%s,%lld,%s,workplace,%s,rct,1,permuted-block,\"%s\",2026-11-22T08:30:"
        "00Z,"
        "anna,key,c0ff-ee00-1234-abcd\n",
        stratum, position, unit, arm, decision);
}

/* So many allocations in each stratum of the rct, under seed_counting(). */
static inline void
ledger_write(struct text *ledger, const struct protocol *protocol, long long each)
{
    struct error error;
    long long unit = 0;
    const struct protocol_scheme *scheme = protocol_scheme_by_name(protocol, "rct");
    ledger_header(ledger);
    for (size_t i = 0; i < COUNT_OF(ledger_strata); i++) {
        long long counts[3] = {0};
        struct allocate_sequence *arms =
            allocate_open(scheme, seed_counting(), "work-together/rct", ledger_strata[i], &error);
        ck_assert_ptr_nonnull(arms);
        for (long long k = 1; k <= each; k++) {
            size_t arm = allocate_next(arms);
            ledger_row(ledger, ledger_strata[i], k, arena_printf(arena, "W%05lld", ++unit),
                protocol->arms[arm].id,
                arena_printf(
                    arena, "{\"\"counts\"\":[%lld,%lld,%lld]}", counts[0], counts[1], counts[2]));
            counts[arm]++;
        }
        allocate_close(arms);
    }
}

#endif
