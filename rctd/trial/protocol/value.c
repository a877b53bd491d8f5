/*
 * value.c: the values of a unit in the light of its protocol: are they right, which band
 * and which stratum do they give, is the unit eligible. Texts are read by a coordinator.
 */
#include "base/pattern.h"
#include "base/text.h"
#include "trial/expr.h"
#include "trial/protocol.h"

#include <limits.h>
#include <string.h>

#define VALUE_MAX 200 /* characters of an attribute's value */

static const char *
given_value(const struct protocol_values *values, const char *name)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i].name, name) == 0)
            return text_is_empty(values->items[i].value) ? NULL : values->items[i].value;
    return NULL;
}

static const char *
band_of(const struct protocol_subject *subject, const struct protocol_attribute *attribute,
    const struct protocol_values *values)
{
    long long number;
    const char *text = given_value(values, subject->attributes[attribute->source].name);
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
    return given_value(values, name);
}

const char *
protocol_age(struct arena *arena, const struct protocol_values *values, int year)
{
    long long born;
    const char *text = given_value(values, PROTOCOL_BIRTH_YEAR);
    if (text == NULL || !text_to_int64(text, &born) || born < 0 || born > year)
        return NULL;
    return arena_printf(arena, "%lld", year - born);
}

static const char *
level_list(struct arena *arena, const struct protocol_attribute *attribute)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < attribute->level_count; i++)
        text_printf(&list, "%s%s", i > 0 ? ", " : "", attribute->levels[i]);
    return list.bytes;
}

/* PROTOCOL_NONE where it is none of them. */
static size_t
level_index(const struct protocol_attribute *attribute, const char *value)
{
    for (size_t i = 0; i < attribute->level_count; i++)
        if (strcmp(attribute->levels[i], value) == 0)
            return i;
    return PROTOCOL_NONE;
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
    *normal = "it is neither yes nor no; write true or false";
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
        if (level_index(attribute, trimmed) != PROTOCOL_NONE)
            return true;
        *normal = arena_printf(arena, "it is not known; one of %s", level_list(arena, attribute));
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

/* What is entered where this is to be known: the attribute itself, or what it is derived from. */
static const char *
entered_for(const struct protocol_subject *subject, const struct protocol_attribute *attribute)
{
    while ((attribute->kind == ATTRIBUTE_BANDS || attribute->kind == ATTRIBUTE_AGE) &&
           attribute->source != PROTOCOL_NONE)
        attribute = &subject->attributes[attribute->source];
    return attribute->name;
}

/* Tells why a factor has no level for this unit. */
static void
stratum_fault(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_attribute *factor, const struct protocol_values *values,
    struct faults *faults)
{
    bool derived = factor->kind == ATTRIBUTE_BANDS;
    const char *asked = entered_for(subject, factor);
    const char *value = given_value(values, asked);
    if (value == NULL)
        faults_add(faults, asked, 0, 0, "enter it before allocation", "%s is not known yet", asked);
    else
        faults_add(faults, asked, 0, 0,
            arena_printf(arena, "the trial takes %s", level_list(arena, factor)),
            "%s is %.60s, which lies outside of every %s of %s", asked, value,
            derived ? "band" : "level", factor->name);
}

/* The unit's level in a factor; PROTOCOL_NONE and a fault where it has none. */
static size_t
find_level(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_attribute *factor, const struct protocol_values *values,
    struct faults *faults)
{
    const char *level = protocol_value_of(subject, factor->name, values);
    size_t index = level == NULL ? PROTOCOL_NONE : level_index(factor, level);
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
        size_t level = find_level(arena, subject, factor, values, faults);
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
        levels[i] = find_level(arena, subject, &subject->attributes[attribute], values, faults);
        whole = whole && levels[i] != PROTOCOL_NONE;
    }
    return whole;
}

struct lookup {
    struct arena *arena;
    const struct protocol_subject *subject;
    const struct protocol_values *values;
    const char **missing; /* names of what is not known, each once */
    size_t missing_count;
    size_t missing_capacity;
};

static const char *
look_up(const void *context, const char *name)
{
    const struct lookup *lookup = context;
    return protocol_value_of(lookup->subject, name, lookup->values);
}

/* Adds the attribute that a coordinator would enter, each once. */
static void
collect_missing(void *context, const char *name)
{
    struct lookup *lookup = context;
    const struct protocol_attribute *attribute = protocol_attribute_by_name(lookup->subject, name);
    if (attribute != NULL)
        name = entered_for(lookup->subject, attribute);
    if (given_value(lookup->values, name) != NULL)
        return;
    for (size_t i = 0; i < lookup->missing_count; i++)
        if (strcmp(lookup->missing[i], name) == 0)
            return;
    lookup->missing = arena_grow(lookup->arena, lookup->missing, lookup->missing_count,
        &lookup->missing_capacity, sizeof *lookup->missing);
    lookup->missing[lookup->missing_count++] = name;
}

/* What an expression rule lacks; NULL where it holds. */
static const char *
rule_gap(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_rule *rule, const struct protocol_values *given, bool *failed)
{
    struct lookup lookup = {.arena = arena, .subject = subject, .values = given};
    struct expr_values values = {.value = look_up, .context = &lookup};
    enum expr_truth truth = expr_evaluate(rule->need, &values);
    if (truth == EXPR_YES)
        return NULL;
    const char *label = rule->ask != NULL ? rule->ask : rule->id;
    *failed = truth == EXPR_NO;
    if (*failed)
        return arena_printf(arena, "%s: the trial needs %s", label, rule->need_text);
    expr_visit_names(rule->need, collect_missing, &lookup);
    if (lookup.missing_count == 0)
        return arena_printf(arena, "%s: it cannot be decided from what is entered", label);
    struct text names;
    text_init(&names, arena);
    for (size_t i = 0; i < lookup.missing_count; i++)
        text_printf(&names, "%s%s", i > 0 ? ", " : "", lookup.missing[i]);
    return arena_printf(arena, "%s: %s not known yet", label, names.bytes);
}

/* What a question lacks; NULL where the answer is the one that is needed. */
static const char *
answer_gap(struct arena *arena, const struct protocol_rule *rule,
    const struct protocol_answers *answers, bool *failed)
{
    for (size_t i = 0; i < answers->count; i++) {
        if (strcmp(answers->items[i].id, rule->id) != 0)
            continue;
        if (answers->items[i].yes == rule->need_yes)
            return NULL;
        *failed = true;
        return arena_printf(arena, "%s: the answer is %s, the trial needs %s", rule->ask,
            rule->need_yes ? "no" : "yes", rule->need_yes ? "yes" : "no");
    }
    return arena_printf(arena, "%s: not answered yet", rule->ask);
}

struct protocol_eligibility
protocol_eligibility(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_values *values, const struct protocol_answers *answers)
{
    struct protocol_eligibility eligibility = {.eligible = true};
    eligibility.gaps = arena_array(arena, subject->rule_count, sizeof *eligibility.gaps);
    for (size_t i = 0; i < subject->rule_count; i++) {
        const struct protocol_rule *rule = &subject->rules[i];
        bool failed = false;
        const char *text = rule->need != NULL ? rule_gap(arena, subject, rule, values, &failed)
                                              : answer_gap(arena, rule, answers, &failed);
        if (text == NULL)
            continue;
        eligibility.eligible = false;
        eligibility.gaps[eligibility.gap_count++] =
            (struct protocol_gap){.id = rule->id, .text = text, .failed = failed};
    }
    return eligibility;
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
