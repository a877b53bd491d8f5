/*
 * unit.c: what the lists of workplaces and of participants have in common.
 */
#include "cli/people/unit.h"

const struct column unit_may_columns[] = {
    {"action", "ACTION", COLUMN_TEXT},
    {"meaning", "WHAT IT IS", COLUMN_TEXT},
    {"allowed", "ALLOWED", COLUMN_TEXT},
    {"because", "BECAUSE", COLUMN_LONG},
    {"objection", "OBJECTION", COLUMN_CSV},
    {"missing", "MISSING", COLUMN_CSV},
    {0},
};

const char *
unit_kind_of_code(const char *code)
{
    return code[0] == 'P' || code[0] == 'p' ? "participant" : "workplace";
}

void
unit_put_in_words(const struct session *session, json_t *unit)
{
    json_t *ended = json_object_get(unit, "ended");
    if (json_is_string(ended) && session->output == OUTPUT_PEOPLE)
        json_object_set(unit, "state", ended);
    size_t count = json_array_size(json_object_get(unit, "missing"));
    if (count > 0 && session->output == OUTPUT_PEOPLE)
        json_object_set_new(unit, "missing_count", json_integer((json_int_t)count));
}
