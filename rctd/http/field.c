/*
 * field.c: the bounds of a field, the checks of single values, and the guess at what an unknown
 * name was meant to be.
 */
#include "http/field.h"

#include "base/bits.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "base/personal.h"
#include "base/text.h"

#include <string.h>

long long
field_min(const struct field *field)
{
    bool open = field->min == 0 && field->max == 0;
    if (field->type == FIELD_INTEGER && open)
        return -FIELD_WHOLE_MAX;
    return field->min;
}

long long
field_max(const struct field *field)
{
    if (field->max != 0)
        return field->max;
    switch (field->type) {
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        return FIELD_WHOLE_MAX;
    case FIELD_ARRAY:
    case FIELD_MAP_BOOLEAN:
    case FIELD_MAP_TEXT:
        return FIELD_ENTRIES_MAX;
    default:
        return FIELD_STRING_MAX;
    }
}

bool
field_is_bounded(const struct field *field)
{
    return field->type == FIELD_INTEGER || field->min != 0 || field->max != 0;
}

bool
field_is_prose(const struct field *field)
{
    return field->type == FIELD_STRING && field->max > FIELD_STRING_MAX;
}

bool
field_has_control(const char *text, bool prose)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        bool line = *c == '\n' || *c == '\t' || *c == '\r';
        if ((*c < 0x20 && !(prose && line)) || *c == 0x7f)
            return true;
        if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
            return true;
    }
    return false;
}

/* RFC 3339 in the form that JSON Schema's date-time has; clock_parse takes PostgreSQL's forms too.
 */
static bool
is_time(const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    int64_t time;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        bool same = shape[i] == text[i] || (shape[i] == 'T' && text[i] == 't');
        if (shape[i] == 'd' ? !digit : !same)
            return false;
    }
    const char *zone = text + sizeof shape - 1;
    if (*zone == '.')
        zone += 1 + strspn(zone + 1, "0123456789");
    bool zulu = (zone[0] == 'Z' || zone[0] == 'z') && zone[1] == '\0';
    bool offset = (zone[0] == '+' || zone[0] == '-') && strlen(zone) == 6 && zone[3] == ':';
    return (zulu || offset) && clock_parse(text, &time);
}

const char *
field_choices(struct arena *arena, const char *const *choices)
{
    struct text list;
    text_init(&list, arena);
    text_append(&list, "one of: ");
    for (size_t i = 0; choices[i] != NULL; i++)
        text_printf(&list, "%s%s", i == 0 ? "" : ", ", choices[i]);
    return list.bytes;
}

static bool
is_choice(const char *value, const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], value) == 0)
            return true;
    return false;
}

static void
check_length(
    struct faults *faults, const char *value, const struct field *field, const char *pointer)
{
    long long length = (long long)text_characters(value);
    if (field_min(field) > 0 && text_is_empty(value))
        faults_add(faults, pointer, 0, 0, NULL, "is empty");
    else if (length < field_min(field))
        faults_add(faults, pointer, 0, 0, NULL,
            "is too short: it has %lld characters and needs at least %lld", length,
            field_min(field));
    else if (length > field_max(field))
        faults_add(faults, pointer, 0, 0, NULL,
            "is too long: it has %lld characters, at most %lld are taken", length,
            field_max(field));
    if (field_has_control(value, field_is_prose(field)))
        faults_add(faults, pointer, 0, 0, "remove line ends, tabs and other invisible characters",
            "holds a control character");
}

/* What people write stands where others read it: no field takes an identity number but those of the
 * vault. The fault does not repeat it. */
static void
check_personal(
    struct faults *faults, const char *value, const struct field *field, const char *pointer)
{
    if ((field->flags & (FIELD_IDENTITY | FIELD_SECRET)) == 0 && personal_number_in(value))
        faults_add(faults, pointer, 0, 0, PERSONAL_NUMBER_REMEDY, PERSONAL_NUMBER_FOUND);
}

void
field_check_string(
    struct faults *faults, const char *value, const struct field *field, const char *pointer)
{
    struct uuid id;
    if (field->choices != NULL) {
        if (!is_choice(value, field->choices))
            faults_add(faults, pointer, 0, 0, field_choices(faults->arena, field->choices),
                "is not one of the choices");
        return;
    }
    if (field->type == FIELD_UUID && !uuid_parse(value, &id))
        faults_add(
            faults, pointer, 0, 0, "such as 019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55", "is not a UUID");
    else if (field->type == FIELD_TIME && !is_time(value))
        faults_add(faults, pointer, 0, 0, "RFC 3339 with a zone, such as 2026-11-22T08:30:00Z",
            "is not a time that exists");
    else if (field->type == FIELD_MOMENT && !is_time(value) && !clock_is_civil(value) &&
             !clock_is_date(value))
        faults_add(faults, pointer, 0, 0,
            "a day such as 2026-11-22, a time where the trial is such as 2026-11-22T17:30, or one "
            "with its zone such as 2026-11-22T16:30:00Z",
            "is neither a day nor a time that exists");
    else if (field->type == FIELD_DATE && !clock_is_date(value))
        faults_add(
            faults, pointer, 0, 0, "YYYY-MM-DD, such as 2026-11-22", "is not a day that exists");
    else if (field->type == FIELD_IDENTIFIER && !text_is_identifier(value))
        faults_add(faults, pointer, 0, 0,
            "1 to 63 of the characters a-z 0-9 _ . - with a letter or digit first",
            "is not one word in small letters");
    else if (field->type == FIELD_STRING)
        check_length(faults, value, field, pointer);
    if (field->type == FIELD_STRING || field->type == FIELD_IDENTIFIER)
        check_personal(faults, value, field, pointer);
}

void
field_check_whole(
    struct faults *faults, long long value, const struct field *field, const char *pointer)
{
    if (value < field_min(field))
        faults_add(faults, pointer, 0, 0, NULL, "is too small: it must be at least %lld",
            field_min(field));
    else if (value > field_max(field))
        faults_add(
            faults, pointer, 0, 0, NULL, "is too large: it may be at most %lld", field_max(field));
}

void
field_check_text(
    struct faults *faults, const char *value, const struct field *field, const char *pointer)
{
    long long whole;
    if (field->type == FIELD_INTEGER && !text_to_int64(value, &whole))
        faults_add(faults, pointer, 0, 0, field->meaning, "is not a whole number");
    else if (field->type == FIELD_INTEGER)
        field_check_whole(faults, whole, field, pointer);
    else if (field->type == FIELD_BOOLEAN && strcmp(value, "true") != 0 &&
             strcmp(value, "false") != 0)
        faults_add(faults, pointer, 0, 0, "true or false", "is neither true nor false");
    else if (field->type != FIELD_BOOLEAN)
        field_check_string(faults, value, field, pointer);
}

const char *
field_suggest(struct arena *arena, const struct field *fields, const char *name)
{
    const char **known = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (const struct field *field = fields; field != NULL && field->name != NULL; field++) {
        known = arena_grow(arena, known, count, &capacity, sizeof *known);
        known[count++] = field->name;
    }
    const char *remedy = nearest_remedy(arena, name, known, count);
    return remedy == NULL ? "leave it out" : remedy;
}
