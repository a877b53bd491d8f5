/*
 * stratum.c: where a unit stands in a scheme, and what a coordinator enters where that is not
 * known.
 */
#include "trial/protocol/stratum.h"

#include "base/text.h"
#include "trial/protocol.h"

#include <stdint.h>
#include <string.h>

size_t
protocol_scheme_strata(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    size_t strata = 1;
    for (size_t i = 0; i < scheme->factor_count; i++)
        if (__builtin_mul_overflow(
                strata, subject->attributes[scheme->factors[i]].level_count, &strata))
            return SIZE_MAX;
    return strata;
}

/* Tells why a factor has no level for this unit. */
static void
stratum_fault(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_attribute *factor, const struct protocol_values *values,
    struct faults *faults)
{
    bool derived = factor->kind == ATTRIBUTE_BANDS;
    const char *asked = protocol_entered_for(subject, factor);
    const char *value = protocol_value_entered(values, asked);
    if (value == NULL)
        faults_add(faults, asked, 0, 0, "enter it before allocation", "%s is not known yet", asked);
    else
        faults_add(faults, asked, 0, 0,
            arena_printf(arena, "the trial takes %s", protocol_level_list(arena, factor)),
            "%s is %.60s, which lies outside of every %s of %s", asked, value,
            derived ? "band" : "level", factor->name);
}

/* The unit's level in a factor; PROTOCOL_NONE and a fault where it has none. */
static size_t
level_of(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_attribute *factor, const struct protocol_values *values,
    struct faults *faults)
{
    const char *level = protocol_value_of(subject, factor->name, values);
    size_t index = protocol_level_index(factor, level);
    if (index == PROTOCOL_NONE)
        stratum_fault(arena, subject, factor, values, faults);
    return index;
}

const char *
protocol_stratum_key(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct protocol_values *values,
    struct faults *faults)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    struct text key;
    text_init(&key, arena);
    bool whole = true;
    for (size_t i = 0; i < scheme->factor_count; i++) {
        const struct protocol_attribute *factor = &subject->attributes[scheme->factors[i]];
        size_t level = level_of(arena, subject, factor, values, faults);
        if (level == PROTOCOL_NONE)
            whole = false;
        else
            text_printf(&key, "%s%s=%s", i > 0 ? "|" : "", factor->name, factor->levels[level]);
    }
    return whole ? key.bytes : NULL;
}

bool
protocol_balanced_levels(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct protocol_values *values, size_t *levels,
    struct faults *faults)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    bool whole = true;
    for (size_t i = 0; i < scheme->design.balanced_count; i++) {
        size_t attribute = scheme->design.balanced[i].attribute;
        levels[i] = level_of(arena, subject, &subject->attributes[attribute], values, faults);
        whole = whole && levels[i] != PROTOCOL_NONE;
    }
    return whole;
}

/* The part of a key that names a factor and one of its levels; gives what follows it, or NULL. */
static const char *
skip_factor(const char *key, const struct protocol_attribute *factor)
{
    size_t length = strlen(factor->name);
    if (strncmp(key, factor->name, length) != 0 || key[length] != '=')
        return NULL;
    const char *level = key + length + 1;
    size_t level_length = strcspn(level, "|");
    for (size_t i = 0; i < factor->level_count; i++)
        if (strlen(factor->levels[i]) == level_length &&
            memcmp(level, factor->levels[i], level_length) == 0)
            return level + level_length;
    return NULL;
}

bool
protocol_is_stratum(
    const struct protocol *protocol, const struct protocol_scheme *scheme, const char *key)
{
    const struct protocol_subject *subject = &protocol->subjects[scheme->unit];
    for (size_t i = 0; i < scheme->factor_count; i++) {
        if (i > 0 && *key++ != '|')
            return false;
        key = skip_factor(key, &subject->attributes[scheme->factors[i]]);
        if (key == NULL)
            return false;
    }
    return *key == '\0';
}
