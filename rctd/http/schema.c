/*
 * schema.c: JSON Schema 2020-12 of a table of fields. What body.c takes and what this says are the
 * same: both read the rows and take the types' own bounds from field.h.
 */
#include "base/text.h"
#include "http/body.h"
#include "http/field.h"

#include <string.h>

static json_t *object_schema(const struct field *fields, bool answer);

static void
set(json_t *object, const char *name, const char *value)
{
    json_object_set_new(object, name, json_string(value));
}

static void
set_bounds(json_t *schema, const struct field *field, const char *least, const char *most)
{
    long long min = field_min(field);
    if (min != 0)
        json_object_set_new(schema, least, json_integer(min));
    json_object_set_new(schema, most, json_integer(field_max(field)));
}

static json_t *
choices_schema(const char *const *choices)
{
    json_t *list = json_array();
    for (size_t i = 0; choices[i] != NULL; i++)
        json_array_append_new(list, json_string(choices[i]));
    return list;
}

#define MOMENT_PATTERN                                                                             \
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(([.][0-9]+)?([Zz]|[+-][0-9]{2}:" \
    "[0-9]{2}))?)?)?$"

static const char *
format_of(enum field_type type)
{
    return type == FIELD_UUID     ? "uuid"
           : type == FIELD_TIME   ? "date-time"
           : type == FIELD_DATE   ? "date"
           : type == FIELD_MOMENT ? "moment"
                                  : NULL;
}

/* Of an answer only the form is promised; how long a text may be is a rule for those who write it.
 */
static void
describe_string(json_t *schema, const struct field *field, bool answer)
{
    const char *format = format_of(field->type);
    if (field->type == FIELD_MOMENT)
        set(schema, "pattern", MOMENT_PATTERN);
    if (format != NULL) {
        set(schema, "format", format);
    } else if (field->type == FIELD_IDENTIFIER) {
        set(schema, "pattern", "^[a-z0-9][a-z0-9_.-]{0,62}$");
    } else if (field->choices == NULL && !answer) {
        set_bounds(schema, field, "minLength", "maxLength");
        set(schema, "pattern",
            field_is_prose(field)
                ? "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
                : "^[^\\u0000-\\u001f\\u007f-\\u009f]*$");
    }
}

static void
describe_number(json_t *schema, const struct field *field, bool answer)
{
    if (answer || !field_is_bounded(field))
        return;
    json_object_set_new(schema, "minimum", json_integer(field_min(field)));
    json_object_set_new(schema, "maximum", json_integer(field_max(field)));
}

static void
describe_array(json_t *schema, const struct field *field, bool answer)
{
    json_t *items;
    if (field->children != NULL) {
        items = object_schema(field->children, answer);
    } else {
        items = json_object();
        set(items, "type", "string");
        if (field->choices != NULL)
            json_object_set_new(items, "enum", choices_schema(field->choices));
        else
            describe_string(items, &(struct field){.type = FIELD_STRING}, answer);
    }
    json_object_set_new(schema, "items", items);
    if (!answer)
        set_bounds(schema, field, "minItems", "maxItems");
}

static void
describe_map(json_t *schema, const struct field *field, bool answer)
{
    json_t *names = json_object();
    json_t *values = json_object();
    describe_string(names, &(struct field){.type = FIELD_STRING, .min = 1}, answer);
    set(values, "type", field->type == FIELD_MAP_TEXT ? "string" : "boolean");
    if (field->type == FIELD_MAP_TEXT)
        describe_string(values, &(struct field){.type = FIELD_STRING}, answer);
    json_object_set_new(schema, "propertyNames", names);
    json_object_set_new(schema, "additionalProperties", values);
    if (!answer)
        set_bounds(schema, field, "minProperties", "maxProperties");
}

static const char *
schema_type(enum field_type type)
{
    switch (type) {
    case FIELD_INTEGER:
        return "integer";
    case FIELD_NUMBER:
        return "number";
    case FIELD_BOOLEAN:
        return "boolean";
    case FIELD_OBJECT:
    case FIELD_MAP_BOOLEAN:
    case FIELD_MAP_TEXT:
        return "object";
    case FIELD_ARRAY:
        return "array";
    default:
        return "string";
    }
}

/* An enum must name null too where null is allowed: it binds whatever the type says. */
static void
describe_choices(json_t *schema, const struct field *field)
{
    json_t *list = choices_schema(field->choices);
    if ((field->flags & FIELD_NULLABLE) != 0)
        json_array_append_new(list, json_null());
    json_object_set_new(schema, "enum", list);
}

json_t *
field_schema(const struct field *field, bool answer)
{
    bool structured = field->type == FIELD_OBJECT && field->children != NULL;
    json_t *schema = structured ? object_schema(field->children, answer) : json_object();
    json_t *type = json_string(schema_type(field->type));
    if ((field->flags & FIELD_NULLABLE) != 0) {
        json_t *types = json_array();
        json_array_append_new(types, type);
        json_array_append_new(types, json_string("null"));
        type = types;
    }
    json_object_set_new(schema, "type", type);
    if (!text_is_empty(field->meaning))
        set(schema, "description", field->meaning);
    if (field->type == FIELD_ARRAY)
        describe_array(schema, field, answer);
    else if (field->type == FIELD_MAP_BOOLEAN || field->type == FIELD_MAP_TEXT)
        describe_map(schema, field, answer);
    else if (field->type == FIELD_INTEGER || field->type == FIELD_NUMBER)
        describe_number(schema, field, answer);
    else if (strcmp(schema_type(field->type), "string") == 0)
        describe_string(schema, field, answer);
    if (field->choices != NULL && field->type != FIELD_ARRAY)
        describe_choices(schema, field);
    if ((field->flags & FIELD_SECRET) != 0) {
        set(schema, "format", "password");
        json_object_set_new(schema, "writeOnly", json_true());
    }
    return schema;
}

static json_t *
object_schema(const struct field *fields, bool answer)
{
    json_t *schema = json_object();
    json_t *properties = json_object();
    json_t *required = json_array();
    for (const struct field *field = fields; field->name != NULL; field++) {
        json_object_set_new(properties, field->name, field_schema(field, answer));
        if (answer ? (field->flags & FIELD_RESTRICTED) == 0 : (field->flags & FIELD_REQUIRED) != 0)
            json_array_append_new(required, json_string(field->name));
    }
    set(schema, "type", "object");
    json_object_set_new(schema, "properties", properties);
    json_object_set_new(schema, "required", required);
    if (!answer)
        json_object_set_new(schema, "additionalProperties", json_false());
    return schema;
}

json_t *
body_schema(const struct field *fields, bool answer)
{
    return object_schema(fields, answer);
}
