/*
 * unit.c: what the lists of workplaces and of participants have in common.
 */
#include "cli/people/unit.h"

const char *
unit_kind_of_code(const char *code)
{
    return code[0] == 'P' || code[0] == 'p' ? "participant" : "workplace";
}

void
unit_count_missing(json_t *units)
{
    size_t index;
    json_t *unit;
    json_array_foreach(units, index, unit)
    {
        size_t count = json_array_size(json_object_get(unit, "missing"));
        if (count > 0)
            json_object_set_new(unit, "missing_count", json_integer((json_int_t)count));
    }
}
