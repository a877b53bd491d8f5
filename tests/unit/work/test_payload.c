/*
 * test_payload.c: the body of a reminder's webhook holds what a messenger needs, and nothing that
 * names a person, an arm or a state of health.
 */
#include "work/payload.h"

#include "tests/unit/check_main.h"

#include <jansson.h>
#include <string.h>

static const struct sql_reminder_check_row row = {
    .reminder_id = {{0x01, 0x93, 0x8c, 0x5e, 0x7a, 0x10, 0x7c, 0xc3, 0x98, 0xc4, 0xdc, 0x0c, 0x0c,
        0x07, 0x39, 0x8f}},
    .channel = "email",
    .template = "invitation",
    .language = "sv",
    .due_at = INT64_C(1798531200000000),
    .code = "W0001",
    .unit_kind = "workplace",
    .unit_state = "allocated",
    .kind = "questionnaire",
    .task_state = "planned",
    .opens_at = INT64_C(1798498800000000),
    .closes_at = INT64_C(1800918000000000),
    .agreements = "{\"employer\":{}}",
    .url = "https://example.org/hook?token=abc",
};

static void
only(const json_t *object, const char *const *allowed)
{
    const char *key;
    json_t *value;
    size_t count = 0;
    while (allowed[count] != NULL)
        count++;
    ck_assert_uint_eq(json_object_size(object), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(json_object_get(object, allowed[i]) != NULL, "%s is missing", allowed[i]);
    void *at = json_object_iter((json_t *)(uintptr_t)object);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        key = json_object_iter_key(at);
        value = json_object_iter_value(at);
        ck_assert_msg(json_is_string(value) || json_is_object(value), "%s", key);
    }
}

START_TEST(test_a_messenger_learns_no_more_than_it_needs)
{
    struct arena *arena = arena_new();
    json_t *json = json_loads(
        payload_of_reminder(arena, "work-together", &row, NULL), JSON_REJECT_DUPLICATES, NULL);
    const json_t *data = json_object_get(json, "data");
    only(json, (const char *const[]){"type", "timestamp", "data", NULL});
    only(data, (const char *const[]){"trial", "unit", "task", "window", "channel", "language",
                   "template", "reminder", NULL});
    only(json_object_get(data, "window"), (const char *const[]){"opens_at", "closes_at", NULL});
    ck_assert_str_eq(json_string_value(json_object_get(json, "type")), "reminder.due");
    ck_assert_str_eq(
        json_string_value(json_object_get(json, "timestamp")), "2026-12-29T08:00:00.000000Z");
    ck_assert_str_eq(json_string_value(json_object_get(data, "task")), "questionnaire");
    ck_assert_str_eq(json_string_value(json_object_get(data, "reminder")),
        "01938c5e-7a10-7cc3-98c4-dc0c0c07398f");
    json_decref(json);
    arena_free(arena);
}
END_TEST

START_TEST(test_a_repeated_message_has_the_same_id_and_the_same_bytes)
{
    struct arena *arena = arena_new();
    char id[PAYLOAD_ID_SIZE];
    const char *first = payload_of_reminder(arena, "work-together", &row, NULL);
    struct sql_reminder_check_row later = row;
    later.attempt = 7;
    later.failures = 6;
    ck_assert_str_eq(first, payload_of_reminder(arena, "work-together", &later, NULL));
    ck_assert_str_eq(payload_id(row.reminder_id, id), "msg_01938c5e-7a10-7cc3-98c4-dc0c0c07398f");
    arena_free(arena);
}
END_TEST

static Suite *
suite(void)
{
    Suite *made = suite_create("payload");
    TCase *tests = tcase_create("reminder");
    tcase_add_test(tests, test_a_messenger_learns_no_more_than_it_needs);
    tcase_add_test(tests, test_a_repeated_message_has_the_same_id_and_the_same_bytes);
    suite_add_tcase(made, tests);
    return made;
}

TEST_MAIN(suite)
