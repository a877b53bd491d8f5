/*
 * test_consent.c: what each action needs, worked out from protocols, and what stops it.
 */
#include "trial/consent.h"

#include "../check_main.h"
#include "protocol_case.h"

/* All rules, one a line: kind action form/scope. */
static const char *
rule_lines(const struct protocol *protocol)
{
    const struct consent_rules rules = consent_rules(arena, protocol);
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < rules.count; i++)
        text_printf(&text, "%s %s %s/%s\n",
            protocol_unit_name((enum protocol_unit)rules.items[i].kind), rules.items[i].action,
            rules.items[i].form, rules.items[i].scope);
    return text.bytes;
}

START_TEST(each_action_needs_what_the_protocol_asks_for_and_the_scope_of_its_name)
{
    ck_assert_str_eq(rule_lines(work_together()),
        "workplace allocate employer/participate\n"
        "participant data participation/participate\n"
        "participant data participation/questionnaires\n"
        "participant intervention participation/participate\n"
        "participant interview participation/participate\n"
        "participant interview optional/interview\n"
        "participant audio participation/participate\n"
        "participant audio optional/interview\n"
        "participant audio optional/audio\n"
        "participant contact contact/pass-on-contact\n"
        "participant sms contact/pass-on-contact\n"
        "participant sms optional/sms\n"
        "participant linkage participation/participate\n"
        "participant linkage optional/register-linkage\n"
        "participant future-contact optional/future-contact\n"
        "participant export participation/participate\n"
        "participant task/sms participation/participate\n"
        "participant task/sms optional/sms\n"
        "participant task/interview-employee optional/interview\n"
        "participant task/co-creation optional/interview\n");
}
END_TEST

/* What the protocol says itself takes the scope's place, for who shares those needs too. */
START_TEST(a_protocol_says_itself_what_an_action_needs)
{
    const struct protocol *protocol = amended("  required_before_data:",
        "  required_for: {contact: [optional/sms, employer/paid-time], linkage: "
        "[optional/interview], export: [optional/register-linkage]}\n"
        "  required_before_data:");
    const char *lines = rule_lines(protocol);
    static const char *const there[] = {
        "workplace contact employer/paid-time\n",
        "workplace sms employer/paid-time\n",
        "participant contact optional/sms\n",
        "participant sms optional/sms\n",
        "participant linkage participation/participate\nparticipant linkage optional/interview\n",
        ("participant export participation/participate\nparticipant export "
         "optional/register-linkage\n"),
    };
    static const char *const gone[] = {"pass-on-contact", "linkage optional/register-linkage"};
    for (size_t i = 0; i < COUNT_OF(there); i++)
        ck_assert_msg(strstr(lines, there[i]) != NULL, "missing: %s", there[i]);
    for (size_t i = 0; i < COUNT_OF(gone); i++)
        ck_assert_msg(strstr(lines, gone[i]) == NULL, "still there: %s", gone[i]);
}
END_TEST

/* No form of participants asks for it: they are contacted as data are taken, and the rest is not
 * done; what the protocol says of workplaces says nothing of people. */
START_TEST(what_nobody_is_asked_for_is_not_free)
{
    const struct protocol *protocol = amended(
        "scopes: [register-linkage, interview, audio, sms, future-contact]}",
        "scopes: [interview, audio, sms]}\n  required_for: {future-contact: [employer/paid-time]}");
    ck_assert(consent_is_unasked(protocol, CONSENT_LINKAGE));
    ck_assert(consent_is_unasked(protocol, CONSENT_FUTURE_CONTACT));
    ck_assert(!consent_is_unasked(protocol, CONSENT_SMS));
    ck_assert(consent_is_asked(protocol, CONSENT_CONTACT));
    protocol = amended("[pass-on-contact]", "[nothing]");
    ck_assert(!consent_is_asked(protocol, CONSENT_CONTACT));
    ck_assert_ptr_nonnull(
        strstr(rule_lines(protocol), "participant contact participation/participate\n"
                                     "participant sms participation/participate\n"
                                     "participant sms optional/sms\n"));
    protocol = amended("  required_before_data:",
        "  required_for: {contact: [], future-contact: []}\n  required_before_data:");
    ck_assert(!consent_is_unasked(protocol, CONSENT_FUTURE_CONTACT));
    ck_assert_ptr_null(strstr(rule_lines(protocol), "participant contact"));
    ck_assert_ptr_null(strstr(rule_lines(protocol), "participant future-contact"));
}
END_TEST

START_TEST(the_kind_of_a_task_says_which_consents_it_needs)
{
    static const enum consent_action wanted[] = {
        [TASK_QUESTIONNAIRE] = CONSENT_DATA,
        [TASK_SESSION] = CONSENT_INTERVENTION,
        [TASK_MESSAGE] = CONSENT_SMS,
        [TASK_INTERVIEW] = CONSENT_INTERVIEW,
        [TASK_FOCUS_GROUP] = CONSENT_INTERVIEW,
        [TASK_CALL] = CONSENT_CONTACT,
        [TASK_REGISTER] = CONSENT_LINKAGE,
    };
    ck_assert_uint_eq(COUNT_OF(wanted), TASK_KIND_COUNT);
    for (int kind = 0; kind < TASK_KIND_COUNT; kind++)
        ck_assert_int_eq(consent_of_task(kind), wanted[kind]);
}
END_TEST

START_TEST(who_wants_no_contact_is_not_interviewed_recorded_or_written_to)
{
    const enum consent_action silent[] = {
        CONSENT_INTERVIEW, CONSENT_AUDIO, CONSENT_CONTACT, CONSENT_SMS, CONSENT_FUTURE_CONTACT};
    for (size_t i = 0; i < COUNT_OF(silent); i++)
        ck_assert(consent_is_stopped(silent[i], CONSENT_STOP_CONTACT));
    ck_assert(!consent_is_stopped(CONSENT_DATA, CONSENT_STOP_CONTACT));
    ck_assert(!consent_is_stopped(CONSENT_LINKAGE, CONSENT_STOP_CONTACT));
    ck_assert(consent_is_stopped(CONSENT_EXPORT, CONSENT_STOP_DATA_USE));
    for (int stop = 0; stop < CONSENT_STOP_DATA_USE; stop++)
        ck_assert_msg(!consent_is_stopped(CONSENT_EXPORT, (enum consent_stop)stop), "%s",
            consent_stop_name((enum consent_stop)stop));
}
END_TEST

START_TEST(names_are_found_again_and_have_words)
{
    for (int i = 0; i < CONSENT_ACTION_COUNT; i++) {
        const char *name = consent_action_name((enum consent_action)i);
        ck_assert_int_eq(consent_action_by_name(name), i);
        ck_assert(consent_action_words((enum consent_action)i)[0] != '\0');
        ck_assert_int_eq(consent_given_once((enum consent_action)i), strcmp(name, "export") == 0);
    }
    for (int i = 0; i < CONSENT_STOP_COUNT; i++) {
        ck_assert_int_eq(consent_stop_by_name(consent_stop_name((enum consent_stop)i)), i);
        ck_assert(consent_stop_words((enum consent_stop)i)[0] != '\0');
    }
    ck_assert_int_eq(consent_action_by_name("sing"), CONSENT_ACTION_COUNT);
    ck_assert_int_eq(consent_stop_by_name("sing"), CONSENT_STOP_COUNT);
    ck_assert_ptr_null(consent_objection_words(NULL));
    ck_assert_str_eq(consent_objection_words("never-asked"), "was never asked");
    ck_assert_str_eq(consent_objection_words("something new"), "something new");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/consent");
    TCase *test_case = tcase_create("rules");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_test(
        test_case, each_action_needs_what_the_protocol_asks_for_and_the_scope_of_its_name);
    tcase_add_test(test_case, a_protocol_says_itself_what_an_action_needs);
    tcase_add_test(test_case, what_nobody_is_asked_for_is_not_free);
    tcase_add_test(test_case, the_kind_of_a_task_says_which_consents_it_needs);
    tcase_add_test(test_case, who_wants_no_contact_is_not_interviewed_recorded_or_written_to);
    tcase_add_test(test_case, names_are_found_again_and_have_words);
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
