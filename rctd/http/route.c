/*
 * route.c: checks the route table once, at start, and finds the row of a request. The index is a
 * tree of path segments, so that a look-up compares each segment with its few siblings and never
 * the whole table.
 */
#include "http/route.h"

#include "base/arena.h"
#include "base/text.h"
#include "http/request.h"
#include "http/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHODS (HTTP_DELETE + 1)
#define BODY_LIMIT_DEFAULT ((size_t)64 * 1024)

struct node {
    const char *segment; /* not NUL-terminated; a parameter's starts with a brace */
    size_t length;
    struct node *children; /* literals first */
    struct node *next;
    const struct route *routes[METHODS];
};

struct route_index {
    struct arena *arena;
    struct node root;
};

/* The parameters' text as it stands in a path, while a tree is walked. */
struct spans {
    const char *start[HTTP_PARAMETERS];
    size_t length[HTTP_PARAMETERS];
    size_t count;
};

const char *
route_method(enum http_method method)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return names[method];
}

size_t
route_body_limit(const struct route *route)
{
    return route->body_limit == 0 ? BODY_LIMIT_DEFAULT : route->body_limit;
}

static bool
is_parameter(const char *segment, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
    return length > 2 && segment[0] == '{' && segment[length - 1] == '}' &&
           strspn(segment + 1, letters) == length - 2;
}

static bool
is_literal(const char *segment, size_t length)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return length > 0 && strspn(segment, letters) >= length;
}

/* The same place in two paths: equal literals, or a parameter in both whatever its name. */
static bool
segments_equal(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a[0] == '{' && b[0] == '{')
        return true;
    return a_length == b_length && strncmp(a, b, a_length) == 0;
}

static bool
path_check(const char *path)
{
    size_t parameters = 0;
    if (strcmp(path, "/") == 0)
        return true;
    if (path[0] != '/')
        return false;
    for (const char *at = path; *at == '/';) {
        const char *segment = at + 1;
        size_t length = strcspn(segment, "/");
        if (is_parameter(segment, length))
            parameters++;
        else if (!is_literal(segment, length))
            return false;
        at = segment + length;
    }
    return parameters <= HTTP_PARAMETERS;
}

static bool
paths_equal(const char *a, const char *b)
{
    while (*a == '/' && *b == '/') {
        size_t a_length = strcspn(++a, "/");
        size_t b_length = strcspn(++b, "/");
        if (!segments_equal(a, a_length, b, b_length))
            return false;
        a += a_length;
        b += b_length;
    }
    return *a == *b;
}

static bool
bad_row(const struct route *route, const char *what, struct error *error)
{
    return error_set(error, ERROR_CONFIG, "route", "The route %s %s %s.",
        route_method(route->method), route->path == NULL ? "(no path)" : route->path, what);
}

static bool
row_check(const struct route *route, struct error *error)
{
    if (route->path == NULL || !path_check(route->path))
        return bad_row(route, "has a path that is not well formed", error);
    if (text_is_empty(route->permission))
        return bad_row(route, "has no permission", error);
    if (text_is_empty(route->id) || text_is_empty(route->summary))
        return bad_row(route, "has no id or no summary", error);
    if (route->handler == NULL && (route->flags & ROUTE_COMBINED) == 0)
        return bad_row(route, "has no handler", error);
    if (route->status < 200 || route->status > 299)
        return bad_row(route, "has no status of success", error);
    if (route->body != BODY_NONE && (route->method == HTTP_GET || route->method == HTTP_DELETE))
        return bad_row(route, "takes a body, which its method does not have", error);
    if ((route->body == BODY_JSON) != (route->fields != NULL))
        return bad_row(route, "must have fields if it takes a JSON body, and only then", error);
    return true;
}

const struct route *
route_at(const struct route_table *table, size_t i)
{
    while (table != NULL && i >= table->count) {
        i -= table->count;
        table = table->more;
    }
    return table == NULL ? NULL : &table->routes[i];
}

bool
route_table_check(const struct route_table *table, struct error *error)
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(table, i)) != NULL; i++) {
        if (!row_check(route, error))
            return false;
        for (size_t j = 0; j < i; j++) {
            const struct route *other = route_at(table, j);
            if (route->method == other->method && paths_equal(route->path, other->path))
                return bad_row(route, "stands in the table twice", error);
            if (strcmp(route->id, other->id) == 0)
                return bad_row(route, "has an id that another route has", error);
        }
    }
    return true;
}

static struct node *
child_for(struct route_index *index, struct node *parent, const char *segment, size_t length)
{
    struct node **place = &parent->children;
    for (struct node *node = parent->children; node != NULL; node = node->next) {
        if (segments_equal(node->segment, node->length, segment, length))
            return node;
        if (node->segment[0] != '{')
            place = &node->next;
    }
    struct node *node = arena_alloc(index->arena, sizeof *node);
    *node = (struct node){.segment = segment, .length = length, .next = *place};
    *place = node;
    return node;
}

struct route_index *
route_index_new(const struct route_table *table)
{
    struct route_index *index = memory_get(sizeof *index);
    const struct route *route;
    index->arena = arena_new();
    for (size_t i = 0; (route = route_at(table, i)) != NULL; i++) {
        struct node *node = &index->root;
        for (const char *at = route->path; at[0] == '/';) {
            size_t length = strcspn(at + 1, "/");
            node = child_for(index, node, at + 1, length);
            at += 1 + length;
        }
        node->routes[route->method] = route;
    }
    return index;
}

void
route_index_free(struct route_index *index)
{
    if (index == NULL)
        return;
    arena_free(index->arena);
    free(index);
}

static bool
has_routes(const struct node *node)
{
    for (size_t i = 0; i < METHODS; i++)
        if (node->routes[i] != NULL)
            return true;
    return false;
}

/* Literals stand first among siblings; where one leads nowhere, the parameter beside it is tried.
 */
static const struct node *
descend(const struct node *node, const char *rest, struct spans *spans)
{
    if (*rest == '\0')
        return has_routes(node) ? node : NULL;
    const char *segment = rest + 1;
    size_t length = strcspn(segment, "/");
    for (const struct node *child = node->children; child != NULL; child = child->next) {
        bool parameter = child->length > 0 && child->segment[0] == '{';
        size_t depth = spans->count;
        if (parameter ? length == 0 || depth == HTTP_PARAMETERS
                      : child->length != length || strncmp(child->segment, segment, length) != 0)
            continue;
        if (parameter) {
            spans->start[depth] = segment;
            spans->length[depth] = length;
            spans->count++;
        }
        const struct node *found = descend(child, segment + length, spans);
        if (found != NULL)
            return found;
        spans->count = depth;
    }
    return NULL;
}

static void
write_allow(const struct node *node, char allow[ROUTE_ALLOW_SIZE])
{
    for (size_t i = 0; i < METHODS; i++) {
        if (node->routes[i] == NULL)
            continue;
        size_t used = strlen(allow);
        snprintf(allow + used, ROUTE_ALLOW_SIZE - used, "%s%s%s", used == 0 ? "" : ", ",
            route_method((enum http_method)i), i == HTTP_GET ? ", HEAD" : "");
    }
}

static const struct route *
row_for(const struct node *node, const char *method)
{
    const char *name = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < METHODS; i++)
        if (node->routes[i] != NULL && strcmp(route_method((enum http_method)i), name) == 0)
            return node->routes[i];
    return NULL;
}

bool
route_find(const struct route_index *index, struct http_request *request,
    char allow[ROUTE_ALLOW_SIZE], struct error *error)
{
    struct spans spans = {.count = 0};
    allow[0] = '\0';
    const struct node *node = descend(&index->root, request->path, &spans);
    if (node == NULL)
        return error_set(error, ERROR_NOT_FOUND, "route",
            "There is nothing at this address. /openapi.json lists what there is.");
    const struct route *route = row_for(node, request->method);
    if (route == NULL) {
        write_allow(node, allow);
        return error_set(error, ERROR_METHOD, "route", "This address takes %s.", allow);
    }
    for (size_t i = 0; i < spans.count; i++) {
        request->parameters[i] =
            target_decode(request->arena, spans.start[i], spans.length[i], false);
        if (request->parameters[i] == NULL)
            return error_set(error, ERROR_MALFORMED, "route", "The path is not well formed.");
    }
    request->route = route;
    return true;
}
