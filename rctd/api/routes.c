/*
 * routes.c: the rows for the daemon itself, and the check of all of them.
 */
#include "api/routes.h"

#include "api/handlers.h"

#include <jansson.h>

/* clang-format off */
static const struct route rows[] = {
    { HTTP_GET, "/healthz", "public", .answer = health_answer, .status = 200, .id = "health",
        .summary = "Is the process alive", .handler = service_health },
    { HTTP_GET, "/readyz", "public", .answer = ready_answer, .status = 200, .id = "ready",
        .summary = "Can it serve: database, schema", .handler = service_ready },
    { HTTP_GET, "/metrics", "public", .status = 200, .id = "metrics",
        .summary = "Counters in Prometheus text format; none by arm or site", .handler = service_metrics },
    { HTTP_GET, "/openapi.json", "public", .status = 200, .id = "openapi",
        .summary = "This description", .handler = service_openapi },
    { HTTP_GET, "/v1/rehearsal", "any", .answer = rehearsal_answer, .status = 200, .id = "rehearsal.show",
        .summary = "The trial's clock", .handler = rehearsal_show },
    { HTTP_POST, "/v1/rehearsal/advance", "instance.write", .body = BODY_JSON, .fields = rehearsal_new,
        .answer = rehearsal_answer, .status = 200, .id = "rehearsal.advance",
        .summary = "Move the trial's clock ahead, where no real trial runs", .handler = rehearsal_advance },
};
/* clang-format on */

const struct route_table routes = {.routes = rows, .count = COUNT_OF(rows), .more = &routes_office};

bool
routes_check(struct error *error)
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(&routes, i)) != NULL; i++)
        if (permission_by_name(route->permission) == NULL)
            return error_set(
                error, ERROR_CONFIG, route->id, "The route %s has no permission", route->path);
    return route_table_check(&routes, error);
}

char *
routes_openapi(void)
{
    json_t *document = route_openapi(&routes, RCTD_VERSION, permission_roles);
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text;
}
