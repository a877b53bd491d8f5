/*
 * unit_flag.c: the protocol's flags of a unit (under_represented, high_risk), worked out by its
 * rules and frozen before allocation, so that no later rule and no known arm moves them.
 */
#include "store/people/unit.h"

#include "trial/expr.h"

#include <jansson.h>
#include <stdlib.h>

struct lookup {
    const struct protocol_subject *subject;
    const struct protocol_values *values;
};

static const char *
look_up(const void *context, const char *name)
{
    const struct lookup *lookup = context;
    return protocol_value_of(lookup->subject, name, lookup->values);
}

static json_t *
judge(const struct protocol_flag *flag, const struct lookup *lookup)
{
    const struct expr_values values = {.value = look_up, .context = lookup};
    enum expr_truth truth = expr_evaluate(flag->rule, &values);
    return truth == EXPR_UNKNOWN ? json_null() : json_boolean(truth == EXPR_YES);
}

const char *
unit_flags(struct arena *arena, const struct protocol *protocol, const struct readiness_unit *facts)
{
    const struct protocol_subject *subject = &protocol->subjects[facts->kind];
    const struct lookup lookup = {subject, &facts->values};
    if (subject->flag_count == 0)
        return NULL;
    json_t *flags = json_array();
    for (size_t i = 0; i < subject->flag_count; i++) {
        const struct protocol_flag *flag = &subject->flags[i];
        json_array_append_new(flags, json_pack("{s:s, s:o, s:s}", "flag", flag->name, "raised",
                                         judge(flag, &lookup), "rule", flag->rule_text));
    }
    char *dumped = json_dumps(flags, JSON_COMPACT);
    const char *text = arena_strdup(arena, dumped);
    free(dumped);
    json_decref(flags);
    return text;
}

bool
unit_freeze_flags(struct tx *tx, const struct protocol *protocol, int version, struct uuid trial_id,
    const struct unit *unit)
{
    const char *flags = unit_flags(tx_arena(tx), protocol, &unit->facts);
    return flags == NULL || sql_unit_flags_freeze(tx,
                                &(struct sql_unit_flags_freeze){.trial_id = trial_id,
                                    .unit_id = unit->row.unit_id,
                                    .protocol_version = version,
                                    .flags = flags},
                                NULL);
}
