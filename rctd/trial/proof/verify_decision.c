/*
 * verify_decision.c: compares what a row was decided on with what it should have been. The same
 * bytes are the same; else both are read as JSON, since a database may order members as it likes.
 */
#include "trial/proof/verify_private.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
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

/* As deep as the text that rctd would have written, and no deeper. */
static bool
same(json_t *a, json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return same_number(a, b);
    if (json_is_object(a) && json_is_object(b))
        return same_objects(a, b);
    if (json_is_array(a) && json_is_array(b))
        return same_arrays(a, b);
    return json_equal(a, b);
}

/* "counts [1,0,2]", or "no counts"; in the arena. */
static const char *
describe(struct arena *arena, const char *name, const json_t *value)
{
    if (value == NULL)
        return arena_printf(arena, "no %s", name);
    char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    const char *text = arena_printf(arena, "%s %.400s", name, json);
    free(json);
    return text;
}

/* The first member of `a` that `b` has otherwise, or not; NULL for none. */
static const char *
first_other(json_t *a, json_t *b)
{
    const char *name;
    json_t *value;
    json_object_foreach(a, name, value)
    {
        json_t *other = json_object_get(b, name);
        if (other == NULL || !same(value, other))
            return name;
    }
    return NULL;
}

static void
tell(struct verify *verify, struct verify_state *state, const struct ledger_row *row, json_t *found,
    json_t *expected)
{
    const char *name = first_other(expected, found);
    name = name == NULL ? first_other(found, expected) : name;
    if (name == NULL || !json_is_object(found) || verify->result.finding_count == VERIFY_KEPT)
        verify_find_cell(verify, state, VERIFY_DECISION, row, LEDGER_DECISION, "something else");
    else
        verify_find(verify, state, VERIFY_DECISION, row,
            describe(verify->arena, name, json_object_get(found, name)),
            describe(verify->arena, name, json_object_get(expected, name)));
}

void
verify_compare_decision(struct verify *verify, struct verify_state *state,
    const struct ledger_row *row, const char *expected)
{
    struct ledger_cell cell = row->cells[LEDGER_DECISION];
    if (strlen(expected) == cell.length && memcmp(expected, cell.bytes, cell.length) == 0)
        return;
    json_t *found = json_loadb(cell.bytes, cell.length, JSON_REJECT_DUPLICATES, NULL);
    json_t *right = json_loads(expected, 0, NULL);
    if (found == NULL || !same(found, right))
        tell(verify, state, row, found, right);
    json_decref(found);
    json_decref(right);
}
