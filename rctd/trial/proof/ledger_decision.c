/*
 * ledger_decision.c: reads the inputs out of a decision's JSON.
 */
#include "trial/proof/ledger_decision.h"

#include <jansson.h>

static json_t *
parse(struct ledger_cell decision)
{
    return json_loadb(decision.bytes, decision.length, JSON_REJECT_DUPLICATES, NULL);
}

bool
ledger_decision_levels(const struct protocol *protocol, const struct protocol_scheme *scheme,
    struct ledger_cell decision, size_t *levels)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    json_t *json = parse(decision);
    json_t *named = json_object_get(json, "levels");
    bool whole = true;
    for (size_t i = 0; i < scheme->design.balanced_count; i++) {
        const struct protocol_attribute *factor =
            &subject->attributes[scheme->design.balanced[i].attribute];
        levels[i] =
            protocol_level_index(factor, json_string_value(json_object_get(named, factor->name)));
        whole = whole && levels[i] != PROTOCOL_NONE;
    }
    json_decref(json);
    return whole;
}

bool
ledger_decision_batch(struct arena *arena, struct ledger_cell decision, struct ledger_batch *batch)
{
    const char *name;
    json_t *value, *json = parse(decision), *named = json_object_get(json, "values");
    struct protocol_value *items = arena_array(arena, json_object_size(named), sizeof *items);
    *batch = (struct ledger_batch){
        .number = json_integer_value(json_object_get(json, "batch")),
        .units = json_integer_value(json_object_get(json, "units")),
        .values = {.items = items, .count = json_object_size(named)},
    };
    json_object_foreach(named, name, value)
    {
        items->name = arena_strdup(arena, name);
        items->value = arena_strdup(arena, json_string_value(value));
        items++;
    }
    json_decref(json);
    return batch->number >= 1;
}

bool
ledger_decision_reason(struct ledger_cell decision)
{
    json_t *json = parse(decision);
    const char *reason = json_string_value(json_object_get(json, "reason"));
    bool given = reason != NULL && reason[0] != '\0';
    json_decref(json);
    return given;
}
