/*
 * measure.c: holds values against the items and fields of an instrument.
 */
#include "trial/measure.h"

#include "base/named.h"
#include "base/nearest.h"
#include "base/text.h"

#include <string.h>

struct check {
    struct arena *arena;
    const struct protocol_instrument *instrument;
    const struct protocol_values *values;
    struct faults *faults;
    struct protocol_value *items;
    size_t count;
};

static const char *
pointer_to(const struct check *check, const char *name)
{
    return arena_printf(check->arena, "/values/%s", name);
}

static void
keep(struct check *check, const char *name, const char *value)
{
    check->items[check->count++] = (struct protocol_value){.name = name, .value = value};
}

/* The number of an item, from 1; 0 where the name is none's. */
static unsigned
item_of(const struct protocol_instrument *instrument, const char *name)
{
    long long number;
    if (name[0] == '0' || name[strspn(name, "0123456789")] != '\0' ||
        !text_to_int64(name, &number) || number < 1 || number > (long long)instrument->items)
        return 0;
    return (unsigned)number;
}

static const struct protocol_attribute *
field_of(const struct protocol_instrument *instrument, const char *name)
{
    return named_get(NAMED(instrument->fields, instrument->field_count), name);
}

static const char *
known(const struct check *check, const char *name)
{
    const struct protocol_instrument *instrument = check->instrument;
    if (instrument->items > 0)
        return arena_printf(check->arena, "its items are 1 to %u", instrument->items);
    const char **names = arena_array(check->arena, instrument->field_count, sizeof *names);
    for (size_t i = 0; i < instrument->field_count; i++)
        names[i] = instrument->fields[i].name;
    return nearest_remedy(check->arena, name, names, instrument->field_count);
}

static void
check_names(const struct check *check)
{
    for (size_t i = 0; i < check->values->count; i++) {
        const char *name = check->values->items[i].name;
        const struct protocol_attribute *field = field_of(check->instrument, name);
        if (item_of(check->instrument, name) == 0 && field == NULL)
            faults_add(check->faults, pointer_to(check, name), 0, 0, known(check, name),
                "the instrument %s has no %s called %s", check->instrument->name,
                check->instrument->items > 0 ? "item" : "field", name);
        else if (field != NULL && (field->kind == ATTRIBUTE_BANDS || field->kind == ATTRIBUTE_AGE))
            faults_add(check->faults, pointer_to(check, name), 0, 0, "leave it out",
                "%s is worked out from another field", name);
    }
}

static const char *
value_of(const struct check *check, const char *name)
{
    const struct protocol_value *found =
        named_get(NAMED(check->values->items, check->values->count), name);
    return found == NULL ? NULL : found->value;
}

static void
check_item(struct check *check, unsigned item)
{
    const struct protocol_instrument *instrument = check->instrument;
    const char *name = arena_printf(check->arena, "%u", item);
    const char *value = value_of(check, name);
    long long number;
    if (value == NULL)
        return;
    bool whole = text_to_int64(value, &number);
    /* A long one may tell who somebody is. */
    bool shown = whole && number > -1000 && number < 1000;
    if (whole && number >= instrument->low && number <= instrument->high)
        keep(check, name, arena_printf(check->arena, "%lld", number));
    else
        faults_add(check->faults, pointer_to(check, name), 0, 0,
            arena_printf(
                check->arena, "a whole number from %d to %d", instrument->low, instrument->high),
            "%sis no answer to item %u of %s",
            shown ? arena_printf(check->arena, "%lld ", number) : "", item, instrument->name);
}

static void
check_field(struct check *check, const struct protocol_attribute *field)
{
    const char *normal;
    const char *value = value_of(check, field->name);
    if (value == NULL || field->kind == ATTRIBUTE_BANDS || field->kind == ATTRIBUTE_AGE)
        return;
    if (protocol_attribute_check(check->arena, field, value, &normal))
        keep(check, field->name, normal);
    else
        faults_add(check->faults, pointer_to(check, field->name), 0, 0, NULL, "%s", normal);
}

bool
measure_check(struct arena *arena, const struct protocol_instrument *instrument,
    const struct protocol_values *values, struct faults *faults, struct protocol_values *normal)
{
    size_t before = faults->total;
    struct check check = {.arena = arena,
        .instrument = instrument,
        .values = values,
        .faults = faults,
        .items =
            arena_array(arena, instrument->items + instrument->field_count, sizeof *check.items)};
    check_names(&check);
    for (unsigned item = 1; item <= instrument->items; item++)
        check_item(&check, item);
    for (size_t i = 0; i < instrument->field_count; i++)
        check_field(&check, &instrument->fields[i]);
    *normal = (struct protocol_values){.items = check.items, .count = check.count};
    return faults->total == before;
}

const struct protocol_instrument *
measure_instrument(const struct protocol *protocol, const char *name)
{
    return named_get(NAMED(protocol->instruments, protocol->instrument_count), name);
}

bool
measure_is_of_task(const struct protocol *protocol, const struct protocol_task *task,
    const struct protocol_instrument *instrument)
{
    for (size_t i = 0; task != NULL && i < task->instrument_count; i++)
        if (&protocol->instruments[task->instruments[i]] == instrument)
            return true;
    return false;
}

bool
measure_tells_arm(const struct protocol *protocol, const struct protocol_instrument *instrument)
{
    uint32_t every = (uint32_t)((UINT64_C(1) << protocol->arm_count) - 1);
    bool asked = false;
    for (size_t i = 0; i < protocol->task_count; i++) {
        const struct protocol_task *task = &protocol->tasks[i];
        if (!measure_is_of_task(protocol, task, instrument))
            continue;
        if ((task->arms & every) == every)
            return false;
        asked = true;
    }
    return asked;
}
