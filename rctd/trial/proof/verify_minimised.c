/*
 * verify_minimised.c: minimisation is run again over the ledger: each row's levels are taken from
 * its decision, all the rest of which follows from the rows before. Of a group that nobody
 * randomised there is only the reason to look for.
 */
#include "trial/proof/verify_private.h"

#include "trial/proof/ledger_decision.h"

static void
minimise(struct verify *verify, struct verify_state *state, const struct ledger_row *row,
    const size_t *levels)
{
    struct allocate_minimised result;
    struct error error = ERROR_CLEAR;
    if (!allocate_minimise(verify->scratch, verify->tally, verify->plan.seed, verify->label,
            row->position, levels, &result, &error)) {
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION, error.detail);
        return;
    }
    verify_compare_arm(verify, state, row, result.arm);
    verify_compare_decision(verify, state, row, result.decision);
    minimisation_add(verify->tally, levels, result.arm);
}

void
verify_minimised_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    const struct verify_plan *plan = &verify->plan;
    size_t *levels =
        arena_array(verify->scratch, plan->scheme->design.balanced_count, sizeof *levels);
    if (ledger_decision_levels(plan->protocol, plan->scheme, row->cells[LEDGER_DECISION], levels))
        minimise(verify, state, row, levels);
    else
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION,
            "a level of each factor of the protocol");
    arena_reset(verify->scratch);
}

void
verify_nonrandom_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    size_t arm = verify_arm(verify, row->cells[LEDGER_ARM]);
    if (arm == PROTOCOL_NONE || verify->plan.scheme->ratio[arm] == 0)
        verify_find_cell(verify, state, VERIFY_ARM, row, LEDGER_ARM, "one of the scheme's groups");
    if (!ledger_decision_reason(row->cells[LEDGER_DECISION]))
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION, "a reason");
}
