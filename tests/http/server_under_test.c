/*
 * server_under_test.c: the HTTP server with a small route table of its own, for test_server.py. It
 * says "port N" on stdout and serves until SIGTERM, then drains. The route /v1/gate holds a worker
 * until the test writes a line to stdin, so that tests decide what is under way instead of waiting
 * for it.
 */
#include "http/auth.h"
#include "http/body.h"
#include "http/etag.h"
#include "http/idempotency.h"
#include "http/page.h"
#include "http/server.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS_MAX 16

struct call {
    struct http_server *server;
    struct http_request *request;
    struct http_response *response;
    struct faults faults;
};

static bool
get_ping(struct call *call, struct error *error)
{
    (void)error;
    http_json(call->request, call->response, 200,
        json_pack("{s:b, s:s}", "pong", 1, "remote", call->request->remote));
    return true;
}

static bool
get_thing(struct call *call, struct error *error)
{
    (void)error;
    etag_add(call->response, etag_version(call->request->arena, 7));
    http_json(call->request, call->response, 200,
        json_pack("{s:s, s:s}", "thing", call->request->parameters[0], "q",
            http_query(call->request, "q") == NULL ? "" : http_query(call->request, "q")));
    return true;
}

static bool
patch_thing(struct call *call, struct error *error)
{
    json_t *json;
    if (!etag_if_match(call->request, etag_version(call->request->arena, 7), error))
        return false;
    if (!body_json(call->request, call->request->route->fields, &json, &call->faults, error))
        return false;
    http_json(call->request, call->response, 200, json);
    return true;
}

static bool
post_echo(struct call *call, struct error *error)
{
    json_t *json;
    if (!body_json(call->request, call->request->route->fields, &json, &call->faults, error))
        return false;
    http_json(call->request, call->response, 200, json);
    return true;
}

static bool
post_keyed(struct call *call, struct error *error)
{
    const char *key;
    char hex[DIGEST_HEX_SIZE];
    if (!idempotency_key(call->request, &key, error))
        return false;
    http_json(call->request, call->response, 201,
        json_pack("{s:s, s:s}", "key", key, "digest",
            digest_hex(idempotency_digest(call->request), hex)));
    return true;
}

static bool
post_import(struct call *call, struct error *error)
{
    (void)error;
    http_json(call->request, call->response, 200,
        json_pack("{s:I}", "bytes", (json_int_t)call->request->body_size));
    return true;
}

static bool
list_things(struct call *call, struct error *error)
{
    struct page page;
    if (!body_query(call->request, call->request->route->query, &call->faults, error) ||
        !page_read(call->request, &page, &call->faults, error))
        return false;
    int first = page.after == NULL ? 0 : atoi(page.after);
    json_t *items = json_array();
    int last = first;
    for (; last < 5 && last < first + page.limit; last++)
        json_array_append_new(items, json_pack("{s:i}", "number", last + 1));
    const char *key = last < 5 ? arena_printf(call->request->arena, "%d", last) : NULL;
    page_answer(call->request, call->response, items, key);
    return true;
}

static bool
get_me(struct call *call, struct error *error)
{
    struct digest hash;
    char hex[DIGEST_HEX_SIZE];
    if (!auth_request(call->request, &hash, error))
        return false;
    http_json(
        call->request, call->response, 200, json_pack("{s:s}", "hash", digest_hex(hash, hex)));
    return true;
}

static bool
get_gate(struct call *call, struct error *error)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    char line[16];
    (void)error;
    puts("at the gate");
    fflush(stdout);
    pthread_mutex_lock(&turn);
    bool released = fgets(line, sizeof line, stdin) != NULL;
    pthread_mutex_unlock(&turn);
    http_json(call->request, call->response, 200, json_pack("{s:b}", "released", released));
    return true;
}

static bool
get_failure(struct call *call, struct error *error)
{
    (void)call;
    return error_set(error, ERROR_INTERNAL, "failure", "SELECT secret FROM somewhere");
}

static bool
get_counters(struct call *call, struct error *error)
{
    struct http_counters counters;
    (void)error;
    http_server_counters(call->server, &counters);
    http_json(call->request, call->response, 200,
        json_pack("{s:I, s:I, s:I, s:I, s:I}", "requests", (json_int_t)counters.requests,
            "queue_full", (json_int_t)counters.queue_full, "swept", (json_int_t)counters.swept,
            "open", (json_int_t)counters.open, "waiting", (json_int_t)counters.waiting));
    return true;
}

static bool get_openapi(struct call *call, struct error *error);

static const char *const kinds[] = {"paper", "link", "phone", NULL};
static const struct field person[] = {
    {.name = "name",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 40,
        .meaning = "The name"},
    {.name = "born", .type = FIELD_DATE, .flags = FIELD_NULLABLE, .meaning = "Day of birth"},
    {.name = NULL},
};
static const struct field echo_fields[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 20,
        .meaning = "The code of the workplace, such as W0001"},
    {.name = "head_count", .type = FIELD_INTEGER, .min = 1, .max = 10000, .meaning = "People"},
    {.name = "share", .type = FIELD_NUMBER, .flags = FIELD_NULLABLE, .meaning = "A share"},
    {.name = "how",
        .type = FIELD_STRING,
        .flags = FIELD_NULLABLE,
        .choices = kinds,
        .meaning = "How it was signed"},
    {.name = "sure", .type = FIELD_BOOLEAN, .meaning = "Is it sure?"},
    {.name = "id", .type = FIELD_UUID, .meaning = "An id"},
    {.name = "at", .type = FIELD_TIME, .meaning = "A point in time"},
    {.name = "day", .type = FIELD_DATE, .meaning = "A day"},
    {.name = "trial", .type = FIELD_IDENTIFIER, .meaning = "A trial"},
    {.name = "note", .type = FIELD_STRING, .max = 2000, .meaning = "Free text"},
    {.name = "tags", .type = FIELD_ARRAY, .max = 3, .meaning = "Words"},
    {.name = "people", .type = FIELD_ARRAY, .children = person, .meaning = "People by name"},
    {.name = "boss",
        .type = FIELD_OBJECT,
        .flags = FIELD_NULLABLE,
        .children = person,
        .meaning = "Who leads"},
    {.name = "answers", .type = FIELD_MAP_BOOLEAN, .max = 5, .meaning = "Answers by id"},
    {.name = "attributes", .type = FIELD_MAP_TEXT, .max = 2, .meaning = "Values by name"},
    {.name = NULL},
};
static const struct field thing_answer[] = {
    {.name = "thing", .type = FIELD_STRING, .meaning = "Its name"},
    {.name = "q", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .meaning = "What was asked"},
    {.name = NULL},
};
static const struct field number_answer[] = {
    {.name = "number", .type = FIELD_INTEGER, .meaning = "Its number"},
    {.name = NULL},
};
static const struct field list_query[] = {
    {.name = "state", .type = FIELD_STRING, .choices = kinds, .meaning = "Only these"},
    {.name = "least", .type = FIELD_INTEGER, .max = 100, .meaning = "From this number on"},
    {.name = NULL},
};

static const struct route routes[] = {
    {HTTP_GET, "/v1/ping", "public", .id = "ping", .summary = "Answers", .status = 200,
        .handler = get_ping},
    {HTTP_GET, "/v1/things", "read", .list = LIST_BY_TEXT, .query = list_query,
        .answer = number_answer, .id = "thing_list", .summary = "Lists", .status = 200,
        .handler = list_things},
    {HTTP_GET, "/v1/things/{thing}", "read", .flags = ROUTE_ETAG, .answer = thing_answer,
        .id = "thing_show", .summary = "Shows", .status = 200, .handler = get_thing},
    {HTTP_PATCH, "/v1/things/{thing}", "write", .body = BODY_JSON, .fields = echo_fields,
        .flags = ROUTE_IF_MATCH | ROUTE_ETAG, .answer = echo_fields, .id = "thing_change",
        .summary = "Changes", .status = 200, .handler = patch_thing},
    {HTTP_POST, "/v1/echo", "public", .body = BODY_JSON, .fields = echo_fields, .id = "echo",
        .summary = "Gives it back", .status = 200, .answer = echo_fields, .handler = post_echo},
    {HTTP_POST, "/v1/keyed", "write", .body = BODY_JSON, .fields = echo_fields, .key = KEY_REQUIRED,
        .id = "keyed", .summary = "Needs a key", .status = 201, .handler = post_keyed},
    {HTTP_POST, "/v1/import", "write", .body = BODY_CSV, .body_limit = 1 << 20, .id = "import",
        .summary = "Takes CSV", .status = 200, .handler = post_import},
    {HTTP_GET, "/v1/me", "me", .key = KEY_UNUSED, .id = "me", .summary = "Who am I", .status = 200,
        .handler = get_me},
    {HTTP_GET, "/v1/gate", "public", .id = "gate", .summary = "Waits", .status = 200,
        .handler = get_gate},
    {HTTP_GET, "/v1/failure", "public", .id = "failure", .summary = "Fails", .status = 200,
        .handler = get_failure},
    {HTTP_GET, "/v1/counters", "public", .id = "counters", .summary = "Counts", .status = 200,
        .handler = get_counters},
    {HTTP_GET, "/openapi.json", "public", .id = "openapi", .summary = "This document",
        .status = 200, .handler = get_openapi},
};
static const struct route_table table = {.routes = routes, .count = COUNT_OF(routes)};

static const char *const *
roles_of(const char *permission)
{
    static const char *const readers[] = {"coordinator", "auditor", NULL};
    static const char *const writers[] = {"coordinator", NULL};
    static const char *const any[] = {NULL};
    if (strcmp(permission, "public") == 0)
        return NULL;
    if (strcmp(permission, "me") == 0)
        return any;
    return strcmp(permission, "read") == 0 ? readers : writers;
}

static bool
get_openapi(struct call *call, struct error *error)
{
    (void)error;
    http_json(call->request, call->response, 200, route_openapi(&table, RCTD_VERSION, roles_of));
    return true;
}

static void *
work(void *argument)
{
    struct http_server *server = argument;
    struct http_request *request;
    while ((request = http_server_take(server)) != NULL) {
        struct http_response response = {0};
        struct call call = {.server = server, .request = request, .response = &response};
        struct error error = ERROR_CLEAR;
        faults_init(&call.faults, request->arena);
        if (!request->route->handler(&call, &error))
            http_problem(request, &response, &error, &call.faults);
        http_server_answer(request, &response);
    }
    return NULL;
}

static bool
read_option(struct http_options *options, unsigned *workers, unsigned *drain, const char *argument)
{
    unsigned value;
    char name[32];
    if (sscanf(argument, "%31[a-z]=%u", name, &value) != 2)
        return false;
    if (strcmp(name, "queue") == 0)
        options->queue = value;
    else if (strcmp(name, "connections") == 0)
        options->connections = value;
    else if (strcmp(name, "arrive") == 0)
        options->arrive_seconds = value;
    else if (strcmp(name, "idle") == 0)
        options->idle_seconds = value;
    else if (strcmp(name, "proxy") == 0)
        options->trust_proxy = value == 1;
    else if (strcmp(name, "fd") == 0)
        options->listen_fd = (int)value;
    else if (strcmp(name, "workers") == 0)
        *workers = value > WORKERS_MAX ? WORKERS_MAX : value;
    else if (strcmp(name, "drain") == 0)
        *drain = value;
    else
        return false;
    return true;
}

int
main(int count, char **arguments)
{
    struct http_options options = {.address = "127.0.0.1", .listen_fd = -1, .routes = &table};
    struct http_server *server;
    struct error error;
    pthread_t threads[WORKERS_MAX];
    unsigned workers = 2;
    unsigned drain = 5;
    sigset_t signals;
    int which;
    bits_start();
    for (int i = 1; i < count; i++)
        if (!read_option(&options, &workers, &drain, arguments[i]))
            return 2;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!http_server_start(&options, &server, &error)) {
        fprintf(stderr, "%s\n", error.detail);
        return 1;
    }
    for (unsigned i = 0; i < workers; i++)
        pthread_create(&threads[i], NULL, work, server);
    printf("port %u\n", http_server_port(server));
    fflush(stdout);
    sigwait(&signals, &which);
    http_server_drain(server, drain);
    for (unsigned i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
    http_server_free(server);
    puts("ended");
    return 0;
}
