/*
 * field_check.c: walks through a JSON body along its table of fields and lists everything that is
 * not right, each thing with its JSON pointer (RFC 6901).
 */
#include "base/personal.h"
#include "base/text.h"
#include "http/field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void check_value(
    struct faults *faults, json_t *value, const struct field *field, const char *pointer);

const char *
field_pointer(struct arena *arena, const char *pointer, const char *name)
{
    char shown[128];
    struct text text;
    snprintf(shown, sizeof shown, "%s", personal_number_in(name) ? "..." : name);
    text_cut_utf8(shown, sizeof shown - 1);
    text_init(&text, arena);
    text_printf(&text, "%s/", pointer);
    for (const char *c = shown; *c != '\0'; c++) {
        if (*c == '~')
            text_append(&text, "~0");
        else if (*c == '/')
            text_append(&text, "~1");
        else
            text_append_bytes(&text, c, 1);
    }
    return text.bytes;
}

static const char *
kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static const char *
wanted_kind(const struct field *field)
{
    switch (field->type) {
    case FIELD_INTEGER:
        return "a whole number";
    case FIELD_NUMBER:
        return "a number";
    case FIELD_BOOLEAN:
        return "true or false";
    case FIELD_OBJECT:
        return "an object";
    case FIELD_ARRAY:
        return "a list";
    case FIELD_MAP_BOOLEAN:
        return "an object whose values are true or false";
    case FIELD_MAP_TEXT:
        return "an object whose values are text";
    case FIELD_UUID:
        return "a UUID as text";
    case FIELD_TIME:
        return "a time as text";
    case FIELD_DATE:
        return "a date as text";
    case FIELD_MOMENT:
        return "a day or a time as text";
    default:
        return "text";
    }
}

static bool
is_kind(const json_t *value, enum field_type type)
{
    switch (type) {
    case FIELD_INTEGER:
        return json_is_integer(value) ||
               (json_is_real(value) && fabs(json_real_value(value)) <= (double)FIELD_WHOLE_MAX &&
                   trunc(json_real_value(value)) == json_real_value(value));
    case FIELD_NUMBER:
        return json_is_number(value);
    case FIELD_BOOLEAN:
        return json_is_boolean(value);
    case FIELD_OBJECT:
    case FIELD_MAP_BOOLEAN:
    case FIELD_MAP_TEXT:
        return json_is_object(value);
    case FIELD_ARRAY:
        return json_is_array(value);
    default:
        return json_is_string(value);
    }
}

static void
check_count(struct faults *faults, size_t count, const struct field *field, const char *pointer)
{
    if ((long long)count < field_min(field))
        faults_add(faults, pointer, 0, 0, NULL, "has %zu entries and needs at least %lld", count,
            field_min(field));
    if ((long long)count > field_max(field))
        faults_add(faults, pointer, 0, 0, NULL, "has %zu entries, at most %lld are taken", count,
            field_max(field));
}

static void
check_array(struct faults *faults, json_t *array, const struct field *field, const char *pointer)
{
    struct field item = {
        .type = field->children == NULL ? FIELD_STRING : FIELD_OBJECT,
        .flags = field->flags & (FIELD_IDENTITY | FIELD_SECRET),
        .choices = field->choices,
        .children = field->children,
    };
    check_count(faults, json_array_size(array), field, pointer);
    if ((long long)json_array_size(array) > field_max(field))
        return;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *place = arena_printf(faults->arena, "%s/%zu", pointer, i);
        check_value(faults, json_array_get(array, i), &item, place);
    }
}

static void
check_map(struct faults *faults, json_t *map, const struct field *field, const char *pointer)
{
    static const struct field name_of_entry = {.type = FIELD_STRING, .min = 1};
    const struct field text_of_entry = {
        .type = FIELD_STRING, .flags = field->flags & (FIELD_IDENTITY | FIELD_SECRET)};
    bool texts = field->type == FIELD_MAP_TEXT;
    const char *name;
    json_t *value;
    check_count(faults, json_object_size(map), field, pointer);
    json_object_foreach(map, name, value)
    {
        const char *place = field_pointer(faults->arena, pointer, name);
        field_check_string(faults, name, &name_of_entry, place);
        if (texts && json_is_string(value))
            field_check_string(faults, json_string_value(value), &text_of_entry, place);
        else if (texts)
            faults_add(faults, place, 0, 0, "put it in quotes", "is %s, not text", kind_of(value));
        else if (!json_is_boolean(value))
            faults_add(
                faults, place, 0, 0, "true or false", "is %s, not true or false", kind_of(value));
    }
}

static void
check_number(
    struct faults *faults, const json_t *value, const struct field *field, const char *pointer)
{
    double number = json_number_value(value);
    if (!field_is_bounded(field))
        return;
    if (number < (double)field_min(field))
        faults_add(faults, pointer, 0, 0, NULL, "is too small: it must be at least %lld",
            field_min(field));
    else if (number > (double)field_max(field))
        faults_add(
            faults, pointer, 0, 0, NULL, "is too large: it may be at most %lld", field_max(field));
}

/* Of a number that is whole, in whichever form it was written. */
static json_int_t
whole_value(const json_t *value)
{
    return json_is_integer(value) ? json_integer_value(value) : (json_int_t)json_real_value(value);
}

static void
check_value(struct faults *faults, json_t *value, const struct field *field, const char *pointer)
{
    if (json_is_null(value) && (field->flags & FIELD_NULLABLE) != 0)
        return;
    if (!is_kind(value, field->type)) {
        faults_add(faults, pointer, 0, 0,
            field->choices != NULL ? field_choices(faults->arena, field->choices) : field->meaning,
            "is %s, but must be %s", kind_of(value), wanted_kind(field));
        return;
    }
    switch (field->type) {
    case FIELD_INTEGER:
        field_check_whole(faults, whole_value(value), field, pointer);
        break;
    case FIELD_NUMBER:
        check_number(faults, value, field, pointer);
        break;
    case FIELD_BOOLEAN:
        break;
    case FIELD_OBJECT:
        if (field->children != NULL)
            field_check_object(faults, value, field->children, pointer);
        break;
    case FIELD_MAP_BOOLEAN:
    case FIELD_MAP_TEXT:
        check_map(faults, value, field, pointer);
        break;
    case FIELD_ARRAY:
        check_array(faults, value, field, pointer);
        break;
    default:
        field_check_string(faults, json_string_value(value), field, pointer);
    }
}

static const struct field *
field_named(const struct field *fields, const char *name)
{
    for (const struct field *field = fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static void
refuse_unknown(
    struct faults *faults, json_t *object, const struct field *fields, const char *pointer)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (field_named(fields, name) == NULL)
            faults_add(faults, field_pointer(faults->arena, pointer, name), 0, 0,
                field_suggest(faults->arena, fields, name), "is not a field that is taken here");
    }
}

void
field_check_object(
    struct faults *faults, json_t *object, const struct field *fields, const char *pointer)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        const char *place = field_pointer(faults->arena, pointer, field->name);
        json_t *value = json_object_get(object, field->name);
        if (value == NULL) {
            if ((field->flags & FIELD_REQUIRED) != 0)
                faults_add(faults, place, 0, 0, field->meaning, "is missing");
            continue;
        }
        check_value(faults, value, field, place);
        if (field->type == FIELD_INTEGER && json_is_real(value) && is_kind(value, FIELD_INTEGER))
            json_object_set_new(object, field->name, json_integer(whole_value(value)));
    }
    refuse_unknown(faults, object, fields, pointer);
}
