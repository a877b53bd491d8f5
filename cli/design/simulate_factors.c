/*
 * simulate_factors.c: writes the attributes that minimisation balances into a protocol that has
 * nothing else.
 */
#include "cli/design/simulate_factors.h"

#include "base/text.h"

#include <string.h>

#define FACTORS_MAX 32
#define LEVELS_MAX 100

/* The protocol and the room for its factors. */
static struct protocol_subject *
make_protocol(struct arena *arena, size_t factors, struct simulate_design *design)
{
    struct protocol *protocol = arena_alloc(arena, sizeof *protocol);
    struct protocol_subject *subject = &protocol->subjects[PROTOCOL_WORKPLACE];
    subject->attributes = arena_array(arena, factors, sizeof *subject->attributes);
    design->protocol = protocol;
    design->scheme.unit = PROTOCOL_WORKPLACE;
    design->scheme.design.balanced =
        arena_array(arena, factors, sizeof *design->scheme.design.balanced);
    design->level_shares = arena_array(arena, factors, sizeof *design->level_shares);
    return subject;
}

static void
add_factor(struct arena *arena, struct protocol_subject *subject, const char *name, size_t levels,
    double weight, struct simulate_design *design)
{
    struct protocol_design *parameters = &design->scheme.design;
    struct protocol_attribute *attribute = &subject->attributes[subject->attribute_count];
    *attribute = (struct protocol_attribute){.name = name, .level_count = levels};
    attribute->levels = arena_array(arena, levels, sizeof *attribute->levels);
    for (size_t i = 0; i < levels; i++)
        attribute->levels[i] = arena_printf(arena, "%zu", i + 1);
    parameters->balanced[parameters->balanced_count++] =
        (struct protocol_balanced){.attribute = subject->attribute_count++, .weight = weight};
}

bool
simulate_factors_by_levels(
    struct session *session, const struct simulate_given *given, struct simulate_design *design)
{
    unsigned *levels;
    size_t count;
    if (!simulate_wholes(session, given, ',', FACTORS_MAX, &levels, &count))
        return false;
    struct protocol_subject *subject = make_protocol(session->arena, count, design);
    for (size_t i = 0; i < count; i++) {
        if (levels[i] < 2 || levels[i] > LEVELS_MAX)
            return error_set(&session->error, ERROR_MALFORMED, "--levels",
                "--levels cannot be `%s': a factor has 2 to %d levels", given->value, LEVELS_MAX);
        add_factor(session->arena, subject, arena_printf(session->arena, "factor %zu", i + 1),
            levels[i], 1, design);
    }
    return true;
}

static bool
refuse(struct session *session, const struct simulate_given *given)
{
    return error_set(&session->error, ERROR_MALFORMED, "--factors",
        "--factors cannot be `%s': write NAME=SHARE/SHARE,..., such as "
        "sex=0.6/0.4,age=1/1/1:weight=2",
        given->value);
}

/* "age=1/1/1:weight=2" */
static bool
read_factor(struct session *session, const struct simulate_given *given, char *written,
    struct protocol_subject *subject, struct simulate_design *design)
{
    char *shares = strchr(written, '=');
    char *weight = strstr(written, ":weight=");
    double *values;
    double weighs = 1;
    size_t levels;
    if (shares == NULL || shares == written || (weight != NULL && weight < shares))
        return refuse(session, given);
    *shares++ = '\0';
    if (weight != NULL) {
        *weight = '\0';
        const struct simulate_given number = {"factors", weight + strlen(":weight=")};
        if (!simulate_number(session, &number, &weighs))
            return false;
    }
    const struct simulate_given list = {"factors", shares};
    if (!simulate_numbers(session, &list, '/', LEVELS_MAX, &values, &levels))
        return false;
    for (size_t i = 0; i < levels; i++)
        if (values[i] <= 0)
            return error_set(&session->error, ERROR_MALFORMED, "--factors",
                "the levels of `%s' need shares over 0", written);
    if (levels < 2 || weighs <= 0)
        return refuse(session, given);
    design->level_shares[subject->attribute_count] = values;
    add_factor(session->arena, subject, written, levels, weighs, design);
    return true;
}

bool
simulate_factors_by_names(
    struct session *session, const struct simulate_given *given, struct simulate_design *design)
{
    struct protocol_subject *subject = make_protocol(session->arena, FACTORS_MAX, design);
    char *rest;
    for (char *factor = strtok_r(arena_strdup(session->arena, given->value), ",", &rest);
         factor != NULL; factor = strtok_r(NULL, ",", &rest)) {
        if (subject->attribute_count == FACTORS_MAX)
            return refuse(session, given);
        if (!read_factor(session, given, factor, subject, design))
            return false;
    }
    return subject->attribute_count > 0 || refuse(session, given);
}
