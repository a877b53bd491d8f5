/*
 * test_route.c: the route table's check, its look-up, problems, and the OpenAPI document.
 */
#include "http/route.h"

#include "../check_main.h"
#include "http/body.h"
#include "request_maker.h"

static bool
handle(struct call *call, struct error *error)
{
    (void)call;
    (void)error;
    return true;
}

static const struct field fields[] = {
    {.name = "workplace", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .meaning = "Its code"},
    {.name = NULL},
};

#define ROW(METHOD, PATH, ID, ...)                                                                 \
    {                                                                                              \
        .method = METHOD, .path = PATH, .permission = "p", .id = ID, .summary = "s",               \
        .status = 200, .handler = handle, __VA_ARGS__                                              \
    }

static const struct route routes[] = {
    ROW(HTTP_GET, "/", "root", .answer_type = "text/html"),
    ROW(HTTP_GET, "/v1/trials", "list", .list = LIST_BY_TEXT, .answer = fields),
    ROW(HTTP_POST, "/v1/trials", "create", .body = BODY_JSON, .fields = fields),
    ROW(HTTP_GET, "/v1/trials/{trial}/allocations/{allocation}", "show", .flags = ROUTE_ETAG),
    ROW(HTTP_PATCH, "/v1/trials/{trial}/allocations/{allocation}", "change", .body = BODY_JSON,
        .fields = fields, .flags = ROUTE_IF_MATCH),
    ROW(HTTP_POST, "/v1/trials/{trial}/allocations/dry-run", "dry", .body = BODY_JSON,
        .fields = fields, .key = KEY_REQUIRED),
    ROW(HTTP_GET, "/v1/trials/{trial}/allocations/dry-run/log", "log", .query = fields),
    ROW(HTTP_GET, "/v1/trials/{trial}/{what}/other", "other"),
    ROW(HTTP_POST, "/v1/import", "import", .body = BODY_CSV),
};
static const struct route_table rest = {.routes = &routes[2], .count = COUNT_OF(routes) - 2};
static const struct route_table table = {.routes = routes, .count = 2, .more = &rest};

struct look_up {
    const char *method;
    const char *path;
    const char *id; /* NULL: none */
    const char *parameter;
    const char *second;
    enum error_code code;
    const char *allow;
};

static const struct look_up look_ups[] = {
    {"GET", "/", "root", NULL, NULL, ERROR_NONE, ""},
    {"GET", "/v1/trials", "list", NULL, NULL, ERROR_NONE, ""},
    {"HEAD", "/v1/trials", "list", NULL, NULL, ERROR_NONE, ""},
    {"POST", "/v1/trials", "create", NULL, NULL, ERROR_NONE, ""},
    {"DELETE", "/v1/trials", NULL, NULL, NULL, ERROR_METHOD, "GET, HEAD, POST"},
    {"get", "/v1/trials", NULL, NULL, NULL, ERROR_METHOD, "GET, HEAD, POST"},
    {"HEAD", "/v1/import", NULL, NULL, NULL, ERROR_METHOD, "POST"},
    {"GET", "/v1/trials/", NULL, NULL, NULL, ERROR_NOT_FOUND, ""},
    {"GET", "/v1//trials", NULL, NULL, NULL, ERROR_NOT_FOUND, ""},
    {"GET", "/v1/trial", NULL, NULL, NULL, ERROR_NOT_FOUND, ""},
    {"GET", "//", NULL, NULL, NULL, ERROR_NOT_FOUND, ""},
    {"GET", "/v1/trials//allocations/7", NULL, NULL, NULL, ERROR_NOT_FOUND, ""},
    {"GET", "/v1/trials/t/allocations/7", "show", "t", "7", ERROR_NONE, ""},
    {"GET", "/v1/trials/a%2Fb%C3%A5/allocations/%37", "show", "a/b\xc3\xa5", "7", ERROR_NONE, ""},
    {"POST", "/v1/trials/t/allocations/dry-run", "dry", "t", NULL, ERROR_NONE, ""},
    {"GET", "/v1/trials/t/allocations/dry-run/log", "log", "t", NULL, ERROR_NONE, ""},
    {"GET", "/v1/trials/t/allocations/other", "show", "t", "other", ERROR_NONE, ""},
    {"GET", "/v1/trials/t/x/other", "other", "t", "x", ERROR_NONE, ""},
};

START_TEST(every_address_leads_to_its_row_and_no_other)
{
    const struct look_up *wanted = &look_ups[_i];
    struct route_index *index = route_index_new(&table);
    struct made made;
    char allow[ROUTE_ALLOW_SIZE];
    make_request(&made, NULL);
    made.request.method = wanted->method;
    made.request.path = wanted->path;
    bool found = route_find(index, &made.request, allow, &made.error);
    ck_assert_msg(found == (wanted->id != NULL), "%s %s", wanted->method, wanted->path);
    ck_assert_str_eq(allow, wanted->allow);
    if (found) {
        ck_assert_str_eq(made.request.route->id, wanted->id);
        ck_assert_pstr_eq(made.request.parameters[0], wanted->parameter);
        ck_assert_pstr_eq(made.request.parameters[1], wanted->second);
    } else {
        ck_assert_int_eq(made.error.code, wanted->code);
    }
    drop_request(&made);
    route_index_free(index);
}
END_TEST

static const struct route bad_rows[] = {
    ROW(HTTP_GET, NULL, "x"),
    ROW(HTTP_GET, "v1", "x"),
    ROW(HTTP_GET, "/v1/", "x"),
    ROW(HTTP_GET, "/v1//x", "x"),
    ROW(HTTP_GET, "/v1/{}", "x"),
    ROW(HTTP_GET, "/v1/{a", "x"),
    ROW(HTTP_GET, "/v1/a{b}", "x"),
    ROW(HTTP_GET, "/v1/{a}/{b}/{c}/{d}/{e}", "x"),
    ROW(HTTP_GET, "/v1/x", ""),
    {.path = "/v1/x",
        .permission = NULL,
        .id = "x",
        .summary = "s",
        .status = 200,
        .handler = handle},
    {.path = "/v1/x",
        .permission = "",
        .id = "x",
        .summary = "s",
        .status = 200,
        .handler = handle},
    {.path = "/v1/x",
        .permission = "p",
        .id = "x",
        .summary = NULL,
        .status = 200,
        .handler = handle},
    {.path = "/v1/x", .permission = "p", .id = "x", .summary = "s", .status = 0, .handler = handle},
    {.path = "/v1/x", .permission = "p", .id = "x", .summary = "s", .status = 200, .handler = NULL},
    ROW(HTTP_GET, "/v1/x", "x", .body = BODY_JSON, .fields = fields),
    ROW(HTTP_POST, "/v1/x", "x", .body = BODY_JSON),
    ROW(HTTP_POST, "/v1/x", "x", .fields = fields),
};

START_TEST(a_row_that_would_fail_at_run_time_stops_the_daemon_at_start)
{
    struct error error;
    const struct route_table bad = {.routes = &bad_rows[_i], .count = 1};
    ck_assert(!route_table_check(&bad, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
}
END_TEST

START_TEST(two_rows_for_one_address_stop_the_daemon_at_start)
{
    static const struct route same_path[] = {
        ROW(HTTP_GET, "/v1/{a}/x", "one"), ROW(HTTP_GET, "/v1/{b}/x", "two")};
    static const struct route same_id[] = {
        ROW(HTTP_GET, "/v1/x", "one"), ROW(HTTP_GET, "/v1/y", "one")};
    struct error error;
    ck_assert(route_table_check(&table, &error));
    ck_assert(!route_table_check(&(struct route_table){.routes = same_path, .count = 2}, &error));
    ck_assert(!route_table_check(&(struct route_table){.routes = same_id, .count = 2}, &error));
}
END_TEST

/* ---- Problems ---- */

static json_t *
problem_of(struct made *made, struct http_response *response)
{
    http_problem(&made->request, response, &made->error, &made->faults);
    ck_assert_str_eq(response->content_type, "application/problem+json");
    json_t *json = json_loadb(response->body, response->body_size, 0, NULL);
    ck_assert_ptr_nonnull(json);
    return json;
}

START_TEST(a_failure_inside_never_shows_its_reason)
{
    for (int code = 0; code < ERROR_COUNT; code++) {
        struct made made;
        struct http_response response = {0};
        make_request(&made, NULL);
        error_set(&made.error, (enum error_code)code, "where", "SELECT arm FROM ledger");
        json_t *json = problem_of(&made, &response);
        const char *detail = json_string_value(json_object_get(json, "detail"));
        bool inside = error_http_status((enum error_code)code) >= 500;
        ck_assert((strstr(detail, "SELECT") == NULL) == inside);
        ck_assert_int_eq(json_integer_value(json_object_get(json, "status")), response.status);
        json_decref(json);
        drop_request(&made);
    }
}
END_TEST

START_TEST(a_problem_carries_the_faults_and_the_request_id)
{
    struct made made;
    struct http_response response = {0};
    make_request(&made, NULL);
    faults_add(&made.faults, "/count", 0, 0, "1 to 10", "is too large");
    faults_add(&made.faults, "orgnr", 7, 3, NULL, "is no number");
    error_set(&made.error, ERROR_FIELDS, NULL, "Two");
    http_add_header(&response, "ETag", "\"v1\"");
    json_t *json = problem_of(&made, &response);
    const char *pointer;
    const char *remedy;
    const char *instance;
    int line;
    ck_assert_int_eq(json_unpack(json, "{s:s, s:[{s:s, s:s}, {s:i}]}", "instance", &instance,
                         "errors", "pointer", &pointer, "remedy", &remedy, "line", &line),
        0);
    ck_assert_str_eq(pointer, "/count");
    ck_assert_str_eq(remedy, "1 to 10");
    ck_assert_int_eq(line, 7);
    ck_assert_str_eq(instance, "urn:uuid:019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55");
    ck_assert_uint_eq(response.header_count, 0);
    json_decref(json);
    drop_request(&made);
}
END_TEST

START_TEST(a_client_is_told_when_to_come_back)
{
    struct made made;
    struct http_response response = {0};
    make_request(&made, NULL);
    error_set(&made.error, ERROR_BUSY, NULL, "full");
    json_decref(problem_of(&made, &response));
    ck_assert_str_eq(response.headers[0].name, "Retry-After");
    response = (struct http_response){0};
    http_add_header(&response, "Retry-After", "77");
    error_set(&made.error, ERROR_RATE_LIMITED, NULL, "often");
    json_decref(problem_of(&made, &response));
    ck_assert_uint_eq(response.header_count, 1);
    ck_assert_str_eq(response.headers[0].value, "77");
    drop_request(&made);
}
END_TEST

/* ---- OpenAPI ---- */

static const char *const *
roles_of(const char *permission)
{
    static const char *const roles[] = {"coordinator", "auditor", NULL};
    (void)permission;
    return roles;
}

START_TEST(every_route_stands_in_the_document)
{
    json_t *document = route_openapi(&table, "1.2.3", roles_of);
    ck_assert_ptr_nonnull(document);
    ck_assert_str_eq(json_string_value(json_object_get(document, "openapi")), "3.1.0");
    json_t *paths = json_object_get(document, "paths");
    static const char *const keys[] = {"get", "post", "put", "patch", "delete"};
    for (size_t i = 0; i < table.count; i++) {
        json_t *item = json_object_get(paths, table.routes[i].path);
        json_t *operation = json_object_get(item, keys[table.routes[i].method]);
        ck_assert_str_eq(
            json_string_value(json_object_get(operation, "operationId")), table.routes[i].id);
        json_t *responses = json_object_get(operation, "responses");
        ck_assert_ptr_nonnull(json_object_get(responses, "200"));
        ck_assert_ptr_nonnull(json_object_get(responses, "401"));
        ck_assert_uint_eq(json_array_size(json_object_get(operation, "x-rctd-roles")), 2);
        ck_assert((json_object_get(operation, "requestBody") != NULL) ==
                  (table.routes[i].body != BODY_NONE));
    }
    json_decref(document);
}
END_TEST

static Suite *
route_suite(void)
{
    Suite *suite = suite_create("route");
    TCase *tests = tcase_create("route");
    tcase_add_loop_test(tests, every_address_leads_to_its_row_and_no_other, 0, COUNT_OF(look_ups));
    tcase_add_loop_test(
        tests, a_row_that_would_fail_at_run_time_stops_the_daemon_at_start, 0, COUNT_OF(bad_rows));
    tcase_add_test(tests, two_rows_for_one_address_stop_the_daemon_at_start);
    tcase_add_test(tests, a_failure_inside_never_shows_its_reason);
    tcase_add_test(tests, a_problem_carries_the_faults_and_the_request_id);
    tcase_add_test(tests, a_client_is_told_when_to_come_back);
    tcase_add_test(tests, every_route_stands_in_the_document);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(route_suite)
