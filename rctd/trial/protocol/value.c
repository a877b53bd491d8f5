/*
 * value.c: reads values, with what is derived from others, and checks what comes in.
 */
#include "trial/protocol/value.h"

#include "base/named.h"
#include "base/pattern.h"
#include "base/text.h"

#include <string.h>

#define VALUE_MAX 200 /* characters of an attribute's value */

const char *
protocol_value_entered(const struct protocol_values *values, const char *name)
{
    const struct protocol_value *found = named_get(NAMED(values->items, values->count), name);
    return found == NULL || text_is_empty(found->value) ? NULL : found->value;
}

static const char *
band_of(const struct protocol_subject *subject, const struct protocol_attribute *attribute,
    const struct protocol_values *values)
{
    long long number;
    const char *text = protocol_value_entered(values, subject->attributes[attribute->source].name);
    if (text == NULL || !text_to_int64(text, &number))
        return NULL;
    for (size_t i = 0; i < attribute->level_count; i++)
        if (number >= attribute->bands[i].low && number <= attribute->bands[i].high)
            return attribute->levels[i];
    return NULL;
}

const char *
protocol_value_of(
    const struct protocol_subject *subject, const char *name, const struct protocol_values *values)
{
    const struct protocol_attribute *attribute = protocol_attribute_by_name(subject, name);
    if (attribute != NULL && attribute->kind == ATTRIBUTE_BANDS)
        return band_of(subject, attribute, values);
    return protocol_value_entered(values, name);
}

const char *
protocol_age(struct arena *arena, const struct protocol_values *values, int year)
{
    long long born;
    const char *text = protocol_value_entered(values, PROTOCOL_BIRTH_YEAR);
    if (text == NULL || !text_to_int64(text, &born) || born < 0 || born > year)
        return NULL;
    return arena_printf(arena, "%lld", year - born);
}

static bool
check_integer(struct arena *arena, const struct protocol_attribute *attribute, const char *value,
    const char **normal)
{
    long long number;
    if (!text_to_int64(value, &number)) {
        *normal = "it is no whole number; write digits only";
        return false;
    }
    bool low = number<attribute->minimum, high = number> attribute->maximum;
    if (!low && !high) {
        *normal = arena_printf(arena, "%lld", number);
        return true;
    }
    *normal = low ? arena_printf(arena, "it is too small; at least %lld", attribute->minimum)
                  : arena_printf(arena, "it is too large; at most %lld", attribute->maximum);
    return false;
}

static bool
check_boolean(const char *value, const char **normal)
{
    static const char *const words[][2] = {{"true", "true"}, {"yes", "true"}, {"1", "true"},
        {"false", "false"}, {"no", "false"}, {"0", "false"}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i][0], value) == 0) {
            *normal = words[i][1];
            return true;
        }
    *normal = "it is neither yes nor no; write yes or no";
    return false;
}

static bool
check_pattern(const struct pattern *pattern, const char *pattern_text, struct arena *arena,
    const char *value, const char **normal)
{
    *normal = value;
    if (pattern_match(pattern, value) == PATTERN_YES)
        return true;
    *normal = arena_printf(arena, "it does not have the form that is wanted (%s)", pattern_text);
    return false;
}

const char *
protocol_entered_for(
    const struct protocol_subject *subject, const struct protocol_attribute *attribute)
{
    while ((attribute->kind == ATTRIBUTE_BANDS || attribute->kind == ATTRIBUTE_AGE) &&
           attribute->source != PROTOCOL_NONE)
        attribute = &subject->attributes[attribute->source];
    return attribute->name;
}

bool
protocol_attribute_check(struct arena *arena, const struct protocol_attribute *attribute,
    const char *value, const char **normal)
{
    const char *trimmed = text_trim(arena, value);
    *normal = trimmed;
    if (trimmed[0] == '\0') {
        *normal = "it is empty";
        return false;
    }
    if (!text_is_utf8(trimmed, strlen(trimmed)) || text_characters(trimmed) > VALUE_MAX) {
        *normal = "it is too long; at most 200 characters";
        return false;
    }
    switch (attribute->kind) {
    case ATTRIBUTE_LEVELS:
        if (protocol_level_index(attribute, trimmed) != PROTOCOL_NONE)
            return true;
        *normal = arena_printf(
            arena, "it is not known; one of %s", protocol_level_list(arena, attribute));
        return false;
    case ATTRIBUTE_INTEGER:
        return check_integer(arena, attribute, trimmed, normal);
    case ATTRIBUTE_BOOLEAN:
        return check_boolean(trimmed, normal);
    case ATTRIBUTE_PATTERN:
        return check_pattern(attribute->pattern, attribute->pattern_text, arena, trimmed, normal);
    default:
        *normal = "it is worked out by rctd; leave it out";
        return false;
    }
}

/* A number of another country: its form, its check character, and of a person one spelling. */
static bool
check_patterned(struct arena *arena, const struct protocol_identifier *identifier,
    const char *value, const char **normal)
{
    char compact[CHECKSUM_TEXT_MAX + 1];
    if (!check_pattern(identifier->pattern, identifier->pattern_text, arena, value, normal))
        return false;
    if (!checksum_fits(identifier->checksum, value)) {
        *normal = "a character is wrong: the check character does not fit";
        return false;
    }
    if (!identifier->of_person)
        return true;
    if (!checksum_compact(identifier->checksum, value, compact)) {
        *normal = "it is too long; at most 63 characters";
        return false;
    }
    if (compact[0] == '\0') {
        *normal = "it has no digit and no letter";
        return false;
    }
    *normal = arena_strdup(arena, compact);
    return true;
}

bool
protocol_identifier_check(struct arena *arena, const struct protocol_identifier *identifier,
    const char *value, int this_year, const char **normal)
{
    char out[IDENTIFIER_SIZE];
    const char *why = "";
    const char *trimmed = text_trim(arena, value);
    bool right = false;
    switch (identifier->type) {
    case IDENTIFIER_SE_ORGNR:
        right = identifier_orgnr(trimmed, out, &why);
        break;
    case IDENTIFIER_SE_CFAR:
        right = identifier_cfar(trimmed, out, &why);
        break;
    case IDENTIFIER_SE_PERSONNUMMER:
        right = identifier_personnummer(trimmed, this_year, out, &why);
        break;
    default:
        return check_patterned(arena, identifier, trimmed, normal);
    }
    *normal = right ? arena_strdup(arena, out) : why;
    return right;
}
