/*
 * verify_sequence.c: methods whose arms follow from the seed, one behind another in a stratum. What
 * was decided on is compared as bytes first: to parse a million decisions would take longer than
 * all the rest.
 */
#include "trial/proof/verify_private.h"

#include "trial/design/design.h"

#include <stdlib.h>
#include <string.h>

/* Writes a number that is not negative; gives its end. */
static char *
write_number(char *to, int64_t number)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

/* {"counts":[...]} as rctd writes it; gives its length. */
static size_t
write_counts(const struct verify *verify, const struct verify_state *state,
    char text[ALLOCATE_DECISION_SIZE])
{
    static const char start[] = "{\"counts\":[";
    size_t arms = design_arms(verify->plan.scheme);
    char *to = text + sizeof start - 1;
    memcpy(text, start, sizeof start - 1);
    for (size_t arm = 0; arm < arms; arm++) {
        if (arm > 0)
            *to++ = ',';
        to = write_number(to, state->counts[arm]);
    }
    memcpy(to, "]}", 3);
    return (size_t)(to - text) + 2;
}

void
verify_sequence_row(struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    char expected[ALLOCATE_DECISION_SIZE];
    struct ledger_cell decision = row->cells[LEDGER_DECISION];
    if (state->lost || state->sequence == NULL)
        return;
    size_t arm = allocate_next(state->sequence);
    size_t length = write_counts(verify, state, expected);
    verify_compare_arm(verify, state, row, arm);
    if (length != decision.length || memcmp(expected, decision.bytes, length) != 0)
        verify_compare_decision(verify, state, row, expected);
    state->counts[arm]++;
}
