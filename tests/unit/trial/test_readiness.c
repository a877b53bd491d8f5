/*
 * test_readiness.c: what a workplace or a participant lacks before it can be allocated, in a
 * coordinator's words.
 */
#include "trial/readiness.h"

#include "base/text.h"
#include "tests/unit/check_main.h"

#include <string.h>

static struct arena *arena;
static struct protocol *protocol;
static const struct protocol_scheme *pilot;
static const struct protocol_scheme *rct;

static const char document[] =
    "trial: ready\n"
    "title: {en: Ready}\n"
    "registration: none\n"
    "time_zone: Europe/Stockholm\n"
    "languages: [en]\n"
    "workplace:\n"
    "  identifiers: {number: {type: se-cfar, required: true}}\n"
    "  attributes: {sector: {levels: [public, private]}, employees: {type: integer}}\n"
    "  eligible:\n"
    "    - {id: manager, ask: Own manager, need: yes}\n"
    "    - {id: closing, ask: Closure announced, need: no}\n"
    "    - {id: staff, need: employees >= 10}\n"
    "participant:\n"
    "  attributes:\n"
    "    sex: {levels: [woman, man]}\n"
    "    birth_year: {type: integer, min: 1900, max: 2026}\n"
    "    generation: {from: age, bands: {young: [0, 39], old: [40, 150]}}\n"
    "  eligible:\n"
    "    - {id: age, need: age between 18 and 66}\n"
    "    - {id: half, ask: Works half time, need: yes}\n"
    "consent:\n"
    "  forms:\n"
    "    employer: {by: workplace, version: 2, languages: [en], scopes: [participate, time]}\n"
    "    joining: {by: participant, version: 1, languages: [en], scopes: [participate]}\n"
    "  required_before_allocation: {workplace: [employer/participate], participant: "
    "[joining/participate]}\n"
    "arms: {a: {label: {en: A}}, b: {label: {en: B}}}\n"
    "phases:\n"
    "  pilot: {scheme: {unit: workplace, method: simple, ratio: {a: 1, b: 1}}}\n"
    "  rct: {scheme: {unit: workplace, method: simple, ratio: {a: 1, b: 1}, roster_lock: true}}\n"
    "  people: {scheme: {unit: participant, method: simple, ratio: {a: 1, b: 1}, strata: "
    "[generation]}}\n";

static const struct protocol_value values[] = {{"sector", "public"}, {"employees", "25"}};
static const struct protocol_answer good_answers[] = {{"manager", true}, {"closing", false}};
static const char *both[] = {"participate", "time"};
static const struct readiness_consent agreed = {
    .form = "employer", .version = 2, .given = true, .scopes = both, .scope_count = 2};

static void
set_up(void)
{
    struct faults faults;
    arena = arena_new();
    faults_init(&faults, arena);
    protocol = protocol_parse(arena, document, strlen(document), &faults);
    ck_assert_msg(protocol != NULL, "%s",
        faults.count > 0 ? fault_line(arena, "document", &faults.items[0]) : "");
    pilot = protocol_scheme_by_name(protocol, "pilot");
    rct = protocol_scheme_by_name(protocol, "rct");
}

static void
tear_down(void)
{
    arena_free(arena);
}

static struct readiness_unit
ready_unit(void)
{
    return (struct readiness_unit){.values = {values, 2},
        .answers = {good_answers, 2},
        .consents = &agreed,
        .consent_count = 1,
        .roster_locked = true};
}

static void
assert_missing(
    const struct readiness_unit *unit, const struct protocol_scheme *scheme, const char *sentence)
{
    struct readiness found = readiness_of(arena, protocol, scheme, unit);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_msg(strstr(found.missing[0], sentence) != NULL, "%s", found.missing[0]);
}

START_TEST(test_a_workplace_that_has_everything_lacks_nothing)
{
    struct readiness_unit unit = ready_unit();
    ck_assert_uint_eq(readiness_of(arena, protocol, rct, &unit).count, 0);
    ck_assert_uint_eq(readiness_of(arena, protocol, NULL, &unit).count, 0);
}
END_TEST

START_TEST(test_a_roster_is_asked_for_only_where_the_scheme_asks)
{
    struct readiness_unit unit = ready_unit();
    unit.roster_locked = false;
    ck_assert_uint_eq(readiness_of(arena, protocol, pilot, &unit).count, 0);
    assert_missing(&unit, rct, "Roster: not locked yet");
}
END_TEST

START_TEST(test_an_unanswered_question_and_a_wrong_answer_are_told_apart)
{
    struct readiness_unit unit = ready_unit();
    unit.answers = (struct protocol_answers){good_answers, 1};
    assert_missing(&unit, rct, "Closure announced: not answered yet");
    const struct protocol_answer closing[] = {{"manager", true}, {"closing", true}};
    unit.answers = (struct protocol_answers){closing, 2};
    assert_missing(&unit, rct, "Closure announced");
}
END_TEST

START_TEST(test_who_has_stopped_what_allocation_leads_to_is_not_ready)
{
    struct readiness_unit unit = ready_unit();
    unit.stops = 1U << CONSENT_STOP_INTERVENTION | 1U << CONSENT_STOP_SMS;
    assert_missing(&unit, rct, "The workplace has stopped the programme");
    unit.stops = 1U << CONSENT_STOP_SMS | 1U << CONSENT_STOP_CONTACT;
    ck_assert_uint_eq(readiness_of(arena, protocol, rct, &unit).count, 0);
}
END_TEST

START_TEST(test_an_agreement_that_is_missing_old_withdrawn_or_partial_does_not_count)
{
    struct readiness_unit unit = ready_unit();
    unit.consent_count = 0;
    assert_missing(&unit, rct, "Agreement employer: not recorded yet");
    struct readiness_consent other = agreed;
    unit.consents = &other;
    unit.consent_count = 1;
    other.version = 1;
    assert_missing(&unit, rct, "version 1 was signed, version 2 is in force");
    other = agreed;
    other.given = false;
    assert_missing(&unit, rct, "withdrawn");
    other = agreed;
    other.scopes = both + 1;
    other.scope_count = 1;
    assert_missing(&unit, rct, "no yes to participate");
}
END_TEST

START_TEST(test_only_a_no_refuses_and_never_an_older_version_or_another_form)
{
    struct readiness_consent other = agreed;
    ck_assert(!readiness_consents_refused(protocol, PROTOCOL_WORKPLACE, &agreed, 1));
    ck_assert(!readiness_consents_refused(protocol, PROTOCOL_WORKPLACE, NULL, 0));
    other.version = 1;
    ck_assert(!readiness_consents_refused(protocol, PROTOCOL_WORKPLACE, &other, 1));
    other.scopes = both + 1;
    other.scope_count = 1;
    ck_assert(readiness_consents_refused(protocol, PROTOCOL_WORKPLACE, &other, 1));
    other = agreed;
    other.given = false;
    ck_assert(readiness_consents_refused(protocol, PROTOCOL_WORKPLACE, &other, 1));
    other.form = "photos";
    ck_assert(!readiness_consents_refused(protocol, PROTOCOL_WORKPLACE, &other, 1));
}
END_TEST

START_TEST(test_a_withdrawn_workplace_is_not_ready_whatever_else_it_has)
{
    struct readiness_unit unit = ready_unit();
    unit.withdrawn = true;
    assert_missing(&unit, pilot, "has withdrawn");
}
END_TEST

/* A participant who has it all, born in that year, in 2026. */
static struct readiness_unit
ready_person(const char *born)
{
    static const struct protocol_answer answers[] = {{"half", true}};
    static const char *scopes[] = {"participate"};
    static const struct readiness_consent joined = {
        .form = "joining", .version = 1, .given = true, .scopes = scopes, .scope_count = 1};
    struct protocol_value *known = arena_array(arena, 3, sizeof *known);
    known[0] = (struct protocol_value){"sex", "woman"};
    known[1] = (struct protocol_value){PROTOCOL_BIRTH_YEAR, born};
    struct protocol_values found = {known, 2};
    known[2] = (struct protocol_value){PROTOCOL_AGE, protocol_age(arena, &found, 2026)};
    found.count = 3;
    return (struct readiness_unit){.kind = PROTOCOL_PARTICIPANT,
        .values = found,
        .answers = {answers, 1},
        .consents = &joined,
        .consent_count = 1};
}

START_TEST(test_a_participant_is_judged_by_the_rules_of_participants)
{
    const struct protocol_scheme *people = protocol_scheme_by_name(protocol, "people");
    struct readiness_unit unit = ready_person("1980");
    ck_assert_uint_eq(readiness_of(arena, protocol, people, &unit).count, 0);
    ck_assert_uint_eq(readiness_of(arena, protocol, NULL, &unit).count, 0);
    unit.consent_count = 0;
    assert_missing(&unit, people, "Consent joining: not recorded yet");
    unit = ready_person("1980");
    unit.answers.count = 0;
    assert_missing(&unit, people, "Works half time: not answered yet");
    unit = ready_person("1980");
    unit.withdrawn = true;
    assert_missing(&unit, people, "The participant has withdrawn");
    unit = ready_person("1980");
    unit.employer_out = "W0007";
    assert_missing(&unit, people, "The workplace W0007 has withdrawn");
    unit.employer_out = NULL;
    unit.ended = "closed on 2026-05-01";
    assert_missing(&unit, people, "The workplace is no more: closed on 2026-05-01");
}
END_TEST

START_TEST(test_an_age_is_that_of_the_calendar_year_and_is_asked_for_by_the_year_of_birth)
{
    static const char *const in[] = {"1960", "1980", "2008"};
    static const char *const out[] = {"1959", "2009"};
    struct readiness_unit unit;
    for (size_t i = 0; i < COUNT_OF(in); i++) {
        unit = ready_person(in[i]);
        ck_assert_msg(readiness_of(arena, protocol, NULL, &unit).count == 0, "%s", in[i]);
    }
    for (size_t i = 0; i < COUNT_OF(out); i++) {
        unit = ready_person(out[i]);
        assert_missing(&unit, NULL, "age: the trial needs age between 18 and 66");
    }
    unit = ready_person(NULL);
    assert_missing(&unit, NULL, "age: birth_year not known yet");
    unit = ready_person("2030");
    ck_assert_ptr_null(protocol_age(arena, &unit.values, 2026));
}
END_TEST

START_TEST(test_a_stratum_by_age_names_the_year_of_birth_where_it_is_not_known)
{
    const struct protocol_scheme *people = protocol_scheme_by_name(protocol, "people");
    struct readiness_unit unit = ready_person("1986");
    struct faults faults;
    faults_init(&faults, arena);
    ck_assert_str_eq(
        protocol_stratum_key(arena, protocol, people, &unit.values, &faults), "generation=old");
    unit = ready_person("1987");
    ck_assert_str_eq(
        protocol_stratum_key(arena, protocol, people, &unit.values, &faults), "generation=young");
    unit = ready_person(NULL);
    ck_assert_ptr_null(protocol_stratum_key(arena, protocol, people, &unit.values, &faults));
    ck_assert_uint_eq(faults.count, 1);
    ck_assert_str_eq(faults.items[0].pointer, PROTOCOL_BIRTH_YEAR);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("readiness");
    TCase *all = tcase_create("readiness");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, test_a_workplace_that_has_everything_lacks_nothing);
    tcase_add_test(all, test_a_roster_is_asked_for_only_where_the_scheme_asks);
    tcase_add_test(all, test_an_unanswered_question_and_a_wrong_answer_are_told_apart);
    tcase_add_test(all, test_who_has_stopped_what_allocation_leads_to_is_not_ready);
    tcase_add_test(all, test_an_agreement_that_is_missing_old_withdrawn_or_partial_does_not_count);
    tcase_add_test(all, test_only_a_no_refuses_and_never_an_older_version_or_another_form);
    tcase_add_test(all, test_a_withdrawn_workplace_is_not_ready_whatever_else_it_has);
    tcase_add_test(all, test_a_participant_is_judged_by_the_rules_of_participants);
    tcase_add_test(
        all, test_an_age_is_that_of_the_calendar_year_and_is_asked_for_by_the_year_of_birth);
    tcase_add_test(all, test_a_stratum_by_age_names_the_year_of_birth_where_it_is_not_known);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
