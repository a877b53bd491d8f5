/*
 * verify_minimised.c: minimisation is run again over the ledger: each row's levels are taken from
 * its decision, all the rest of which follows from the rows before. Of a group that nobody
 * randomised there is only the reason to look for.
 */
#include "trial/verify_private.h"

#include "trial/design/design.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static bool
same_number(const json_t *a, const json_t *b)
{
    double x = json_number_value(a), y = json_number_value(b);
    return x == y || fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
}

static bool same(json_t *a, json_t *b);

static bool
same_objects(json_t *a, json_t *b)
{
    const char *name;
    json_t *value;
    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach(a, name, value)
    {
        if (!same(value, json_object_get(b, name)))
            return false;
    }
    return true;
}

static bool
same_arrays(json_t *a, json_t *b)
{
    size_t index;
    json_t *value;
    if (json_array_size(a) != json_array_size(b))
        return false;
    json_array_foreach(a, index, value)
    {
        if (!same(value, json_array_get(b, index)))
            return false;
    }
    return true;
}

/* The texts that are compared are no deeper than the parser's own limit. */
static bool
same(json_t *a, json_t *b) /* NOLINT(misc-no-recursion) */
{
    if (json_is_number(a) && json_is_number(b))
        return same_number(a, b);
    if (json_is_object(a) && json_is_object(b))
        return same_objects(a, b);
    if (json_is_array(a) && json_is_array(b))
        return same_arrays(a, b);
    return json_equal(a, b);
}

bool
verify_same_json(struct ledger_cell found, const char *expected)
{
    json_t *a = json_loadb(found.bytes, found.length, JSON_REJECT_DUPLICATES, NULL);
    json_t *b = json_loads(expected, 0, NULL);
    bool is_same = a != NULL && b != NULL && same(a, b);
    json_decref(a);
    json_decref(b);
    return is_same;
}

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
    const struct verify_plan *plan = &verify->plan;
    struct allocate_minimised result;
    struct error error = ERROR_CLEAR;
    if (!allocate_minimise(verify->scratch, plan->protocol, plan->scheme, plan->seed, verify->label,
            row->position, verify->tally, levels, &result, &error)) {
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION, error.detail);
        return;
    }
    verify_compare_arm(verify, state, row, result.arm);
    if (!verify_same_json(row->cells[LEDGER_DECISION], result.decision))
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION, result.decision);
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
