/*
 * test_body.c: JSON bodies against their table of fields, and queries.
 */
#include "http/body.h"

#include "../check_main.h"
#include "http/target.h"
#include "request_maker.h"

#include <stdio.h>

static const char *const kinds[] = {"paper", "link", "phone", NULL};
static const struct field person[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .min = 1, .max = 10},
    {.name = NULL},
};
static const struct field fields[] = {
    {.name = "workplace",
        .type = FIELD_STRING,
        .flags = FIELD_REQUIRED,
        .min = 2,
        .max = 5,
        .meaning = "The code of the workplace, such as W0001"},
    {.name = "count", .type = FIELD_INTEGER, .min = 1, .max = 10},
    {.name = "any", .type = FIELD_INTEGER},
    {.name = "share", .type = FIELD_NUMBER, .max = 1},
    {.name = "how", .type = FIELD_STRING, .flags = FIELD_NULLABLE, .choices = kinds},
    {.name = "sure", .type = FIELD_BOOLEAN},
    {.name = "id", .type = FIELD_UUID},
    {.name = "at", .type = FIELD_TIME},
    {.name = "day", .type = FIELD_DATE},
    {.name = "trial", .type = FIELD_IDENTIFIER},
    {.name = "note", .type = FIELD_STRING, .max = 500},
    {.name = "tags", .type = FIELD_ARRAY, .max = 2},
    {.name = "people", .type = FIELD_ARRAY, .children = person},
    {.name = "answers", .type = FIELD_MAP_BOOLEAN, .min = 1},
    {.name = "attributes", .type = FIELD_MAP_TEXT, .max = 2},
    {.name = "free", .type = FIELD_OBJECT},
    {.name = NULL},
};

/* Reads the body; on success gives the JSON, else NULL. */
static json_t *
read_body(struct made *made, const char *body)
{
    json_t *json;
    put_body(made, body);
    return body_json(&made->request, fields, &json, &made->faults, &made->error) ? json : NULL;
}

struct sample {
    const char *body;
    const char *pointer; /* of the one fault that is expected */
};

static const struct sample wrong[] = {
    {"{}", "/workplace"},
    {"{\"workplace\":\"W\"}", "/workplace"},
    {"{\"workplace\":\"W00001\"}", "/workplace"},
    {"{\"workplace\":null}", "/workplace"},
    {"{\"workplace\":12}", "/workplace"},
    {"{\"workplace\":\"W\\n1\"}", "/workplace"},
    {"{\"workplace\":\"W\\u00851\"}", "/workplace"},
    {"{\"workplace\":\"W1\",\"count\":0}", "/count"},
    {"{\"workplace\":\"W1\",\"count\":11}", "/count"},
    {"{\"workplace\":\"W1\",\"count\":1.5}", "/count"},
    {"{\"workplace\":\"W1\",\"count\":\"1\"}", "/count"},
    {"{\"workplace\":\"W1\",\"any\":9223372036854775807}", "/any"},
    {"{\"workplace\":\"W1\",\"any\":1e300}", "/any"},
    {"{\"workplace\":\"W1\",\"share\":1.01}", "/share"},
    {"{\"workplace\":\"W1\",\"share\":-0.01}", "/share"},
    {"{\"workplace\":\"W1\",\"how\":\"fax\"}", "/how"},
    {"{\"workplace\":\"W1\",\"sure\":1}", "/sure"},
    {"{\"workplace\":\"W1\",\"id\":\"019386f2\"}", "/id"},
    {"{\"workplace\":\"W1\",\"at\":\"2026-11-22T08:30:00\"}", "/at"},
    {"{\"workplace\":\"W1\",\"at\":\"2026-11-22 08:30:00Z\"}", "/at"},
    {"{\"workplace\":\"W1\",\"at\":\"2026-02-30T08:30:00Z\"}", "/at"},
    {"{\"workplace\":\"W1\",\"day\":\"2026-02-29\"}", "/day"},
    {"{\"workplace\":\"W1\",\"trial\":\"Work\"}", "/trial"},
    {"{\"workplace\":\"W1\",\"note\":\"a\\u0007b\"}", "/note"},
    {"{\"workplace\":\"W1\",\"tags\":[\"a\",\"b\",\"c\"]}", "/tags"},
    {"{\"workplace\":\"W1\",\"tags\":[\"a\",3]}", "/tags/1"},
    {"{\"workplace\":\"W1\",\"people\":[{\"name\":\"A\"},{}]}", "/people/1/name"},
    {"{\"workplace\":\"W1\",\"people\":[{\"name\":\"A\",\"a/b~c\":1}]}", "/people/0/a~1b~0c"},
    {"{\"workplace\":\"W1\",\"answers\":{}}", "/answers"},
    {"{\"workplace\":\"W1\",\"answers\":{\"E1\":\"yes\"}}", "/answers/E1"},
    {"{\"workplace\":\"W1\",\"answers\":[true]}", "/answers"},
    {"{\"workplace\":\"W1\",\"attributes\":{\"a/b\":1}}", "/attributes/a~1b"},
    {"{\"workplace\":\"W1\",\"attributes\":{\"sex\":\"a\\u0001\"}}", "/attributes/sex"},
    {"{\"workplace\":\"W1\",\"attributes\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}}", "/attributes"},
    {"{\"workplace\":\"W1\",\"attributes\":[\"a\"]}", "/attributes"},
    {"{\"workplace\":\"W1\",\"free\":3}", "/free"},
    {"{\"workplace\":\"W1\",\"unknown\":3}", "/unknown"},
    {"[]", ""},
    {"\"text\"", ""},
    {"null", ""},
};

START_TEST(a_wrong_value_is_refused_and_named_by_its_pointer)
{
    const struct sample *sample = &wrong[_i];
    struct made made;
    make_request(&made, NULL);
    ck_assert_msg(read_body(&made, sample->body) == NULL, "taken: %s", sample->body);
    ck_assert_int_eq(made.error.code, ERROR_FIELDS);
    ck_assert_msg(made.faults.count == 1, "%zu faults for %s", made.faults.count, sample->body);
    ck_assert_str_eq(made.faults.items[0].pointer, sample->pointer);
    drop_request(&made);
}
END_TEST

static const char *const right[] = {
    "{\"workplace\":\"W1\"}",
    "{\"workplace\":\"\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa9\xc3\xbc\"}",
    "{\"workplace\":\"W1\",\"count\":10,\"any\":-9007199254740991,\"share\":0.5,\"how\":null}",
    "{\"workplace\":\"W1\",\"how\":\"phone\",\"sure\":false}",
    "{\"workplace\":\"W1\",\"id\":\"019386F2-5a0e-7cc3-9f42-0d6a3c1b7e55\"}",
    "{\"workplace\":\"W1\",\"at\":\"2026-11-22T08:30:00.123+01:00\",\"day\":\"2028-02-29\"}",
    "{\"workplace\":\"W1\",\"trial\":\"work-together\",\"note\":\"two\\r\\n\\tlines\"}",
    "{\"workplace\":\"W1\",\"attributes\":{\"sex\":\"woman\",\"note\":\"\"}}",
    "{\"workplace\":\"W1\",\"tags\":[],\"people\":[{\"name\":\"A\"}],\"answers\":{\"E1\":true}}",
    "{\"workplace\":\"W1\",\"free\":{\"a\":[1,{\"b\":2}]}}",
    " \r\n\t{ \"workplace\" : \"W1\" } \n",
};

START_TEST(a_right_value_is_taken)
{
    struct made made;
    make_request(&made, NULL);
    json_t *json = read_body(&made, right[_i]);
    ck_assert_msg(json != NULL, "%s: %s", right[_i], made.error.detail);
    json_decref(json);
    drop_request(&made);
}
END_TEST

static const char *const broken[] = {
    "",
    " ",
    "{",
    "{\"workplace\":\"W1\"",
    "{\"workplace\":\"W1\"}}",
    "{'workplace':1}",
    "{\"workplace\":\"W1\",}",
    "{\"workplace\":\"W1\",\"workplace\":\"W2\"}",
    "{\"people\":[{\"name\":\"a\",\"name\":\"b\"}]}",
    "{\"workplace\":\"\\u0000W1\"}",
    "{\"workplace\":\"\xff\"}",
    "{\"workplace\":\"\xc0\xaf\"}",
    "{\"workplace\":\"\\ud800\"}",
    "{\"workplace\":\"a\nb\"}",
    "{\"any\":99999999999999999999}",
    "{\"share\":1e999}",
    "{\"share\":NaN}",
    "{\"share\":01}",
    "{\"\\u0000\":1}",
    "\xef\xbb\xbf{}",
};

START_TEST(what_is_not_json_is_refused_as_malformed)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert_msg(read_body(&made, broken[_i]) == NULL, "taken: %s", broken[_i]);
    ck_assert_int_eq(made.error.code, ERROR_MALFORMED);
    drop_request(&made);
}
END_TEST

START_TEST(a_mistake_is_found_by_line_and_column)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert_ptr_null(read_body(&made, "{\n  \"\xc3\xa5\": \"\xff\"\n}"));
    ck_assert_ptr_nonnull(strstr(made.error.detail, "line 2, column 9"));
    ck_assert_ptr_null(read_body(&made, "{\n  \"a\": 1,\n  \"a\": 2\n}"));
    ck_assert_ptr_nonnull(strstr(made.error.detail, "line 3"));
    ck_assert_ptr_nonnull(strstr(made.error.detail, "twice"));
    drop_request(&made);
}
END_TEST

START_TEST(a_nul_byte_does_not_end_the_check)
{
    struct made made;
    make_request(&made, NULL);
    json_t *json;
    made.request.body = "{\"workplace\":\"W1\"}\0{";
    made.request.body_size = 20;
    ck_assert(!body_json(&made.request, fields, &json, &made.faults, &made.error));
    ck_assert_int_eq(made.error.code, ERROR_MALFORMED);
    drop_request(&made);
}
END_TEST

START_TEST(deep_nesting_is_refused_before_it_is_parsed)
{
    struct made made;
    make_request(&made, NULL);
    char deep[40001];
    memset(deep, '[', 20000);
    memset(deep + 20000, ']', 20000);
    deep[40000] = '\0';
    ck_assert_ptr_null(read_body(&made, deep));
    ck_assert_int_eq(made.error.code, ERROR_MALFORMED);
    ck_assert_ptr_nonnull(strstr(made.error.detail, "nested"));
    char brackets[] = "{\"workplace\":\"W1\",\"note\":\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}";
    json_t *json = read_body(&made, brackets);
    ck_assert_ptr_nonnull(json);
    json_decref(json);
    drop_request(&made);
}
END_TEST

START_TEST(every_fault_of_a_body_is_listed_at_once)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert_ptr_null(
        read_body(&made, "{\"count\":0,\"how\":\"fax\",\"wrkplace\":\"W1\",\"sure\":\"no\"}"));
    ck_assert_uint_eq(made.faults.count, 5);
    ck_assert_ptr_nonnull(strstr(made.error.detail, "5 things"));
    drop_request(&made);
}
END_TEST

START_TEST(a_mistyped_field_is_answered_with_the_right_name)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert_ptr_null(read_body(&made, "{\"workplace\":\"W1\",\"coutn\":3}"));
    ck_assert_ptr_nonnull(strstr(made.faults.items[0].remedy, "count"));
    drop_request(&made);
}
END_TEST

START_TEST(the_choices_are_told)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert_ptr_null(read_body(&made, "{\"workplace\":\"W1\",\"how\":\"fax\"}"));
    ck_assert_str_eq(made.faults.items[0].remedy, "one of: paper, link, phone");
    drop_request(&made);
}
END_TEST

START_TEST(a_whole_number_with_a_point_becomes_an_integer)
{
    struct made made;
    make_request(&made, NULL);
    json_t *json = read_body(&made, "{\"workplace\":\"W1\",\"count\":3.0}");
    ck_assert(json_is_integer(json_object_get(json, "count")));
    ck_assert_int_eq(json_integer_value(json_object_get(json, "count")), 3);
    json_decref(json);
    drop_request(&made);
}
END_TEST

static const struct field query_fields[] = {
    {.name = "state", .type = FIELD_STRING, .choices = kinds},
    {.name = "least", .type = FIELD_INTEGER, .max = 9},
    {.name = "dry", .type = FIELD_BOOLEAN},
    {.name = NULL},
};

struct query_sample {
    const char *target;
    size_t faults;
};

static const struct query_sample queries[] = {
    {"/a", 0},
    {"/a?", 0},
    {"/a?state=paper&least=3&dry=true", 0},
    {"/a?state=fax", 1},
    {"/a?least=3x", 1},
    {"/a?least=10", 1},
    {"/a?dry=yes", 1},
    {"/a?dry", 1},
    {"/a?stat=paper", 1},
    {"/a?dry=true&dry=false", 1},
    {"/a?limit=5", 1},
};

START_TEST(a_query_is_held_to_its_table)
{
    struct made made;
    make_request(&made, NULL);
    ck_assert(target_parse(&made.request, queries[_i].target, &made.error));
    bool taken = body_query(&made.request, query_fields, &made.faults, &made.error);
    ck_assert_uint_eq(made.faults.count, queries[_i].faults);
    ck_assert(taken == (queries[_i].faults == 0));
    drop_request(&made);
}
END_TEST

START_TEST(a_list_takes_its_paging_besides_its_filters)
{
    static const struct route list = {.list = LIST_BY_TEXT};
    struct made made;
    make_request(&made, &list);
    ck_assert(target_parse(&made.request, "/a?limit=5&after=MQ&state=link", &made.error));
    ck_assert(body_query(&made.request, query_fields, &made.faults, &made.error));
    drop_request(&made);
}
END_TEST

START_TEST(the_schema_says_what_the_validator_does)
{
    json_t *schema = body_schema(fields, false);
    ck_assert(json_is_false(json_object_get(schema, "additionalProperties")));
    ck_assert_uint_eq(json_array_size(json_object_get(schema, "required")), 1);
    json_t *properties = json_object_get(schema, "properties");
    json_t *how = json_object_get(properties, "how");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(how, "type"), 1)), "null");
    ck_assert_uint_eq(json_array_size(json_object_get(how, "enum")), 4);
    json_t *count = json_object_get(properties, "count");
    ck_assert_int_eq(json_integer_value(json_object_get(count, "maximum")), 10);
    json_t *workplace = json_object_get(properties, "workplace");
    ck_assert_int_eq(json_integer_value(json_object_get(workplace, "minLength")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(workplace, "maxLength")), 5);
    json_decref(schema);
    json_t *answer = body_schema(fields, true);
    ck_assert_uint_eq(json_array_size(json_object_get(answer, "required")), COUNT_OF(fields) - 1);
    ck_assert_ptr_null(json_object_get(answer, "additionalProperties"));
    json_decref(answer);
}
END_TEST

static Suite *
body_suite(void)
{
    Suite *suite = suite_create("body");
    TCase *tests = tcase_create("body");
    tcase_add_loop_test(
        tests, a_wrong_value_is_refused_and_named_by_its_pointer, 0, COUNT_OF(wrong));
    tcase_add_loop_test(tests, a_right_value_is_taken, 0, COUNT_OF(right));
    tcase_add_loop_test(tests, what_is_not_json_is_refused_as_malformed, 0, COUNT_OF(broken));
    tcase_add_test(tests, a_mistake_is_found_by_line_and_column);
    tcase_add_test(tests, a_nul_byte_does_not_end_the_check);
    tcase_add_test(tests, deep_nesting_is_refused_before_it_is_parsed);
    tcase_add_test(tests, every_fault_of_a_body_is_listed_at_once);
    tcase_add_test(tests, a_mistyped_field_is_answered_with_the_right_name);
    tcase_add_test(tests, the_choices_are_told);
    tcase_add_test(tests, a_whole_number_with_a_point_becomes_an_integer);
    tcase_add_loop_test(tests, a_query_is_held_to_its_table, 0, COUNT_OF(queries));
    tcase_add_test(tests, a_list_takes_its_paging_besides_its_filters);
    tcase_add_test(tests, the_schema_says_what_the_validator_does);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(body_suite)
