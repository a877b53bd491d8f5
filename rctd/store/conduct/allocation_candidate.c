/*
 * allocation_candidate.c: reads a unit that is to be allocated, and says in sentences what speaks
 * against it.
 */
#include "store/conduct/allocation.h"

#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>

struct missing {
    struct arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
};

static void
add(struct missing *missing, const char *sentence)
{
    missing->items = arena_grow(
        missing->arena, missing->items, missing->count, &missing->capacity, sizeof *missing->items);
    missing->items[missing->count++] = sentence;
}

static bool
excludes(const struct protocol *protocol, const char *phase, const char *other)
{
    const struct protocol_phase *row = protocol_phase_by_name(protocol, phase);
    for (size_t i = 0; row != NULL && i < row->exclude_count; i++)
        if (text_equal(protocol->phases[row->excludes[i]].name, other))
            return true;
    return false;
}

/* What the unit was allocated in before: this scheme, or a phase that excludes this one. */
static void
check_earlier(const struct allocation_scheme *scheme, struct allocation_candidate *candidate,
    struct missing *missing)
{
    json_t *earlier = json_loads(candidate->unit.row.allocations, 0, NULL);
    const char *phase = scheme->seed.phase;
    size_t index;
    json_t *item;
    json_array_foreach(earlier, index, item)
    {
        const char *other = json_string_value(json_object_get(item, "phase"));
        const char *in = json_string_value(json_object_get(item, "scheme"));
        if (text_equal(in, scheme->scheme->name)) {
            candidate->allocated = true;
            add(missing, arena_printf(missing->arena, "Allocated in %s already, on %.10s", in,
                             json_string_value(json_object_get(item, "allocated_at"))));
        } else if (excludes(scheme->protocol, phase, other) ||
                   excludes(scheme->protocol, other, phase)) {
            add(missing, arena_printf(missing->arena,
                             "Was in the phase %s, and no %s of that phase can enter %s", other,
                             candidate->unit.row.kind, phase));
        }
    }
    json_decref(earlier);
}

/* The unit's level in each factor that minimisation balances. */
static void
find_levels(const struct allocation_scheme *scheme, struct allocation_candidate *candidate,
    struct faults *faults)
{
    size_t *levels = arena_array(
        faults->arena, scheme->scheme->design.balanced_count, sizeof *candidate->levels);
    if (protocol_balanced_levels(faults->arena, scheme->protocol, scheme->scheme,
            &candidate->unit.facts.values, levels, faults))
        candidate->levels = levels;
}

/* What constrained randomisation balances has to be known of every unit: a level, or a number. */
static void
check_covariates(const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, struct faults *faults)
{
    const struct protocol_values *values = &candidate->unit.facts.values;
    const struct protocol_subject *subject = &scheme->protocol->subjects[scheme->scheme->unit];
    struct protocol_scheme alone = *scheme->scheme;
    alone.design.balanced_count = 1;
    for (size_t i = 0; i < scheme->scheme->design.balanced_count; i++) {
        size_t level;
        alone.design.balanced = &scheme->scheme->design.balanced[i];
        const struct protocol_attribute *attribute =
            &subject->attributes[alone.design.balanced->attribute];
        if (attribute->level_count > 0) {
            if (!protocol_balanced_levels(
                    faults->arena, scheme->protocol, &alone, values, &level, faults))
                continue;
        } else if (protocol_value_of(subject, attribute->name, values) == NULL) {
            faults_add(faults, attribute->name, 0, 0, NULL, "%s is not known yet", attribute->name);
        }
    }
}

/* Stratum, levels and covariates: what the design looks at. */
static void
check_design(const struct allocation_scheme *scheme, struct allocation_candidate *candidate,
    struct missing *missing)
{
    struct faults faults;
    faults_init(&faults, missing->arena);
    candidate->stratum = protocol_stratum_key(
        missing->arena, scheme->protocol, scheme->scheme, &candidate->unit.facts.values, &faults);
    if (scheme->scheme->method == METHOD_MINIMISATION)
        find_levels(scheme, candidate, &faults);
    if (scheme->scheme->method == METHOD_CONSTRAINED) {
        check_covariates(scheme, candidate, &faults);
        candidate->stratum = candidate->stratum == NULL ? NULL : "";
    }
    for (size_t i = 0; i < faults.count; i++)
        add(missing, arena_printf(missing->arena, "%s: %s", faults.items[i].pointer,
                         faults.items[i].message));
}

/* What speaks against the unit in this scheme, of the right kind. */
static void
check_unit(const struct allocation_scheme *scheme, struct allocation_candidate *candidate,
    struct missing *missing)
{
    check_earlier(scheme, candidate, missing);
    check_design(scheme, candidate, missing);
    struct readiness readiness =
        readiness_of(missing->arena, scheme->protocol, scheme->scheme, &candidate->unit.facts);
    for (size_t i = 0; i < readiness.count; i++)
        add(missing, readiness.missing[i]);
}

void
allocation_candidate_add_missing(
    struct arena *arena, struct allocation_candidate *candidate, const char *sentence)
{
    struct missing missing = {.arena = arena};
    if (sentence == NULL)
        return;
    for (size_t i = 0; i < candidate->missing_count; i++)
        add(&missing, candidate->missing[i]);
    add(&missing, sentence);
    candidate->missing = missing.items;
    candidate->missing_count = missing.count;
}

bool
allocation_candidate_read(struct tx *tx, const struct allocation_scheme *scheme, const char *scope,
    enum protocol_unit kind, const char *code, bool lock, struct allocation_candidate *candidate)
{
    struct missing missing = {.arena = tx_arena(tx)};
    *candidate = (struct allocation_candidate){0};
    if (!unit_read(tx, scheme->trial_id, scope, kind, code, lock, &candidate->unit))
        return false;
    if (text_equal(scheme->seed.phase_state, "closed"))
        add(&missing,
            arena_printf(missing.arena, "The phase %s is closed for good", scheme->seed.phase));
    else if (!text_equal(scheme->seed.phase_state, "open"))
        add(&missing,
            arena_printf(missing.arena, "The phase %s is not open yet; the trial manager opens it",
                scheme->seed.phase));
    else if (scheme->seed.closed)
        add(&missing,
            arena_printf(missing.arena, "The scheme %s is closed for good", scheme->scheme->name));
    if (kind == scheme->scheme->unit)
        check_unit(scheme, candidate, &missing);
    else
        add(&missing, arena_printf(missing.arena, "The scheme %s allocates %ss; this is a %s",
                          scheme->scheme->name, protocol_unit_name(scheme->scheme->unit),
                          protocol_unit_name(kind)));
    candidate->missing = missing.items;
    candidate->missing_count = missing.count;
    return true;
}
