/*
 * deviation_stratum.c: works out the stratum that a unit truly belongs to, or its levels where
 * minimisation or constrained randomisation looks at them: by the rules of the protocol that the
 * allocation was made under, from what is stored of the unit and the values that were not true.
 */
#include "store/conduct/deviation_private.h"

#include "base/text.h"
#include "store/people/unit.h"

#include <stdlib.h>
#include <string.h>

/* A scheme's factors as the protocol lists them: those of its strata, then what it balances. */
struct factors {
    const struct protocol_subject *subject;
    const struct protocol_attribute **items;
    size_t count;
};

static struct factors
factors_of(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const struct protocol_design *design = &scheme->design;
    struct factors factors = {.subject = &protocol->subjects[scheme->unit]};
    factors.count = scheme->factor_count + design->balanced_count;
    factors.items = arena_array(arena, factors.count, sizeof *factors.items);
    for (size_t i = 0; i < factors.count; i++)
        factors.items[i] =
            &factors.subject
                 ->attributes[i < scheme->factor_count
                                  ? scheme->factors[i]
                                  : design->balanced[i - scheme->factor_count].attribute];
    return factors;
}

/* The attribute that is entered, where this one is worked out: a band's, or an age's. */
static const struct protocol_attribute *
entered(const struct factors *factors, const struct protocol_attribute *attribute)
{
    while ((attribute->kind == ATTRIBUTE_BANDS || attribute->kind == ATTRIBUTE_AGE) &&
           attribute->source != PROTOCOL_NONE)
        attribute = &factors->subject->attributes[attribute->source];
    return attribute;
}

/* Does a factor look at the attribute, itself or by a value that is worked out from it? */
static bool
matters(const struct factors *factors, const struct protocol_attribute *attribute)
{
    for (size_t i = 0; i < factors->count; i++)
        if (factors->items[i] == attribute || entered(factors, factors->items[i]) == attribute)
            return true;
    return false;
}

static const char *
list_attributes(struct arena *arena, const struct factors *factors)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < factors->subject->attribute_count; i++) {
        const struct protocol_attribute *attribute = &factors->subject->attributes[i];
        if (entered(factors, attribute) == attribute && matters(factors, attribute))
            text_printf(&list, "%s%s", list.length == 0 ? "" : ", ", attribute->name);
    }
    return list.bytes;
}

/* One value that was not true; NULL with a fault where it cannot be one. */
static const char *
check_value(struct arena *arena, const struct factors *factors, const char *name, const char *value,
    struct faults *faults)
{
    const char *pointer = arena_printf(arena, "/values/%s", name), *normal;
    const struct protocol_attribute *attribute = protocol_attribute_by_name(factors->subject, name);
    if (attribute == NULL || !matters(factors, attribute))
        faults_add(faults, pointer, 0, 0,
            arena_printf(arena, "one of %s", list_attributes(arena, factors)),
            "the scheme allocates by no attribute %s", name);
    else if (entered(factors, attribute) != attribute)
        faults_add(faults, pointer, 0, 0,
            arena_printf(arena, "give %s", entered(factors, attribute)->name),
            "it is worked out from another attribute");
    else if (protocol_attribute_check(arena, attribute, value, &normal))
        return normal;
    else
        faults_add(faults, pointer, 0, 0, NULL, "%s", normal);
    return NULL;
}

/* Is the stored value one that stays: neither given anew, nor the age, which may follow from one?
 */
static bool
stays(const json_t *values, const char *name)
{
    return json_object_get(values, name) == NULL && !text_equal(name, PROTOCOL_AGE);
}

/* The unit's values with those in place that were not true; `given` gets what was checked. */
static void
overlay(struct arena *arena, const struct factors *factors, json_t *values, int year,
    struct protocol_values *facts, json_t *given, struct faults *faults)
{
    const char *name;
    json_t *value;
    struct protocol_value *items =
        arena_array(arena, facts->count + json_object_size(values) + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < facts->count; i++)
        if (stays(values, facts->items[i].name))
            items[count++] = facts->items[i];
    json_object_foreach(values, name, value)
    {
        const char *normal = check_value(arena, factors, name, json_string_value(value), faults);
        if (normal == NULL)
            continue;
        items[count++] =
            (struct protocol_value){.name = arena_strdup(arena, name), .value = normal};
        json_object_set_new(given, name, json_string(normal));
    }
    *facts = (struct protocol_values){.items = items, .count = count};
    const char *age = protocol_age(arena, facts, year);
    if (age != NULL)
        items[facts->count++] = (struct protocol_value){.name = PROTOCOL_AGE, .value = age};
}

/* "sector=public|size=1-9" by factor. */
static json_t *
levels_of_stratum(struct arena *arena, const char *stratum)
{
    json_t *levels = json_object();
    char *rest = arena_strdup(arena, stratum), *piece;
    while ((piece = strsep(&rest, "|")) != NULL) {
        char *level = strchr(piece, '=');
        if (level == NULL)
            continue;
        *level = '\0';
        json_object_set_new(levels, piece, json_string(level + 1));
    }
    return levels;
}

/* What the ledger says that the unit was allocated on, by factor; NULL where it says nothing. */
static json_t *
allocated_levels(struct arena *arena, const struct protocol_scheme *scheme,
    const struct sql_deviation_allocation_row *row)
{
    if (scheme->method != METHOD_MINIMISATION && scheme->method != METHOD_CONSTRAINED)
        return levels_of_stratum(arena, row->stratum);
    json_t *decision = json_loads(row->decision, 0, NULL);
    json_t *levels = json_incref(
        json_object_get(decision, scheme->method == METHOD_MINIMISATION ? "levels" : "values"));
    json_decref(decision);
    return levels;
}

static json_t *
true_levels(struct arena *arena, const struct factors *factors,
    const struct protocol_values *values, struct faults *faults)
{
    json_t *levels = json_object();
    for (size_t i = 0; i < factors->count; i++) {
        const char *name = factors->items[i]->name;
        const char *level = protocol_value_of(factors->subject, name, values);
        if (level == NULL)
            faults_add(faults, arena_printf(arena, "/values/%s", name), 0, 0, NULL,
                "is not known, or lies in no band");
        json_object_set_new(levels, name, json_string(level == NULL ? "" : level));
    }
    return levels;
}

static const char *
json_in(struct arena *arena, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    const char *kept = arena_strdup(arena, text);
    free(text);
    return kept;
}

bool
deviation_tell_stratum(struct tx *tx, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct sql_deviation_allocation_row *row,
    json_t *values, struct faults *faults, struct sql_deviation_insert *in)
{
    struct arena *arena = tx_arena(tx);
    struct factors factors = factors_of(arena, protocol, scheme);
    struct protocol_values facts;
    if (factors.count == 0)
        return tx_fail(tx, ERROR_REFUSED,
            "The scheme %s allocates by no factor, and has no stratum that could be wrong; record "
            "it as other",
            scheme->name);
    json_t *given = json_object(), *allocated = allocated_levels(arena, scheme, row), *actual;
    unit_values(arena, row->attributes, row->year, &facts);
    overlay(arena, &factors, values, row->year, &facts, given, faults);
    actual = true_levels(arena, &factors, &facts, faults);
    in->true_stratum = row->stratum[0] == '\0'
                           ? ""
                           : protocol_stratum_key(arena, protocol, scheme, &facts, faults);
    in->allocated_stratum = row->stratum;
    in->true_values = json_in(arena, given);
    in->true_levels = json_in(arena, actual);
    in->allocated_levels = allocated == NULL ? "{}" : json_in(arena, allocated);
    bool same = json_equal(allocated, actual);
    json_decref(given);
    json_decref(allocated);
    json_decref(actual);
    if (faults->total > 0)
        return deviation_faulty(tx, faults);
    if (same)
        return tx_fail(tx, ERROR_REFUSED,
            "With these values %s belongs where it was allocated; there is no wrong stratum",
            row->code);
    return true;
}
