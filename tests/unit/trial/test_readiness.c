/*
 * test_readiness.c: what a workplace lacks before it can be allocated, in a coordinator's words.
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
    "consent:\n"
    "  forms: {employer: {by: workplace, version: 2, languages: [en], scopes: [participate, "
    "time]}}\n"
    "  required_before_allocation: {workplace: [employer/participate]}\n"
    "arms: {a: {label: {en: A}}, b: {label: {en: B}}}\n"
    "phases:\n"
    "  pilot: {scheme: {unit: workplace, method: simple, ratio: {a: 1, b: 1}}}\n"
    "  rct: {scheme: {unit: workplace, method: simple, ratio: {a: 1, b: 1}, roster_lock: true}}\n";

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

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("readiness");
    TCase *all = tcase_create("readiness");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, test_a_workplace_that_has_everything_lacks_nothing);
    tcase_add_test(all, test_a_roster_is_asked_for_only_where_the_scheme_asks);
    tcase_add_test(all, test_an_unanswered_question_and_a_wrong_answer_are_told_apart);
    tcase_add_test(all, test_an_agreement_that_is_missing_old_withdrawn_or_partial_does_not_count);
    tcase_add_test(all, test_only_a_no_refuses_and_never_an_older_version_or_another_form);
    tcase_add_test(all, test_a_withdrawn_workplace_is_not_ready_whatever_else_it_has);
    suite_add_tcase(suite, all);
    return suite;
}

TEST_MAIN(make_suite)
