/*
 * registration_screen.c: whose attributes alone break a rule of eligibility is excluded from the
 * moment of the registration, and the screening log says by which rule.
 */
#include "store/people/registration.h"
#include "store/people/screening.h"

#include <stdlib.h>

/* Exclusions of a statement. */
#define EXCLUDED_AT_ONCE 5000

static bool
write_excluded(struct registration *registration, json_t *excluded)
{
    char *text = json_dumps(excluded, JSON_COMPACT);
    bool ok = json_array_size(excluded) == 0 ||
              sql_screening_exclude(registration->enrol.tx,
                  &(struct sql_screening_exclude){
                      .trial_id = registration->desk->trial_id, .excluded = text},
                  NULL);
    free(text);
    json_array_clear(excluded);
    return ok;
}

bool
registration_screen(struct registration *registration, const char *const *ids)
{
    const struct enrol *enrol = &registration->enrol;
    const struct protocol_answers nothing = {0};
    struct arena *arena = arena_new();
    json_t *excluded = json_array();
    bool ok = true;
    for (size_t i = 0; ok && enrol->subject->rule_count > 0 && i < enrol->count; i++) {
        struct protocol_values values;
        arena_reset(arena);
        unit_values_of(arena, enrol->rows[i].attributes, enrol->year, &values);
        const char *rule = screening_failed_rule(arena, enrol->subject, &values, &nothing);
        if (rule != NULL)
            json_array_append_new(
                excluded, json_pack("{s:s, s:s}", "unit_id", ids[i], "reason", rule));
        if (json_array_size(excluded) == EXCLUDED_AT_ONCE)
            ok = write_excluded(registration, excluded);
    }
    ok = ok && write_excluded(registration, excluded);
    json_decref(excluded);
    arena_free(arena);
    return ok;
}
