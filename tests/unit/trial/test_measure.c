/*
 * test_measure.c: what an instrument takes, what it refuses by name, and which data would tell the
 * arm of whose it is.
 */
#include "trial/measure.h"

#include "base/text.h"
#include "tests/unit/check_main.h"

#include <string.h>

static struct arena *arena;
static struct faults faults;
static struct protocol *protocol;

static const char document[] =
    "trial: measured\n"
    "title: {en: Measured}\n"
    "registration: none\n"
    "time_zone: Europe/Stockholm\n"
    "languages: [en]\n"
    "participant: {attributes: {sex: {levels: [woman, man]}}}\n"
    "arms: {a: {label: {en: A}}, b: {label: {en: B}}}\n"
    "phases: {main: {scheme: {unit: participant, method: simple, ratio: {a: 1, b: 1}}}}\n"
    "instruments:\n"
    "  mood: {items: 12, range: [-1, 7], scores: {sum: all}, missing: none}\n"
    "  leave: {fields: {days: {type: integer, min: 0, max: 28}, degree: {levels: [50, 100]}, "
    "length: {from: days, bands: {short: [0, 7], long: [8, 28]}}}}\n"
    "  course: {items: 2, range: [0, 1], scores: {sum: all}, missing: none}\n"
    "  unused: {items: 2, range: [0, 1], scores: {sum: all}, missing: none}\n"
    "tasks:\n"
    "  form: {kind: questionnaire, anchor: allocation, at: 5d, window: [0d, 5d], instruments: "
    "[mood]}\n"
    "  more: {kind: questionnaire, arms: [a], anchor: allocation, at: 5d, window: [0d, 5d], "
    "instruments: [mood, course]}\n";

static void
set_up(void)
{
    arena = arena_new();
    faults_init(&faults, arena);
    protocol = protocol_parse(arena, document, strlen(document), &faults);
    ck_assert_msg(protocol != NULL, "%s",
        faults.count > 0 ? fault_line(arena, "document", &faults.items[0]) : "");
}

static void
tear_down(void)
{
    arena_free(arena);
}

/* One value of an instrument: its normal form, or NULL where it is refused, at that name. */
static const char *
normal_of(const char *instrument, const char *name, const char *value)
{
    const struct protocol_value item = {name, value};
    struct protocol_values normal;
    faults_init(&faults, arena);
    bool good = measure_check(arena, measure_instrument(protocol, instrument),
        &(struct protocol_values){&item, 1}, &faults, &normal);
    ck_assert_int_eq(good, faults.total == 0);
    if (good) {
        ck_assert_uint_eq(normal.count, 1);
        ck_assert_str_eq(normal.items[0].name, name);
        return normal.items[0].value;
    }
    ck_assert_str_eq(faults.items[0].pointer, arena_printf(arena, "/values/%s", name));
    return NULL;
}

START_TEST(test_an_item_is_a_whole_number_of_the_range)
{
    ck_assert_str_eq(normal_of("mood", "1", "-1"), "-1");
    ck_assert_str_eq(normal_of("mood", "12", "7"), "7");
    ck_assert_ptr_null(normal_of("mood", "1", "-2"));
    ck_assert_ptr_null(normal_of("mood", "1", "8"));
    ck_assert_str_eq(faults.items[0].message, "8 is no answer to item 1 of mood");
    ck_assert_ptr_null(normal_of("mood", "1", "198501019999"));
    ck_assert_str_eq(faults.items[0].message, "is no answer to item 1 of mood");
    ck_assert_ptr_null(normal_of("mood", "1", "3.5"));
    ck_assert_ptr_null(normal_of("mood", "1", ""));
    ck_assert_ptr_null(normal_of("mood", "1", "99999999999999999999"));
    ck_assert_str_eq(faults.items[0].remedy, "a whole number from -1 to 7");
}
END_TEST

START_TEST(test_an_item_that_there_is_not_is_named)
{
    static const char *const names[] = {"0", "13", "01", "-1", "1 ", "one", "18446744073709551617"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        ck_assert_ptr_null(normal_of("mood", names[i], "3"));
    ck_assert_str_eq(faults.items[0].remedy, "its items are 1 to 12");
}
END_TEST

START_TEST(test_a_field_is_checked_as_the_protocol_has_it)
{
    ck_assert_str_eq(normal_of("leave", "days", "007"), "7");
    ck_assert_ptr_null(normal_of("leave", "days", "29"));
    ck_assert_ptr_null(normal_of("leave", "degree", "75"));
    ck_assert_ptr_null(normal_of("leave", "dais", "3"));
    ck_assert_str_eq(faults.items[0].remedy, "did you mean `days`?");
    ck_assert_ptr_null(normal_of("leave", "1", "3"));
    ck_assert_ptr_null(normal_of("leave", "length", "short"));
}
END_TEST

START_TEST(test_every_fault_is_told_at_once_and_what_was_skipped_is_none)
{
    static const struct protocol_value items[] = {{"3", "9"}, {"13", "1"}, {"1", "x"}, {"2", "5"}};
    struct protocol_values normal;
    faults_init(&faults, arena);
    ck_assert(!measure_check(arena, measure_instrument(protocol, "mood"),
        &(struct protocol_values){items, 4}, &faults, &normal));
    ck_assert_uint_eq(faults.total, 3);
    faults_init(&faults, arena);
    ck_assert(measure_check(arena, measure_instrument(protocol, "mood"),
        &(struct protocol_values){&items[3], 1}, &faults, &normal));
}
END_TEST

START_TEST(test_only_data_that_some_arms_alone_have_tells_the_arm)
{
    ck_assert(!measure_tells_arm(protocol, measure_instrument(protocol, "mood")));
    ck_assert(measure_tells_arm(protocol, measure_instrument(protocol, "course")));
    ck_assert(!measure_tells_arm(protocol, measure_instrument(protocol, "unused")));
    ck_assert_ptr_null(measure_instrument(protocol, "none"));
    ck_assert(
        !measure_is_of_task(protocol, &protocol->tasks[0], measure_instrument(protocol, "course")));
    ck_assert(!measure_is_of_task(protocol, NULL, measure_instrument(protocol, "mood")));
}
END_TEST

static Suite *
suite(void)
{
    Suite *all = suite_create("measure");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, test_an_item_is_a_whole_number_of_the_range);
    tcase_add_test(tcase, test_an_item_that_there_is_not_is_named);
    tcase_add_test(tcase, test_a_field_is_checked_as_the_protocol_has_it);
    tcase_add_test(tcase, test_every_fault_is_told_at_once_and_what_was_skipped_is_none);
    tcase_add_test(tcase, test_only_data_that_some_arms_alone_have_tells_the_arm);
    suite_add_tcase(all, tcase);
    return all;
}

TEST_MAIN(suite)
