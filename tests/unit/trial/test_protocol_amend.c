/*
 * test_protocol_amend.c: an amendment cannot bend a sequence that has begun, and can change all
 * else.
 */
#include "../check_main.h"
#include "protocol_case.h"

static const char *const both[] = {"feasibility", "rct"};

/* What is told when the WORK TOGETHER protocol is amended so, with allocations in these schemes. */
static const char *
told(const char *from, const char *to, const char *const *allocated, size_t count)
{
    const struct protocol *locked = work_together();
    const struct protocol *after = amended(from, to);
    faults_init(&faults, arena);
    bool taken = protocol_amendment_check(locked, after, allocated, count, &faults);
    ck_assert(taken == (faults.total == 0));
    return fault_lines();
}

#define RCT_RATIO "ratio: {updated: 1, existing: 1, control: 1}\n      strata"
#define LEFT "; leave it as it was, or write a new scheme under another name\n"

static const struct {
    const char *from;
    const char *to;
    const char *told;
} changes[] = {
    {"blocks: [3, 6]", "blocks: [3, 6, 6]",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its block sizes cannot "
        "change" LEFT},
    {"blocks: [3, 6]", "blocks: [6, 3]",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its block sizes cannot "
        "change" LEFT},
    {RCT_RATIO, "ratio: {updated: 2, existing: 1}\n      strata",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its arms and their ratio cannot "
        "change" LEFT},
    {"strata: [sector, size]", "strata: [size, sector]",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its strata, with their levels "
        "and bands, cannot change" LEFT},
    {"levels: [public, private]", "levels: [public, private, charity]",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its strata, with their levels "
        "and bands, cannot change" LEFT},
    {"\"50-249\": [50, 249]", "\"50-249\": [50, 248]",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its strata, with their levels "
        "and bands, cannot change" LEFT},
    {"roster_lock: true", "roster_lock: false",
        "77:5: phases.rct.scheme: the scheme rct has allocations: its roster lock cannot "
        "change" LEFT},
    {"trial: work-together", "trial: work-together-2",
        "trial: an amendment cannot rename the trial; write trial: work-together\n"},
};

START_TEST(a_scheme_with_allocations_stays_as_it_is)
{
    ck_assert_str_eq(told(changes[_i].from, changes[_i].to, both, 2), changes[_i].told);
}
END_TEST

/* What people have signed is what a form's version says, whoever was allocated. */
static const struct {
    const char *from;
    const char *to;
    const char *told;
} forms[] = {
    {"scopes: [participate, questionnaires]", "scopes: [participate, questionnaires, diary]",
        "56:5: consent.forms.participation: the form participation asks for something else under "
        "the same version; write version: 2\n"},
    {"participation: {by: participant, version: 1, scopes",
        "participation: {by: participant, version: 1, texts: {sv: "
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}, scopes",
        "56:5: consent.forms.participation: the form participation asks for something else under "
        "the same version; write version: 2\n"},
    {"contact:       {by: participant", "contact:       {by: workplace",
        "55:5: consent.forms.contact: the form contact is signed by participants; write a new form "
        "under another name\n"},
    {"participation: {by: participant, version: 1, scopes: [participate",
        "participation: {by: participant, version: 2, scopes: [diary, participate", ""},
    {"participation: {by: participant, version: 1,", "participation: {by: participant, version: 3,",
        ""},
};

START_TEST(a_form_asks_for_something_else_under_a_new_version_only)
{
    ck_assert_str_eq(told(forms[_i].from, forms[_i].to, NULL, 0), forms[_i].told);
}
END_TEST

START_TEST(the_version_of_a_form_never_shrinks)
{
    const char *second =
        replaced(file_text(WORK_TOGETHER), "participation: {by: participant, version: 1",
            "participation: {by: participant, version: 2");
    const struct protocol *locked = parse_text(second);
    const struct protocol *after = work_together();
    ck_assert(!protocol_amendment_check(locked, after, NULL, 0, &faults));
    ck_assert_str_eq(fault_lines(),
        "56:5: consent.forms.participation: version 2 of the form participation is in force: its "
        "versions only grow; write version 2, or a later one\n");
}
END_TEST

START_TEST(arms_are_compared_in_their_order)
{
    const char *text = file_text(WORK_TOGETHER);
    const char *updated =
        "  updated:  {label: {en: \"Updated programme\", sv: \"Uppdaterat program\"}}\n";
    const char *moved = replaced(
        replaced(text, updated, ""), "\nphases:", arena_printf(arena, "%s\nphases:", updated));
    const struct protocol *locked = work_together();
    const struct protocol *after = parse_text(moved);
    ck_assert_msg(after != NULL, "%s", fault_lines());
    ck_assert(!protocol_amendment_check(locked, after, both, 2, &faults));
    ck_assert_uint_eq(faults.total, 2);
    ck_assert_str_eq(faults.items[0].pointer, "phases.feasibility.scheme");
}
END_TEST

START_TEST(a_method_of_another_kind_is_told_with_its_parameters)
{
    const char *shown = told("      method: permuted-block\n      ratio: {updated: 1, existing: 1, "
                             "control: 1}\n      strata: [sector, size]\n      blocks: [3, 6]\n",
        "      method: minimisation\n      ratio: {updated: 1, existing: 1, control: 1}\n      p: "
        "0.8\n      factors: {sector: 1}\n",
        both, 2);
    ck_assert_ptr_nonnull(strstr(shown, "its method cannot change"));
    ck_assert_ptr_nonnull(strstr(shown, "its strata, with their levels and bands, cannot change"));
    ck_assert_ptr_nonnull(
        strstr(shown, "its factors, with their levels, bands and weights, cannot change"));
    ck_assert_ptr_nonnull(strstr(shown, "its block sizes cannot change"));
    ck_assert_ptr_nonnull(strstr(shown, "its parameters cannot change"));
    ck_assert_uint_eq(faults.total, 5);
}
END_TEST

START_TEST(a_scheme_with_allocations_cannot_be_left_out)
{
    const char *text = file_text(WORK_TOGETHER);
    const char *from =
        strstr(text, "    scheme:\n      unit: workplace\n      method: permuted-block\n      "
                     "ratio: {updated: 1, existing: 1, control: 1}\n      strata");
    const char *without =
        arena_printf(arena, "%.*s\n%s", (int)(from - text), text, strstr(text, "instruments:\n"));
    const struct protocol *after = parse_text(without);
    ck_assert_msg(after != NULL, "%s", fault_lines());
    const struct protocol *locked = work_together();
    ck_assert(!protocol_amendment_check(locked, after, both, 2, &faults));
    ck_assert_str_eq(fault_lines(),
        "phases: the scheme rct has allocations and cannot be left out; write it as it was\n");
    faults_init(&faults, arena);
    ck_assert(protocol_amendment_check(locked, after, both, 1, &faults));
}
END_TEST

/* What does not touch a sequence may change, and so may a scheme that nobody was drawn in. */
static const struct {
    const char *from;
    const char *to;
    size_t allocated;
} harmless[] = {
    {"blocks: [3, 6]", "blocks: [3, 9]", 1},
    {"levels: [public, private]", "levels: [private, public]", 1},
    {"target: {workplaces: 72,", "target: {workplaces: 90,", 2},
    {"en: \"Health information\"", "en: \"Information\"", 2},
    {"max: 100000", "max: 5000", 2},
    {"county: {levels: [se-ab,", "county: {levels: [se-bd, se-ab,", 2},
    {"{id: staff, need: \"employees >= 10\"}", "{id: staff, need: \"employees >= 5\"}", 2},
    {"at: 91d, window: [-14d, 14d]", "at: 91d, window: [-14d, 28d]", 2},
};

START_TEST(what_touches_no_sequence_may_be_amended)
{
    ck_assert_str_eq(told(harmless[_i].from, harmless[_i].to, both, harmless[_i].allocated), "");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/protocol_amend");
    TCase *test_case = tcase_create("amendments");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_loop_test(test_case, a_scheme_with_allocations_stays_as_it_is, 0,
        (int)(sizeof changes / sizeof changes[0]));
    tcase_add_loop_test(test_case, a_form_asks_for_something_else_under_a_new_version_only, 0,
        (int)(sizeof forms / sizeof forms[0]));
    tcase_add_test(test_case, the_version_of_a_form_never_shrinks);
    tcase_add_test(test_case, arms_are_compared_in_their_order);
    tcase_add_test(test_case, a_method_of_another_kind_is_told_with_its_parameters);
    tcase_add_test(test_case, a_scheme_with_allocations_cannot_be_left_out);
    tcase_add_loop_test(test_case, what_touches_no_sequence_may_be_amended, 0,
        (int)(sizeof harmless / sizeof harmless[0]));
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
