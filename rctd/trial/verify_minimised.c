/*
 * verify_minimised.c: minimisation is run again over the ledger: each row's levels are taken from
 * its decision, all the rest of which follows from the rows before. Of a group that nobody
 * randomised there is only the reason to look for.
 */
#include "trial/verify_private.h"

#include "trial/design/design.h"

#include <jansson.h>
#include <string.h>

/* The unit's levels as the decision names them: one for each factor, and nothing else. */
static bool
read_levels(const struct verify *verify, const json_t *decision, size_t *levels)
{
    const struct protocol_scheme *scheme = verify->plan.scheme;
    const struct protocol_subject *subject = &verify->plan.protocol->subjects[scheme->unit];
    const json_t *named = json_object_get(decision, "levels");
    for (size_t i = 0; i < scheme->design.balanced_count; i++) {
        size_t index = scheme->design.balanced[i].attribute;
        const struct protocol_attribute *factor = &subject->attributes[index];
        const char *level = json_string_value(json_object_get(named, factor->name));
        size_t at = 0;
        while (level != NULL && at < factor->level_count && strcmp(factor->levels[at], level) != 0)
            at++;
        if (level == NULL || at == factor->level_count)
            return false;
        levels[i] = at;
    }
    return true;
}

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
    struct ledger_cell cell = row->cells[LEDGER_DECISION];
    json_t *decision = json_loadb(cell.bytes, cell.length, 0, NULL);
    size_t *levels =
        arena_array(verify->scratch, verify->plan.scheme->design.balanced_count, sizeof *levels);
    if (read_levels(verify, decision, levels))
        minimise(verify, state, row, levels);
    else
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION,
            "a level of each factor of the protocol");
    json_decref(decision);
    arena_reset(verify->scratch);
}

void
verify_nonrandom_row(
    struct verify *verify, struct verify_state *state, const struct ledger_row *row)
{
    struct ledger_cell cell = row->cells[LEDGER_DECISION];
    json_t *decision = json_loadb(cell.bytes, cell.length, 0, NULL);
    const char *reason = json_string_value(json_object_get(decision, "reason"));
    size_t arm = verify_arm(verify, row->cells[LEDGER_ARM]);
    if (arm == PROTOCOL_NONE || verify->plan.scheme->ratio[arm] == 0)
        verify_find_cell(verify, state, VERIFY_ARM, row, LEDGER_ARM, "one of the scheme's groups");
    if (reason == NULL || reason[0] == '\0')
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION, "a reason");
    json_decref(decision);
}
