/*
 * batch.c: the problem of a batch of units, as a protocol's scheme wants it. The same values give
 * the same problem, whether they come from the units themselves or from a ledger's decisions.
 */
#include "base/text.h"
#include "trial/constrained/constrained.h"

#include <string.h>

/* What is read of each unit on the way. */
struct reading {
    struct arena *arena;
    const struct protocol_subject *subject;
    const struct protocol_scheme *scheme;
    const struct constrained_unit *units;
    size_t count;
    const size_t *order; /* of each unit of the problem, its index in `units` */
    struct constrained_problem *problem;
    struct faults *faults;
};

/* A band has no value where its number is not known, or in no band. */
static void
tell_missing(const struct reading *reading, const char *id,
    const struct protocol_attribute *attribute, const struct protocol_values *values)
{
    const char *asked = protocol_entered_for(reading->subject, attribute);
    const char *value = protocol_value_entered(values, asked);
    if (value == NULL)
        faults_add(reading->faults, asked, 0, 0, "enter it before allocation",
            "%s of %.80s is not known yet", asked, id);
    else
        faults_add(reading->faults, asked, 0, 0, NULL,
            "%s of %.80s is %.60s, which lies outside of every band of %s", asked, id, value,
            attribute->name);
}

/* The text of an attribute for each unit, of a band its label, whether that was given or follows
 * from the number; false where one has none. */
static bool
read_texts(const struct reading *reading, size_t attribute, const char **texts)
{
    const struct protocol_attribute *of = &reading->subject->attributes[attribute];
    bool whole = true;
    for (size_t unit = 0; unit < reading->count; unit++) {
        const struct protocol_values *values = &reading->units[reading->order[unit]].values;
        texts[unit] = protocol_value_entered(values, of->name);
        if (texts[unit] == NULL)
            texts[unit] = protocol_value_of(reading->subject, of->name, values);
        if (texts[unit] != NULL)
            continue;
        whole = false;
        tell_missing(reading, reading->problem->ids[unit], of, values);
    }
    return whole;
}

static bool
read_levels(const struct reading *reading, const struct protocol_attribute *attribute,
    const char *const *texts, size_t *levels)
{
    for (size_t unit = 0; unit < reading->count; unit++) {
        levels[unit] = protocol_level_index(attribute, texts[unit]);
        if (levels[unit] == PROTOCOL_NONE) {
            faults_add(reading->faults, attribute->name, 0, 0, NULL,
                "%s of %.80s is %.60s, which is none of its levels", attribute->name,
                reading->problem->ids[unit], texts[unit]);
            return false;
        }
    }
    return true;
}

static bool
read_numbers(const struct reading *reading, const struct protocol_attribute *attribute,
    const char *const *texts, double *numbers)
{
    for (size_t unit = 0; unit < reading->count; unit++) {
        long long number;
        if (!text_to_int64(texts[unit], &number) || number > INT64_C(1000000000000000) ||
            number < -INT64_C(1000000000000000)) {
            faults_add(reading->faults, attribute->name, 0, 0, NULL,
                "%s of %.80s is %.60s, which is no whole number that can be balanced",
                attribute->name, reading->problem->ids[unit], texts[unit]);
            return false;
        }
        numbers[unit] = (double)number;
    }
    return true;
}

static bool
is_constant(const double *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (numbers[i] < numbers[0] || numbers[i] > numbers[0])
            return false;
    return true;
}

static void
add_factor(const struct reading *reading, const struct protocol_balanced *balanced,
    const char *const *texts)
{
    const struct protocol_attribute *attribute = &reading->subject->attributes[balanced->attribute];
    const struct constrained_covariate covariate = {.name = attribute->name,
        .weight = balanced->weight,
        .mean_limit = balanced->mean_limit,
        .total_limit = balanced->total_limit};
    double *numbers = arena_array(reading->arena, reading->count, sizeof *numbers);
    if (attribute->level_count > 0) {
        size_t *levels = arena_array(reading->arena, reading->count, sizeof *levels);
        if (!read_levels(reading, attribute, texts, levels))
            return;
        if (!balanced->ordinal) {
            constrained_add_levels(
                reading->problem, &covariate, attribute->levels, attribute->level_count, levels);
            return;
        }
        for (size_t unit = 0; unit < reading->count; unit++)
            numbers[unit] = (double)levels[unit] + 1;
    } else if (!read_numbers(reading, attribute, texts, numbers)) {
        return;
    }
    if (!is_constant(numbers, reading->count))
        constrained_add_numbers(reading->problem, &covariate, numbers);
}

/* The value stays in the record of each unit. */
static void
record(const struct reading *reading, struct protocol_value **values, size_t attribute,
    const char *const *texts)
{
    const char *name = reading->subject->attributes[attribute].name;
    for (size_t unit = 0; unit < reading->count; unit++) {
        struct protocol_values *of = &reading->problem->values[unit];
        bool known = false;
        for (size_t i = 0; i < of->count; i++)
            known = known || strcmp(of->items[i].name, name) == 0;
        if (!known)
            values[unit][of->count++] = (struct protocol_value){name, texts[unit]};
    }
}

/* Factors become columns, and strata keys. */
static void
read_attributes(const struct reading *reading)
{
    const struct protocol_scheme *scheme = reading->scheme;
    const struct protocol_design *design = &scheme->design;
    size_t all = scheme->factor_count + design->balanced_count;
    const char **texts = arena_array(reading->arena, reading->count, sizeof *texts);
    const char **keys = arena_array(reading->arena, reading->count, sizeof *keys);
    struct protocol_value **values = arena_array(reading->arena, reading->count, sizeof *values);
    for (size_t unit = 0; unit < reading->count; unit++) {
        keys[unit] = "";
        values[unit] = arena_array(reading->arena, all, sizeof *values[unit]);
        reading->problem->values[unit].items = values[unit];
    }
    for (size_t i = 0; i < scheme->factor_count; i++) {
        if (!read_texts(reading, scheme->factors[i], texts))
            continue;
        record(reading, values, scheme->factors[i], texts);
        for (size_t unit = 0; unit < reading->count; unit++)
            keys[unit] = arena_printf(reading->arena, "%s%s%s=%s", keys[unit], i == 0 ? "" : "|",
                reading->subject->attributes[scheme->factors[i]].name, texts[unit]);
    }
    for (size_t i = 0; i < design->balanced_count; i++) {
        if (!read_texts(reading, design->balanced[i].attribute, texts))
            continue;
        record(reading, values, design->balanced[i].attribute, texts);
        add_factor(reading, &design->balanced[i], texts);
    }
    constrained_stratify(reading->problem, keys);
}

/* The arms that are in the scheme, one after another. */
static size_t
read_ratio(const struct protocol_scheme *scheme, struct constrained_problem *problem,
    unsigned ratio[PROTOCOL_ARMS_MAX])
{
    size_t arms = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0) {
            problem->arm_indexes[arms] = arm;
            ratio[arms++] = scheme->ratio[arm];
        }
    return arms;
}

static void
check_units(const struct reading *reading, size_t arms)
{
    const char *const *ids = reading->problem->ids;
    for (size_t unit = 1; unit < reading->count; unit++)
        if (strcmp(ids[unit - 1], ids[unit]) == 0)
            faults_add(reading->faults, "units", 0, 0, "name each unit once",
                "%.80s is in the batch twice", ids[unit]);
    if (reading->count < arms || reading->count < 2)
        faults_add(reading->faults, "units", 0, 0, "allocate more of them at once",
            "%zu units are too few to be divided among all groups", reading->count);
    if (reading->count > CONSTRAINED_UNITS_MAX)
        faults_add(reading->faults, "units", 0, 0, "allocate fewer of them at once",
            "%zu units are too many; a batch has at most %d", reading->count,
            CONSTRAINED_UNITS_MAX);
}

struct constrained_problem *
constrained_problem_of(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct constrained_unit *units, size_t count,
    struct faults *faults)
{
    const struct protocol_design *design = &scheme->design;
    const char **ids = arena_array(arena, count, sizeof *ids);
    size_t *order = arena_array(arena, count, sizeof *order), before = faults->total;
    unsigned ratio[PROTOCOL_ARMS_MAX];
    for (size_t i = 0; i < count; i++)
        ids[i] = units[i].id;
    struct constrained_problem *problem = constrained_problem_new(arena, ids, count, order);
    problem->metric = design->score;
    problem->accept = design->accept;
    problem->enumerate = design->enumerate;
    problem->sample = design->sample;
    size_t arms = read_ratio(scheme, problem, ratio);
    const struct reading reading = {.arena = arena,
        .subject = &protocol->subjects[scheme->unit],
        .scheme = scheme,
        .units = units,
        .count = count,
        .order = order,
        .problem = problem,
        .faults = faults};
    check_units(&reading, arms);
    if (faults->total == before)
        read_attributes(&reading);
    if (faults->total != before)
        return NULL;
    constrained_even_sizes(problem, ratio, arms);
    return problem;
}
