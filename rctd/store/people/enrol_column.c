/*
 * enrol_column.c: which names a protocol takes of a kind of unit, and which of them it cannot do
 * without.
 */
#include "store/people/enrol_column.h"

#include "base/nearest.h"

#include <strings.h>

#define OWN_NAME(name, text) [ENROL_##name] = (text),
const char *const enrol_own_names[ENROL_OWN_COUNT] = {ENROL_OWN(OWN_NAME)};
#undef OWN_NAME

bool
enrol_has_workplaces(const struct protocol *protocol)
{
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    for (size_t i = 0; i < protocol->scheme_count; i++)
        if (protocol->schemes[i].unit == PROTOCOL_WORKPLACE)
            return true;
    return workplace->identifier_count + workplace->attribute_count + workplace->rule_count > 0;
}

/* What a column of a person is called in trial/person.h. */
static const struct {
    enum enrol_own own;
    enum person_field field;
} person_columns[] = {{ENROL_IDENTITY, PERSON_NUMBER}, {ENROL_NAME, PERSON_NAME},
    {ENROL_PHONE, PERSON_PHONE}, {ENROL_EMAIL, PERSON_EMAIL}, {ENROL_ADDRESS, PERSON_ADDRESS}};

enum person_field
enrol_person_field(const struct enrol *enrol, enum enrol_own own)
{
    for (size_t i = 0; enrol->kind == PROTOCOL_PARTICIPANT && i < COUNT_OF(person_columns); i++)
        if (person_columns[i].own == own)
            return person_columns[i].field;
    return PERSON_FIELD_COUNT;
}

void
enrol_person(const struct enrol_row *row, const char *values[PERSON_FIELD_COUNT])
{
    for (size_t i = 0; i < COUNT_OF(person_columns); i++)
        values[person_columns[i].field] = row->own[person_columns[i].own];
}

bool
enrol_is_entered(const struct protocol_attribute *attribute)
{
    return attribute->kind != ATTRIBUTE_BANDS && attribute->kind != ATTRIBUTE_AGE;
}

/* Is the attribute what this one is, or is derived from? */
static bool
rests_on(const struct protocol_subject *subject, size_t derived, size_t attribute)
{
    while (derived != attribute && derived != PROTOCOL_NONE &&
           !enrol_is_entered(&subject->attributes[derived]))
        derived = subject->attributes[derived].source;
    return derived == attribute;
}

bool
enrol_is_factor(const struct enrol *enrol, size_t attribute)
{
    for (size_t s = 0; s < enrol->protocol->scheme_count; s++) {
        const struct protocol_scheme *scheme = &enrol->protocol->schemes[s];
        if (scheme->unit != enrol->kind)
            continue;
        for (size_t f = 0; f < scheme->factor_count; f++)
            if (rests_on(enrol->subject, scheme->factors[f], attribute))
                return true;
        for (size_t b = 0; b < scheme->design.balanced_count; b++)
            if (rests_on(enrol->subject, scheme->design.balanced[b].attribute, attribute))
                return true;
    }
    return false;
}

bool
enrol_takes(const struct enrol *enrol, enum enrol_own own)
{
    bool placed = enrol->kind == PROTOCOL_PARTICIPANT && enrol_has_workplaces(enrol->protocol);
    enum person_field field = enrol_person_field(enrol, own);
    if (field < PERSON_FIELD_COUNT)
        return person_field_taken(enrol->subject, field);
    switch (own) {
    case ENROL_NAME:
        return true;
    case ENROL_WORKPLACE:
    case ENROL_FROM:
        return placed;
    case ENROL_SITE:
        return !placed;
    default:
        return false;
    }
}

bool
enrol_needs(const struct enrol *enrol, enum enrol_own own)
{
    bool number = own == ENROL_IDENTITY && enrol->subject->identifier_count > 0 &&
                  enrol->subject->identifiers[0].required;
    bool name = own == ENROL_NAME && enrol->kind == PROTOCOL_WORKPLACE;
    return (number || name || own == ENROL_WORKPLACE) && enrol_takes(enrol, own);
}

size_t
enrol_identifiers(const struct enrol *enrol)
{
    return enrol->kind == PROTOCOL_WORKPLACE ? enrol->subject->identifier_count : 0;
}

const char *
enrol_nearest(const struct enrol *enrol, const char *name, bool columns)
{
    const struct protocol_subject *subject = enrol->subject;
    size_t most = ENROL_OWN_COUNT + subject->identifier_count + subject->attribute_count;
    const char **names = arena_array(enrol->arena, most, sizeof *names);
    size_t count = 0;
    for (int own = ENROL_NAME; columns && own < ENROL_OWN_COUNT; own++)
        if (enrol_takes(enrol, (enum enrol_own)own))
            names[count++] = enrol_own_names[own];
    for (size_t i = 0; columns && i < enrol_identifiers(enrol); i++)
        names[count++] = subject->identifiers[i].name;
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (enrol_is_entered(&subject->attributes[i]))
            names[count++] = subject->attributes[i].name;
    return nearest_remedy(enrol->arena, name, names, count);
}

struct enrol_column
enrol_column_of(const struct enrol *enrol, const char *header)
{
    const struct protocol_subject *subject = enrol->subject;
    struct enrol_column column = {0};
    for (int own = ENROL_NAME; own < ENROL_OWN_COUNT; own++)
        if (enrol_takes(enrol, (enum enrol_own)own) &&
            strcasecmp(header, enrol_own_names[own]) == 0)
            column.own = (enum enrol_own)own;
    column.required = enrol_needs(enrol, column.own);
    for (size_t i = 0; i < enrol_identifiers(enrol); i++)
        if (strcasecmp(subject->identifiers[i].name, header) == 0) {
            column.identifier = &subject->identifiers[i];
            column.required = subject->identifiers[i].required;
        }
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (column.own == ENROL_NONE && strcasecmp(subject->attributes[i].name, header) == 0 &&
            enrol_is_entered(&subject->attributes[i])) {
            column.attribute = &subject->attributes[i];
            column.required = enrol_is_factor(enrol, i);
        }
    return column;
}

bool
enrol_is_known(const struct enrol_column *column)
{
    return column->identifier != NULL || column->attribute != NULL || column->own != ENROL_NONE;
}
