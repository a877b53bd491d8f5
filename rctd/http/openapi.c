/*
 * openapi.c: the route table as an OpenAPI 3.1 document. It is made from the rows that serve, so
 * that it cannot say anything else than what rctd does.
 */
#include "base/error.h"
#include "base/text.h"
#include "http/body.h"
#include "http/field.h"
#include "http/idempotency.h"
#include "http/page.h"
#include "http/route.h"

#include <stdio.h>
#include <string.h>

#define PROBLEM_TYPE "urn:rctd:problem:"

static void
set(json_t *object, const char *name, const char *value)
{
    json_object_set_new(object, name, json_string(value));
}

static json_t *
reference(const char *kind, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "#/components/%s/%s", kind, name);
    return json_pack("{s:s}", "$ref", path);
}

/* {type: {"schema": schema}} */
static json_t *
content(const char *type, json_t *schema)
{
    return json_pack("{s:{s:o}}", type, "schema", schema);
}

/* One row per status: an enum of all problem types that carry it, so that none is left
 * undocumented. */
static json_t *
problem_types(int status)
{
    json_t *types = json_array();
    for (int code = ERROR_NONE + 1; code < ERROR_COUNT; code++) {
        if (status != 0 && error_http_status((enum error_code)code) != status)
            continue;
        char type[96];
        snprintf(type, sizeof type, PROBLEM_TYPE "%s", error_slug((enum error_code)code));
        json_array_append_new(types, json_string(type));
    }
    return types;
}

static json_t *
fault_schema(void)
{
    return json_pack("{s:s, s:{s:{s:s, s:s}, s:{s:s, s:i}, s:{s:s, s:i}, s:{s:s}, s:{s:s, s:s}},"
                     " s:[s, s]}",
        "type", "object", "properties", "pointer", "type", "string", "description",
        "JSON pointer into the body, ?name of the query, or the header of a CSV column", "line",
        "type", "integer", "minimum", 1, "column", "type", "integer", "minimum", 1, "detail",
        "type", "string", "remedy", "type", "string", "description", "What would be right",
        "required", "pointer", "detail");
}

static json_t *
problem_schema(void)
{
    return json_pack("{s:s, s:s, s:{s:{s:s, s:o}, s:{s:s}, s:{s:s, s:i, s:i}, s:{s:s},"
                     " s:{s:s, s:s, s:s}, s:{s:s, s:o}, s:{s:s, s:s}}, s:[s, s, s, s, s]}",
        "type", "object", "description", "An error (RFC 9457)", "properties", "type", "type",
        "string", "enum", problem_types(0), "title", "type", "string", "status", "type", "integer",
        "minimum", 400, "maximum", 599, "detail", "type", "string", "instance", "type", "string",
        "format", "uri", "description",
        "urn:uuid: and the request id, under which the operator finds it in the log", "errors",
        "type", "array", "items", fault_schema(), "errors_total", "type", "integer", "description",
        "How many there are, when not all are listed", "required", "type", "title", "status",
        "detail", "instance");
}

/* The schema of one status narrows `type` down to what that status can mean. */
static json_t *
problem_response(int status)
{
    json_t *narrowed =
        json_pack("{s:[o, {s:{s:{s:o}, s:{s:i}}}]}", "allOf", reference("schemas", "problem"),
            "properties", "type", "enum", problem_types(status), "status", "const", status);
    json_t *headers = json_pack("{s:o}", "X-Request-Id", reference("headers", "X-Request-Id"));
    if (status == 401)
        json_object_set_new(
            headers, "WWW-Authenticate", json_pack("{s:{s:s}}", "schema", "type", "string"));
    if (status == 405)
        json_object_set_new(headers, "Allow", json_pack("{s:{s:s}}", "schema", "type", "string"));
    if (status == 429 || status == 503)
        json_object_set_new(headers, "Retry-After", reference("headers", "Retry-After"));
    char titles[512] = "";
    for (int code = ERROR_NONE + 1; code < ERROR_COUNT; code++) {
        size_t used = strlen(titles);
        if (error_http_status((enum error_code)code) == status)
            snprintf(titles + used, sizeof titles - used, "%s%s", used == 0 ? "" : "; ",
                error_title((enum error_code)code));
    }
    return json_pack("{s:s, s:o, s:o}", "description", titles, "headers", headers, "content",
        content("application/problem+json", narrowed));
}

static bool
names_a_problem(int status)
{
    for (int code = ERROR_NONE + 1; code < ERROR_COUNT; code++)
        if (error_http_status((enum error_code)code) == status)
            return true;
    return false;
}

static json_t *
component_responses(void)
{
    json_t *responses = json_object();
    for (int status = 400; status < 600; status++) {
        char name[16];
        snprintf(name, sizeof name, "%d", status);
        if (names_a_problem(status))
            json_object_set_new(responses, name, problem_response(status));
    }
    return responses;
}

static json_t *
component_headers(void)
{
    return json_pack("{s:{s:s, s:{s:s, s:s}}, s:{s:s, s:{s:s}}, s:{s:s, s:{s:s}}, s:{s:s, s:{s:s}},"
                     " s:{s:s, s:{s:s}}}",
        "X-Request-Id", "description",
        "The id of this request; a UUID sent in the same header of the request is kept", "schema",
        "type", "string", "format", "uuid", "ETag", "description", "What If-Match takes", "schema",
        "type", "string", "Link", "description", "rel=\"next\": the next page, where there is one",
        "schema", "type", "string", "Retry-After", "description",
        "Seconds to wait before asking again", "schema", "type", "string", "X-Time-Zone",
        "description", "Area/City: the clocks by which the trial's days, windows and hours are",
        "schema", "type", "string");
}

static json_t *
component_parameters(void)
{
    return json_pack("{s:{s:s, s:s, s:s, s:{s:s}}, s:{s:s, s:s, s:s, s:{s:s, s:i, s:i, s:i}},"
                     " s:{s:s, s:s, s:b, s:s, s:{s:s}}}",
        "after", "name", "after", "in", "query", "description",
        "The cursor `next` of the page before; opaque", "schema", "type", "string", "limit", "name",
        "limit", "in", "query", "description", "Items of a page", "schema", "type", "integer",
        "minimum", 1, "maximum", PAGE_LIMIT_MAX, "default", PAGE_LIMIT_DEFAULT, "If-Match", "name",
        "If-Match", "in", "header", "required", 1, "description",
        "The ETag that was read, so that nobody else's change is overwritten", "schema", "type",
        "string");
}

static json_t *
key_parameter(const struct route *route)
{
    return json_pack("{s:s, s:s, s:b, s:s, s:{s:s, s:i, s:i}}", "name", "Idempotency-Key", "in",
        "header", "required", route->key == KEY_REQUIRED, "description",
        "A new UUID for each new request, the same one when it is repeated: it is carried out "
        "once, and "
        "the stored answer comes back byte for byte. A key lives at least 24 hours; that of an "
        "allocation as long as its trial.",
        "schema", "type", "string", "minLength", 1, "maxLength", IDEMPOTENCY_KEY_MAX + 2);
}

static void
add_path_parameters(json_t *list, const char *path)
{
    for (const char *open = strchr(path, '{'); open != NULL; open = strchr(open + 1, '{')) {
        size_t length = strcspn(open + 1, "}");
        json_t *name = json_stringn(open + 1, length);
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:b, s:{s:s, s:i}}", "name", name, "in", "path", "required",
                      1, "schema", "type", "string", "minLength", 1));
    }
}

static json_t *
parameters_of(const struct route *route)
{
    json_t *list = json_array();
    add_path_parameters(list, route->path);
    for (const struct field *field = route->query; field != NULL && field->name != NULL; field++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", field->name, "in", "query",
                      "required", (field->flags & FIELD_REQUIRED) != 0, "description",
                      field->meaning == NULL ? "" : field->meaning, "schema",
                      field_schema(field, false)));
    if (route->list != LIST_NONE) {
        json_array_append_new(list, reference("parameters", "after"));
        json_array_append_new(list, reference("parameters", "limit"));
    }
    if ((route->flags & ROUTE_IF_MATCH) != 0)
        json_array_append_new(list, reference("parameters", "If-Match"));
    if (route->key == KEY_REQUIRED || (route->key == KEY_OPTIONAL && route->method == HTTP_POST))
        json_array_append_new(list, key_parameter(route));
    return list;
}

static json_t *
answer_schema(const struct route *route)
{
    json_t *item = body_schema(route->answer, true);
    if (route->list == LIST_NONE)
        return item;
    return json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:[s, s], s:s}}, s:[s, s]}", "type", "object",
        "properties", "items", "type", "array", "items", item, "next", "type", "string", "null",
        "description", "The cursor of the next page; null on the last one", "required", "items",
        "next");
}

static json_t *
success_response(const struct route *route, bool open)
{
    static const char of_trial[] = "/v1/trials/{trial}";
    json_t *headers = json_pack("{s:o}", "X-Request-Id", reference("headers", "X-Request-Id"));
    if ((route->flags & ROUTE_ETAG) != 0)
        json_object_set_new(headers, "ETag", reference("headers", "ETag"));
    if (route->list != LIST_NONE)
        json_object_set_new(headers, "Link", reference("headers", "Link"));
    if (!open && strncmp(route->path, of_trial, strlen(of_trial)) == 0)
        json_object_set_new(headers, "X-Time-Zone", reference("headers", "X-Time-Zone"));
    json_t *response = json_pack("{s:s, s:o}", "description", "Done", "headers", headers);
    if (route->answer_type != NULL)
        json_object_set_new(
            response, "content", content(route->answer_type, json_pack("{s:s}", "type", "string")));
    else if (route->answer != NULL)
        json_object_set_new(response, "content", content("application/json", answer_schema(route)));
    return response;
}

/* Which errors the row's own properties make possible; those of every request come besides. */
static bool
can_answer(const struct route *route, bool open, int status)
{
    bool changes = route->method != HTTP_GET;
    switch (status) {
    case 400:
    case 431:
    case 500:
    case 503:
        return true;
    case 401:
    case 403:
    case 429:
        return !open;
    case 404:
        return strchr(route->path, '{') != NULL;
    case 409:
        return changes || (route->flags & ROUTE_RECORDED) != 0;
    case 412:
    case 428:
        return (route->flags & ROUTE_IF_MATCH) != 0;
    case 413:
    case 415:
        return route->body != BODY_NONE;
    case 422:
        return changes || route->query != NULL || route->list != LIST_NONE;
    default:
        return false;
    }
}

static json_t *
responses_of(const struct route *route, bool open)
{
    json_t *responses = json_object();
    char name[16];
    snprintf(name, sizeof name, "%d", route->status);
    json_object_set_new(responses, name, success_response(route, open));
    for (int status = 400; status < 600; status++) {
        if (!can_answer(route, open, status))
            continue;
        snprintf(name, sizeof name, "%d", status);
        json_object_set_new(responses, name, reference("responses", name));
    }
    return responses;
}

static json_t *
request_body(const struct route *route)
{
    const char *type = route->body == BODY_JSON ? "application/json" : "text/csv";
    json_t *schema = route->body == BODY_JSON ? body_schema(route->fields, false)
                                              : json_pack("{s:s}", "type", "string");
    char size[64];
    snprintf(size, sizeof size, "At most %zu bytes.", route_body_limit(route));
    return json_pack(
        "{s:b, s:s, s:o}", "required", 1, "description", size, "content", content(type, schema));
}

/* Names the roles twice: in x-rctd-roles for programs, and in the description for people. */
static void
describe_roles(json_t *operation, const char *const *roles)
{
    char text[512] = "";
    json_t *list = json_array();
    for (size_t i = 0; roles != NULL && roles[i] != NULL; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s", used == 0 ? "Roles: " : ", ", roles[i]);
        json_array_append_new(list, json_string(roles[i]));
    }
    if (roles == NULL)
        set(operation, "description", "Needs no token.");
    else
        set(operation, "description", text[0] == '\0' ? "Any token." : text);
    json_object_set_new(operation, "x-rctd-roles", list);
}

static json_t *
operation_of(const struct route *route, const char *const *roles)
{
    json_t *operation = json_object();
    json_t *security = json_array();
    set(operation, "operationId", route->id);
    set(operation, "summary", route->summary);
    describe_roles(operation, roles);
    if (roles != NULL)
        json_array_append_new(security, json_pack("{s:[]}", "bearer"));
    json_object_set_new(operation, "security", security);
    json_object_set_new(operation, "parameters", parameters_of(route));
    if (route->body != BODY_NONE)
        json_object_set_new(operation, "requestBody", request_body(route));
    json_object_set_new(operation, "responses", responses_of(route, roles == NULL));
    return operation;
}

static json_t *
paths_of(const struct route_table *table, const char *const *(*roles_of)(const char *permission))
{
    static const char *const keys[] = {"get", "post", "put", "patch", "delete"};
    json_t *paths = json_object();
    const struct route *route;
    for (size_t i = 0; (route = route_at(table, i)) != NULL; i++) {
        json_t *item = json_object_get(paths, route->path);
        if (item == NULL) {
            item = json_object();
            json_object_set_new(paths, route->path, item);
        }
        json_object_set_new(
            item, keys[route->method], operation_of(route, roles_of(route->permission)));
    }
    return paths;
}

json_t *
route_openapi(const struct route_table *table, const char *version,
    const char *const *(*roles_of)(const char *permission))
{
    json_t *components = json_pack("{s:{s:{s:s, s:s, s:s}}, s:{s:o}, s:o, s:o, s:o}",
        "securitySchemes", "bearer", "type", "http", "scheme", "bearer", "description",
        "A token that an administrator made: rctd_ and 49 characters", "schemas", "problem",
        problem_schema(), "responses", component_responses(), "headers", component_headers(),
        "parameters", component_parameters());
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:o, s:o}", "openapi", "3.1.0",
        "jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema", "info", "title",
        "rctd", "version", version, "description",
        "Randomised controlled trials in workplaces. Every time is RFC 3339 in UTC. Every error is "
        "application/problem+json. An address that does not take the method answers 405 with "
        "Allow. "
        "HEAD is answered wherever GET is.",
        "servers", "url", "/", "components", components, "paths", paths_of(table, roles_of));
}
