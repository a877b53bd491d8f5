/*
 * test_protocol_value.c: a coordinator's values are checked and stored in one form, give the
 * stratum that the unit is drawn in, and say in plain words what is missing for eligibility.
 */
#include "../check_main.h"
#include "protocol_case.h"

static const struct {
    const char *attribute;
    const char *given;
    bool right;
    const char *normal; /* the value to store, or what is wrong */
} cells[] = {
    {"sector", "public", true, "public"},
    {"sector", "  private ", true, "private"},
    {"sector", "Public", false, "it is not known; one of public, private"},
    {"sector", "", false, "it is empty"},
    {"sector", " \t", false, "it is empty"},
    {"employees", "25", true, "25"},
    {"employees", "007", true, "7"},
    {"employees", "0", false, "it is too small; at least 1"},
    {"employees", "100001", false, "it is too large; at most 100000"},
    {"employees", "25.0", false, "it is no whole number; write digits only"},
    {"employees", "25 st", false, "it is no whole number; write digits only"},
    {"employees", "99999999999999999999", false, "it is no whole number; write digits only"},
    {"industry", "Q", true, "Q"},
    {"industry", "Q\n", true, "Q"},
    {"industry", "QQ", false, "it does not have the form that is wanted (^[A-U]$)"},
    {"size", "10-49", false, "it is worked out by rctd; leave it out"},
};

START_TEST(a_cell_is_stored_in_one_form_or_refused)
{
    const struct protocol *protocol = work_together();
    const struct protocol_attribute *attribute =
        protocol_attribute_by_name(&protocol->subjects[PROTOCOL_WORKPLACE], cells[_i].attribute);
    const char *normal;
    bool right = protocol_attribute_check(arena, attribute, cells[_i].given, &normal);
    ck_assert_msg(right == cells[_i].right, "%s: %s", cells[_i].given, normal);
    ck_assert_str_eq(normal, cells[_i].normal);
}
END_TEST

START_TEST(yes_and_no_are_stored_as_true_and_false)
{
    const struct protocol *protocol = work_together();
    const struct protocol_attribute *shift =
        protocol_attribute_by_name(&protocol->subjects[PROTOCOL_PARTICIPANT], "shift_work");
    static const char *const said[][2] = {{"yes", "true"}, {"no", "false"}, {"true", "true"},
        {"false", "false"}, {"1", "true"}, {"0", "false"}};
    const char *normal;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        ck_assert(protocol_attribute_check(arena, shift, said[i][0], &normal));
        ck_assert_str_eq(normal, said[i][1]);
    }
    ck_assert(!protocol_attribute_check(arena, shift, "maybe", &normal));
    ck_assert_str_eq(normal, "it is neither yes nor no; write yes or no");
}
END_TEST

START_TEST(a_value_that_is_too_long_is_refused)
{
    const struct protocol *protocol =
        amended("industry: {pattern: \"^[A-U]$\"", "industry: {pattern: \"x\"");
    const struct protocol_attribute *industry =
        protocol_attribute_by_name(&protocol->subjects[PROTOCOL_WORKPLACE], "industry");
    char text[300];
    const char *normal;
    memset(text, 'x', sizeof text);
    text[200] = '\0';
    ck_assert(protocol_attribute_check(arena, industry, text, &normal));
    text[200] = 'x';
    text[201] = '\0';
    ck_assert(!protocol_attribute_check(arena, industry, text, &normal));
    ck_assert_str_eq(normal, "it is too long; at most 200 characters");
    ck_assert(!protocol_attribute_check(arena, industry, "x\xff", &normal));
}
END_TEST

START_TEST(identifiers_follow_their_type)
{
    const struct protocol *protocol = amended("establishment: {type: se-cfar}",
        "establishment: {type: se-cfar}\n    license: {type: pattern, pattern: \"^[0-9]{4}$\", "
        "checksum: luhn}");
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    const struct protocol_identifier *number =
        protocol_identifier_by_name(workplace, "organisation_number");
    const struct protocol_identifier *license = protocol_identifier_by_name(workplace, "license");
    const char *normal;
    ck_assert(protocol_identifier_check(arena, number, " 16556016-0680", 2026, &normal));
    ck_assert_str_eq(normal, "556016-0680");
    ck_assert(!protocol_identifier_check(arena, number, "556016-0681", 2026, &normal));
    ck_assert_str_eq(
        normal, "a digit of this organisation number is wrong: its check digit does not fit");
    ck_assert(protocol_identifier_check(
        arena, protocol_identifier_by_name(workplace, "establishment"), "00123456", 2026, &normal));
    ck_assert_str_eq(normal, "00123456");
    ck_assert(protocol_identifier_check(arena, license, "0018", 2026, &normal));
    ck_assert(!protocol_identifier_check(arena, license, "0017", 2026, &normal));
    ck_assert(!protocol_identifier_check(arena, license, "18", 2026, &normal));
    ck_assert_ptr_null(protocol_identifier_by_name(workplace, "none"));
    ck_assert(protocol_identifier_check(arena,
        &protocol->subjects[PROTOCOL_PARTICIPANT].identifiers[0], "850101-2382", 2026, &normal));
    ck_assert_str_eq(normal, "198501012382");
}
END_TEST

START_TEST(a_person_has_one_number_however_it_is_typed)
{
    static const struct {
        const char *pattern, *checksum, *typed, *normal;
    } numbers[] = {
        {"^[0-9]{6} ?[0-9]{5}$", "no-fnr", "151086 95088", "15108695088"},
        {"^[0-9]{6} ?[0-9]{5}$", "no-fnr", "15108695088", "15108695088"},
        {"^[0-9]{6} ?[0-9]{5}$", "no-fnr", "15108695089", NULL},
        {"^[0-9]{6}[-+A-Y][0-9]{3}[0-9A-Ya-y]$", "fi-hetu", "131052-308t", "131052-308T"},
        {"^[0-9]{6}[-+A-Y][0-9]{3}[0-9A-Y]$", "fi-hetu", "131052+308T", "131052+308T"},
        {"^[0-9]{6}[-+A-Y][0-9]{3}[0-9A-Y]$", "fi-hetu", "131053-308T", NULL},
        {"^[0-9.]+$", "nl-bsn", "1112.22.333", "111222333"},
        {"^[0-9.]+$", "nl-bsn", "1112.22.334", NULL},
        {"^[0-9]+$", "nl-bsn", "1112.22.333", NULL},
        {"^[0-9./-]+$", NULL, "12/34", "1234"},
        {"^[0-9./-]+$", NULL, "-", NULL},
        {"^[0-9./-]+$", NULL, "../.", NULL},
    };
    const char *normal;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct protocol *protocol = amended("{type: se-personnummer, store: vault}",
            arena_printf(arena, "{type: pattern, pattern: \"%s\"%s%s}", numbers[i].pattern,
                numbers[i].checksum != NULL ? ", checksum: " : "",
                numbers[i].checksum != NULL ? numbers[i].checksum : ""));
        bool right = protocol_identifier_check(arena,
            &protocol->subjects[PROTOCOL_PARTICIPANT].identifiers[0], numbers[i].typed, 2026,
            &normal);
        ck_assert_msg(right == (numbers[i].normal != NULL), "%s", numbers[i].typed);
        if (right)
            ck_assert_str_eq(normal, numbers[i].normal);
        else
            ck_assert_ptr_null(strstr(normal, numbers[i].typed));
    }
}
END_TEST

#define VALUES(...)                                                                                \
    (&(struct protocol_values){(const struct protocol_value[]){__VA_ARGS__},                       \
        sizeof((const struct protocol_value[]){__VA_ARGS__}) / sizeof(struct protocol_value)})

static const char *
stratum(const struct protocol *protocol, const char *scheme, const struct protocol_values *values)
{
    faults_init(&faults, arena);
    return protocol_stratum_key(
        arena, protocol, protocol_scheme_by_name(protocol, scheme), values, &faults);
}

START_TEST(the_stratum_is_written_in_protocol_order)
{
    const struct protocol *protocol = work_together();
    ck_assert_str_eq(stratum(protocol, "rct", VALUES({"employees", "49"}, {"sector", "public"})),
        "sector=public|size=10-49");
    ck_assert_str_eq(stratum(protocol, "rct", VALUES({"sector", "private"}, {"employees", "50"})),
        "sector=private|size=50-249");
    ck_assert_str_eq(stratum(protocol, "feasibility", VALUES({"sector", "private"})), "");
    ck_assert_uint_eq(faults.total, 0);
}
END_TEST

static bool
levels_of(const struct protocol_values *values, size_t levels[2])
{
    const struct protocol *protocol =
        parse_text(file_text("tests/golden/protocol/every-method.yaml"));
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    faults_init(&faults, arena);
    return protocol_balanced_levels(arena, protocol,
        protocol_scheme_by_name(protocol, "main.minimised"), values, levels, &faults);
}

START_TEST(only_a_key_that_a_unit_can_have_is_a_stratum)
{
    static const struct {
        const char *scheme;
        const char *key;
        bool is;
    } keys[] = {
        {"rct", "sector=public|size=10-49", true},
        {"rct", "sector=private|size=50-249", true},
        {"rct", "size=10-49|sector=public", false},
        {"rct", "sector=public", false},
        {"rct", "sector=public|size=10-4", false},
        {"rct", "sector=public|size=10-499", false},
        {"rct", "sector=public|size=10-49|", false},
        {"rct", "sector=public,size=10-49", false},
        {"rct", "sectors=public|size=10-49", false},
        {"rct", "", false},
        {"feasibility", "", true},
        {"feasibility", "sector=public", false},
    };
    const struct protocol *protocol = work_together();
    const struct protocol_scheme *scheme = protocol_scheme_by_name(protocol, keys[_i].scheme);
    ck_assert(protocol_is_stratum(protocol, scheme, keys[_i].key) == keys[_i].is);
}
END_TEST

START_TEST(minimisation_knows_a_unit_by_its_levels)
{
    size_t levels[2];
    ck_assert(levels_of(VALUES({"beds", "50"}, {"sector", "public"}), levels));
    ck_assert_uint_eq(levels[0], 0);
    ck_assert_uint_eq(levels[1], 1);
    ck_assert(levels_of(VALUES({"beds", "49"}, {"sector", "private"}), levels));
    ck_assert_uint_eq(levels[0], 1);
    ck_assert_uint_eq(levels[1], 0);
    ck_assert_uint_eq(faults.total, 0);
}
END_TEST

START_TEST(what_minimisation_lacks_is_asked_for)
{
    size_t levels[2];
    ck_assert(!levels_of(VALUES({"beds", "5001"}), levels));
    ck_assert_str_eq(fault_lines(),
        "sector: sector is not known yet; enter it before allocation\n"
        "beds: beds is 5001, which lies outside of every band of size; the trial takes small, "
        "large\n");
}
END_TEST

START_TEST(what_the_stratum_lacks_is_asked_for)
{
    const struct protocol *protocol = work_together();
    ck_assert_ptr_null(stratum(protocol, "rct", VALUES({"county", "se-t"}, {"sector", ""})));
    ck_assert_str_eq(fault_lines(),
        "sector: sector is not known yet; enter it before allocation\n"
        "employees: employees is not known yet; enter it before allocation\n");
    ck_assert_ptr_null(
        stratum(protocol, "rct", VALUES({"sector", "public"}, {"employees", "250"})));
    ck_assert_str_eq(fault_lines(), "employees: employees is 250, which lies outside of every band "
                                    "of size; the trial takes 10-49, 50-249\n");
    /* A level of an earlier protocol version is not taken for one of this. */
    ck_assert_ptr_null(stratum(protocol, "rct", VALUES({"sector", "state"}, {"employees", "20"})));
    ck_assert_str_eq(faults.items[0].pointer, "sector");
}
END_TEST

START_TEST(a_band_can_be_given_only_through_its_number)
{
    const struct protocol *protocol = work_together();
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    ck_assert_str_eq(
        protocol_value_of(workplace, "size", VALUES({"size", "50-249"}, {"employees", "10"})),
        "10-49");
    ck_assert_ptr_null(protocol_value_of(workplace, "size", VALUES({"size", "50-249"})));
    ck_assert_ptr_null(protocol_value_of(workplace, "size", VALUES({"employees", "many"})));
    ck_assert_str_eq(protocol_value_of(workplace, "county", VALUES({"county", "se-t"})), "se-t");
}
END_TEST

#define ANSWERS(...)                                                                               \
    (&(struct protocol_answers){(const struct protocol_answer[]){__VA_ARGS__},                     \
        sizeof((const struct protocol_answer[]){__VA_ARGS__}) / sizeof(struct protocol_answer)})

static const struct protocol_answers no_answers;
static const struct protocol_values no_values;

START_TEST(a_workplace_that_meets_all_rules_is_eligible)
{
    const struct protocol *protocol = work_together();
    struct protocol_eligibility eligibility = protocol_eligibility(arena,
        &protocol->subjects[PROTOCOL_WORKPLACE], VALUES({"employees", "10"}),
        ANSWERS(
            {"closing", false}, {"own-manager", true}, {"contract", true}, {"recent-hpa", false}));
    ck_assert(eligibility.eligible);
    ck_assert_uint_eq(eligibility.gap_count, 0);
}
END_TEST

START_TEST(every_gap_is_told_in_plain_words)
{
    const struct protocol *protocol = work_together();
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    struct protocol_eligibility nothing =
        protocol_eligibility(arena, workplace, &no_values, &no_answers);
    ck_assert(!nothing.eligible);
    ck_assert_uint_eq(nothing.gap_count, 5);
    ck_assert_str_eq(
        nothing.gaps[0].text, "Own manager with responsibility for staff: not answered yet");
    ck_assert_str_eq(nothing.gaps[2].text, "staff: employees not known yet");
    for (size_t i = 0; i < nothing.gap_count; i++)
        ck_assert(!nothing.gaps[i].failed);
    struct protocol_eligibility wrong = protocol_eligibility(arena, workplace,
        VALUES({"employees", "9"}), ANSWERS({"closing", true}, {"own-manager", false}));
    ck_assert_uint_eq(wrong.gap_count, 5);
    ck_assert_str_eq(wrong.gaps[0].text,
        "Own manager with responsibility for staff: the answer is no, the trial needs yes");
    ck_assert(wrong.gaps[0].failed);
    ck_assert_str_eq(wrong.gaps[2].id, "staff");
    ck_assert_str_eq(wrong.gaps[2].text, "staff: the trial needs employees >= 10");
    ck_assert(wrong.gaps[2].failed);
    ck_assert_str_eq(
        wrong.gaps[4].text, "Closure or merger announced: the answer is yes, the trial needs no");
    ck_assert(!wrong.gaps[1].failed);
}
END_TEST

START_TEST(what_an_expression_lacks_is_named_once)
{
    const struct protocol *protocol = amended("need: \"employees >= 10\"",
        "ask: Staff, need: \"size = '10-49' or employees > 300 and county = se-t\"");
    const struct protocol_subject *workplace = &protocol->subjects[PROTOCOL_WORKPLACE];
    struct protocol_eligibility eligibility =
        protocol_eligibility(arena, workplace, &no_values, &no_answers);
    ck_assert_str_eq(eligibility.gaps[2].text, "Staff: employees, county not known yet");
    protocol = amended("    industry: {pattern: \"^[A-U]$\", version: SNI2007}\n  eligible:\n",
        "    ees: {type: integer}\n  eligible:\n"
        "    - {id: both, need: \"employees > 5 and ees > 1 and ees < 9\"}\n");
    eligibility = protocol_eligibility(
        arena, &protocol->subjects[PROTOCOL_WORKPLACE], &no_values, &no_answers);
    ck_assert_str_eq(eligibility.gaps[0].text, "both: employees, ees not known yet");
    /* Known to be no: what else is missing would not change it. */
    eligibility = protocol_eligibility(arena, workplace, VALUES({"employees", "60"}), &no_answers);
    ck_assert(eligibility.gaps[2].failed);
    eligibility = protocol_eligibility(arena, workplace, VALUES({"employees", "20"}), &no_answers);
    ck_assert_str_eq(eligibility.gaps[2].id, "recent-hpa");
}
END_TEST

START_TEST(a_persons_age_counts_when_it_is_known)
{
    const struct protocol *protocol = work_together();
    const struct protocol_subject *participant = &protocol->subjects[PROTOCOL_PARTICIPANT];
    static const struct {
        const char *age;
        size_t gaps;
        bool failed;
    } ages[] = {
        {"17", 3, true}, {"18", 2, false}, {"66", 2, false}, {"67", 3, true}, {NULL, 3, false}};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        struct protocol_eligibility eligibility =
            protocol_eligibility(arena, participant, VALUES({"age", ages[i].age}), &no_answers);
        ck_assert_uint_eq(eligibility.gap_count, ages[i].gaps);
        ck_assert(eligibility.gaps[0].failed == ages[i].failed);
    }
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/protocol_value");
    TCase *test_case = tcase_create("values");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_loop_test(test_case, a_cell_is_stored_in_one_form_or_refused, 0,
        (int)(sizeof cells / sizeof cells[0]));
    tcase_add_test(test_case, yes_and_no_are_stored_as_true_and_false);
    tcase_add_test(test_case, a_value_that_is_too_long_is_refused);
    tcase_add_test(test_case, identifiers_follow_their_type);
    tcase_add_test(test_case, a_person_has_one_number_however_it_is_typed);
    tcase_add_test(test_case, the_stratum_is_written_in_protocol_order);
    tcase_add_test(test_case, what_the_stratum_lacks_is_asked_for);
    tcase_add_loop_test(test_case, only_a_key_that_a_unit_can_have_is_a_stratum, 0, 12);
    tcase_add_test(test_case, minimisation_knows_a_unit_by_its_levels);
    tcase_add_test(test_case, what_minimisation_lacks_is_asked_for);
    tcase_add_test(test_case, a_band_can_be_given_only_through_its_number);
    tcase_add_test(test_case, a_workplace_that_meets_all_rules_is_eligible);
    tcase_add_test(test_case, every_gap_is_told_in_plain_words);
    tcase_add_test(test_case, what_an_expression_lacks_is_named_once);
    tcase_add_test(test_case, a_persons_age_counts_when_it_is_known);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
