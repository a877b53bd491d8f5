/*
 * body.c: from bytes to a checked JSON object. Depth and encoding are looked at before the parser
 * sees a byte, so that no input makes it recurse deeply.
 */
#include "http/body.h"

#include "base/text.h"
#include "http/field.h"

#include <stdio.h>
#include <string.h>

struct place {
    size_t line;   /* from 1 */
    size_t column; /* from 1, in characters */
};

static struct place
place_of(const char *bytes, size_t offset)
{
    struct place place = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (bytes[i] == '\n')
            place = (struct place){place.line + 1, 1};
        else if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            place.column++;
    }
    return place;
}

static bool
malformed_at(struct error *error, struct place place, const char *what)
{
    return error_set(error, ERROR_MALFORMED, "body",
        "The body is not right at line %zu, column %zu: %s.", place.line, place.column, what);
}

static bool
check_encoding(const struct http_request *request, struct error *error)
{
    size_t valid = text_utf8_prefix(request->body, request->body_size);
    if (valid == request->body_size)
        return true;
    bool nul = request->body[valid] == '\0';
    return malformed_at(error, place_of(request->body, valid),
        nul ? "a NUL byte, which JSON does not have" : "these bytes are not UTF-8");
}

static bool
check_depth(const struct http_request *request, struct error *error)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < request->body_size; i++) {
        char c = request->body[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && depth > 0 && (c == '}' || c == ']'))
            depth--;
        if (depth > BODY_DEPTH)
            return malformed_at(error, place_of(request->body, i), "it is nested too deeply");
    }
    return true;
}

static const char *
parser_says(const json_error_t *parsed)
{
    switch (json_error_code(parsed)) {
    case json_error_premature_end_of_input:
        return "it ends too early";
    case json_error_end_of_input_expected:
        return "something stands behind the end of the JSON document";
    case json_error_duplicate_key:
        return "this field stands in the same object twice";
    case json_error_numeric_overflow:
        return "this number is too large";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character cannot be stored";
    case json_error_invalid_utf8:
        return "these bytes are not UTF-8";
    default:
        return "this is not JSON (a comma, quote, bracket or value is wrong or missing)";
    }
}

bool
body_json(struct http_request *request, const struct field *fields, json_t **json,
    struct faults *faults, struct error *error)
{
    json_error_t parsed;
    *json = NULL;
    if (request->body_size == 0)
        return error_set(error, ERROR_MALFORMED, "body", "The body is empty; send a JSON object.");
    if (!check_encoding(request, error) || !check_depth(request, error))
        return false;
    json_t *root = json_loadb(
        request->body, request->body_size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &parsed);
    if (root == NULL) {
        size_t line = parsed.line > 0 ? (size_t)parsed.line : 1;
        size_t column = parsed.column > 0 ? (size_t)parsed.column : 1;
        return malformed_at(error, (struct place){line, column}, parser_says(&parsed));
    }
    size_t before = faults->total;
    if (json_is_object(root))
        field_check_object(faults, root, fields, "");
    else
        faults_add(faults, "", 0, 0, "{\"field\": value, ...}", "must be a JSON object");
    if (faults->total > before) {
        json_decref(root);
        return body_refuse(faults, error);
    }
    *json = root;
    return true;
}

bool
body_refuse(const struct faults *faults, struct error *error)
{
    const struct fault *first = &faults->items[0];
    if (faults->total > 1)
        return error_set(error, ERROR_FIELDS, "body", "%zu things are not right", faults->total);
    const char *subject = first->pointer[0] == '\0' ? "The body" : first->pointer;
    return error_set(error, ERROR_FIELDS, "body", "%s: %s.", subject, first->message);
}

static const struct field *
query_field(const struct field *fields, const char *name)
{
    for (const struct field *field = fields; field != NULL && field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static bool
is_paging(const struct http_request *request, const char *name)
{
    return request->route != NULL && request->route->list != LIST_NONE &&
           (strcmp(name, "after") == 0 || strcmp(name, "limit") == 0);
}

static bool
came_before(const struct http_request *request, size_t position)
{
    for (size_t i = 0; i < position; i++)
        if (strcmp(request->query[i].name, request->query[position].name) == 0)
            return true;
    return false;
}

static const char *
query_pointer(struct arena *arena, const char *name)
{
    char shown[64];
    snprintf(shown, sizeof shown, "?%s", name);
    text_cut_utf8(shown, sizeof shown - 1);
    return arena_strdup(arena, shown);
}

static void
check_pair(struct http_request *request, size_t position, const struct field *fields,
    struct faults *faults)
{
    const struct http_header *pair = &request->query[position];
    const struct field *field = query_field(fields, pair->name);
    const char *pointer = query_pointer(request->arena, pair->name);
    if (came_before(request, position))
        faults_add(faults, pointer, 0, 0, "leave one out", "was given twice");
    else if (field != NULL)
        field_check_text(faults, pair->value, field, pointer);
    else if (!is_paging(request, pair->name))
        faults_add(faults, pointer, 0, 0, field_suggest(request->arena, fields, pair->name),
            "is not taken in the query here");
}

bool
body_query(struct http_request *request, const struct field *fields, struct faults *faults,
    struct error *error)
{
    size_t before = faults->total;
    for (size_t i = 0; i < request->query_count; i++)
        check_pair(request, i, fields, faults);
    for (const struct field *field = fields; field != NULL && field->name != NULL; field++)
        if ((field->flags & FIELD_REQUIRED) != 0 && http_query(request, field->name) == NULL)
            faults_add(faults, query_pointer(request->arena, field->name), 0, 0, field->meaning,
                "is missing");
    return faults->total == before || body_refuse(faults, error);
}
