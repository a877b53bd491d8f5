/*
 * test_value.c: what is written to the database is what is read back from it, for every type, and a
 * NULL never passes for a value.
 */
#include "db/value.h"

#include "base/arena.h"
#include "db/statement.h"
#include "tests/unit/check_main.h"

#include <stddef.h>
#include <string.h>

struct plain {
    struct uuid uuid;
    const char *text;
    int32_t int4;
    int64_t int8;
    bool boolean;
    int64_t time;
    const char *date;
    const char *jsonb;
    double float8;
    struct bytes bytea;
};

struct optional {
    struct opt_uuid uuid;
    const char *text;
    struct opt_int64 int4;
    struct opt_int64 int8;
    struct opt_bool boolean;
    struct opt_int64 time;
    const char *date;
    const char *jsonb;
    struct opt_double float8;
    struct bytes bytea;
};

#define FIELDS(STRUCT, NULLABLE)                                                                   \
    {                                                                                              \
        {"uuid", SQL_TYPE_UUID, NULLABLE, offsetof(STRUCT, uuid)},                                 \
            {"text", SQL_TYPE_TEXT, NULLABLE, offsetof(STRUCT, text)},                             \
            {"int4", SQL_TYPE_INT4, NULLABLE, offsetof(STRUCT, int4)},                             \
            {"int8", SQL_TYPE_INT8, NULLABLE, offsetof(STRUCT, int8)},                             \
            {"boolean", SQL_TYPE_BOOL, NULLABLE, offsetof(STRUCT, boolean)},                       \
            {"time", SQL_TYPE_TIMESTAMPTZ, NULLABLE, offsetof(STRUCT, time)},                      \
            {"date", SQL_TYPE_DATE, NULLABLE, offsetof(STRUCT, date)},                             \
            {"jsonb", SQL_TYPE_JSONB, NULLABLE, offsetof(STRUCT, jsonb)},                          \
            {"float8", SQL_TYPE_FLOAT8, NULLABLE, offsetof(STRUCT, float8)},                       \
            {"bytea", SQL_TYPE_BYTEA, NULLABLE, offsetof(STRUCT, bytea)},                          \
    }

static const struct sql_field plain_fields[] = FIELDS(struct plain, false);
static const struct sql_field optional_fields[] = FIELDS(struct optional, true);

/* As PostgreSQL writes them. */
static const char *const from_server[] = {"01890a5d-ac96-774b-bcce-b302099a8057", "Åsa O'Hara",
    "-2147483648", "9223372036854775807", "t", "2026-11-22 08:30:00.000001+00", "2024-02-29",
    "{\"a\": [1, null]}", "0.1", "\\x00ff5c27"};

/* As we write them, where that differs. */
static const char *const to_server[] = {[4] = "t",
    [5] = "2026-11-22T08:30:00.000001Z",
    [8] = "0.10000000000000001",
    [9] = "\\x00ff5c27"};

static struct arena *arena;

static void
open_case(void)
{
    arena = arena_new();
}

static void
close_case(void)
{
    arena_free(arena);
}

static void
expect_round_trip(const struct sql_field *fields, void *row)
{
    for (size_t i = 0; i < COUNT_OF(from_server); i++) {
        const char *text;
        const char *expected = i < COUNT_OF(to_server) ? to_server[i] : NULL;
        ck_assert_msg(value_decode(arena, &fields[i], from_server[i], row), "%s", fields[i].name);
        ck_assert_msg(value_encode(arena, &fields[i], row, &text), "%s", fields[i].name);
        ck_assert_str_eq(text, expected == NULL ? from_server[i] : expected);
    }
}

START_TEST(test_every_type_survives_the_way_there_and_back)
{
    struct plain plain;
    struct optional optional;
    memset(&plain, 0, sizeof plain);
    memset(&optional, 0, sizeof optional);
    expect_round_trip(plain_fields, &plain);
    expect_round_trip(optional_fields, &optional);
    ck_assert_int_eq(plain.int4, INT32_MIN);
    ck_assert_int_eq(plain.time % 1000000, 1);
    ck_assert_uint_eq(plain.bytea.size, 4);
    ck_assert(optional.boolean.set && optional.boolean.value);
    ck_assert(optional.int4.set && optional.int4.value == INT32_MIN);
}
END_TEST

START_TEST(test_null_is_kept_apart_from_zero_and_from_empty)
{
    struct optional optional;
    memset(&optional, 0, sizeof optional);
    for (size_t i = 0; i < COUNT_OF(optional_fields); i++) {
        const char *text = "x";
        ck_assert(value_decode(arena, &optional_fields[i], NULL, &optional));
        ck_assert(value_encode(arena, &optional_fields[i], &optional, &text));
        ck_assert_ptr_null(text);
    }
    ck_assert(!optional.int8.set);
    ck_assert(value_decode(arena, &optional_fields[1], "", &optional));
    ck_assert_str_eq(optional.text, "");
    ck_assert(value_decode(arena, &optional_fields[9], "\\x", &optional));
    ck_assert_ptr_nonnull(optional.bytea.data);
    ck_assert_uint_eq(optional.bytea.size, 0);
}
END_TEST

START_TEST(test_an_undeclared_null_is_refused)
{
    struct plain plain;
    memset(&plain, 0, sizeof plain);
    for (size_t i = 0; i < COUNT_OF(plain_fields); i++)
        ck_assert(!value_decode(arena, &plain_fields[i], NULL, &plain));
    const char *text;
    ck_assert(!value_encode(arena, &plain_fields[1], &plain, &text));
    ck_assert(!value_encode(arena, &plain_fields[9], &plain, &text));
}
END_TEST

START_TEST(test_what_is_no_value_of_the_type_is_refused)
{
    static const char *const wrong[] = {"01890a5d", NULL, "2147483648", "1e3", "true", "infinity",
        "2023-02-29", NULL, "0.1x", "00ff"};
    struct plain plain;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (wrong[i] != NULL)
            ck_assert_msg(!value_decode(arena, &plain_fields[i], wrong[i], &plain), "%s", wrong[i]);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("value");
    TCase *all = tcase_create("value");
    tcase_add_checked_fixture(all, open_case, close_case);
    tcase_add_test(all, test_every_type_survives_the_way_there_and_back);
    tcase_add_test(all, test_null_is_kept_apart_from_zero_and_from_empty);
    tcase_add_test(all, test_an_undeclared_null_is_refused);
    tcase_add_test(all, test_what_is_no_value_of_the_type_is_refused);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
