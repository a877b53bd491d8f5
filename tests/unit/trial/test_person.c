/*
 * test_person.c: who somebody is comes in one form, whatever it was typed like; what is wrong is
 * refused without being repeated; and each purpose reads what it needs and no more.
 */
#include "trial/person.h"

#include "../check_main.h"
#include "base/text.h"

#include <string.h>

static const char *contact[] = {"name", "phone", "email", "address"};
static struct protocol_identifier number = {
    .name = "identity", .type = IDENTIFIER_SE_PERSONNUMMER, .of_person = true};
static const struct protocol_subject people = {
    .identifiers = &number, .identifier_count = 1, .contact = contact, .contact_count = 4};

static const struct {
    enum person_field field;
    const char *typed;
    const char *normal; /* NULL: refused */
} values[] = {
    {PERSON_NUMBER, "850101-2382", "198501012382"},
    {PERSON_NUMBER, " 19850101-2382 ", "198501012382"},
    {PERSON_NUMBER, "850101-2383", NULL},
    {PERSON_NAME, "  Anna Vävare ", "Anna Vävare"},
    {PERSON_NAME, "Anna\nVävare", NULL},
    {PERSON_NAME, "Anna\x7f", NULL},
    {PERSON_NAME, "\xff\xfe", NULL},
    {PERSON_NAME, "   ", NULL},
    {PERSON_PHONE, "+46 70-174 06 05", "+46701740605"},
    {PERSON_PHONE, "(070) 174/06.05", "0701740605"},
    {PERSON_PHONE, "12345", NULL},
    {PERSON_PHONE, "1234567890123456", NULL},
    {PERSON_PHONE, "070+1740605", NULL},
    {PERSON_PHONE, "call me", NULL},
    {PERSON_EMAIL, "anna@example.se", "anna@example.se"},
    {PERSON_EMAIL, "anna", NULL},
    {PERSON_EMAIL, "@example.se", NULL},
    {PERSON_EMAIL, "anna@example", NULL},
    {PERSON_EMAIL, "anna@example.", NULL},
    {PERSON_EMAIL, "anna@@example.se", NULL},
    {PERSON_EMAIL, "anna, bo@example.se", NULL},
    {PERSON_ADDRESS, "Gatan 1\n702 10 Örebro", "Gatan 1\n702 10 Örebro"},
    {PERSON_ADDRESS, "Gatan 1\t", "Gatan 1"},
    {PERSON_ADDRESS, "Gatan\x01 1", NULL},
};

START_TEST(a_value_is_kept_in_one_form_or_refused_without_being_repeated)
{
    struct arena *arena = arena_new();
    const char *normal = NULL;
    bool right = person_check(arena, &people, values[_i].field, values[_i].typed, 2026, &normal);
    ck_assert_ptr_nonnull(normal);
    ck_assert_msg(right == (values[_i].normal != NULL), "%s: %s", values[_i].typed, normal);
    if (right)
        ck_assert_str_eq(normal, values[_i].normal);
    else if (strlen(values[_i].typed) > 3)
        ck_assert_ptr_null(strstr(normal, values[_i].typed));
    arena_free(arena);
}
END_TEST

START_TEST(a_value_of_any_length_is_bounded)
{
    struct arena *arena = arena_new();
    char *text = arena_alloc(arena, 10001);
    const char *normal;
    memset(text, '1', 10000);
    for (int field = 0; field < PERSON_FIELD_COUNT; field++)
        ck_assert(!person_check(arena, &people, (enum person_field)field, text, 2026, &normal));
    arena_free(arena);
}
END_TEST

START_TEST(a_field_that_the_protocol_does_not_name_is_not_taken)
{
    struct protocol_subject few = people;
    few.contact_count = 1;
    few.identifier_count = 0;
    ck_assert(person_field_taken(&few, PERSON_NAME));
    ck_assert(!person_field_taken(&few, PERSON_PHONE));
    ck_assert(!person_field_taken(&few, PERSON_NUMBER));
    ck_assert(person_field_taken(&people, PERSON_NUMBER));
}
END_TEST

START_TEST(a_purpose_reads_what_it_needs_and_asks_for_its_consent)
{
    ck_assert_uint_eq(purpose_fields(PURPOSE_LINKAGE), PERSON_BIT(NUMBER));
    ck_assert_uint_eq(purpose_fields(PURPOSE_CONTACT) & PERSON_BIT(NUMBER), 0);
    ck_assert_uint_eq(purpose_fields(PURPOSE_VERIFICATION), PERSON_BIT(NUMBER) | PERSON_BIT(NAME));
    ck_assert_uint_eq(purpose_fields(PURPOSE_SAFETY), PERSON_EVERY);
    ck_assert_str_eq(purpose_action(PURPOSE_CONTACT), "contact");
    ck_assert_str_eq(purpose_action(PURPOSE_LINKAGE), "linkage");
    ck_assert_int_eq(purpose_by_name("curiosity"), PURPOSE_COUNT);
    ck_assert_int_eq(purpose_by_name(NULL), PURPOSE_COUNT);
    for (int purpose = 0; purpose < PURPOSE_COUNT; purpose++)
        ck_assert_int_eq(purpose_by_name(purpose_name((enum purpose)purpose)), purpose);
}
END_TEST

static Suite *
suite(void)
{
    Suite *made = suite_create("person");
    TCase *tests = tcase_create("person");
    tcase_add_loop_test(tests, a_value_is_kept_in_one_form_or_refused_without_being_repeated, 0,
        (int)COUNT_OF(values));
    tcase_add_test(tests, a_value_of_any_length_is_bounded);
    tcase_add_test(tests, a_field_that_the_protocol_does_not_name_is_not_taken);
    tcase_add_test(tests, a_purpose_reads_what_it_needs_and_asks_for_its_consent);
    suite_add_tcase(made, tests);
    return made;
}

TEST_MAIN(suite)
