/*
 * test_protocol_advise.c: a protocol that probably does not mean what it says gets advice.
 */
#include "../check_main.h"
#include "protocol_case.h"

static const char *
advice(const struct protocol *protocol)
{
    faults_init(&faults, arena);
    protocol_advise(protocol, 2026, &faults);
    return fault_lines();
}

/* The list of Sweden ends with 2032. */
START_TEST(a_follow_up_that_outlasts_the_holidays_is_told)
{
    const struct protocol *protocol = work_together();
    faults_init(&faults, arena);
    protocol_advise(protocol, 2030, &faults);
    ck_assert_ptr_null(strstr(fault_lines(), "holidays"));
    faults_init(&faults, arena);
    protocol_advise(protocol, 2032, &faults);
    ck_assert_ptr_nonnull(strstr(fault_lines(),
        "14:13: calendar.holidays: the list of holidays SE has no days of 2033, and who is "
        "allocated now is followed up into 2034: people could be booked on its holidays; ask for a "
        "newer rctd before then, and book around the holidays yourselves\n"));
    faults_init(&faults, arena);
    protocol_advise(amended("holidays: SE ", "holidays: none "), 2032, &faults);
    ck_assert_ptr_null(strstr(fault_lines(), "holidays"));
}
END_TEST

#define ROSTER_ADVICE                                                                              \
    "69:5: phases.feasibility.scheme: the 120 participants need not be known before their "        \
    "workplace is allocated: who recruits them may know the arm; write roster_lock: true "         \
    "(Puffer 2003; Campbell 2012)\n"
#define FEASIBILITY_ADVICE                                                                         \
    "69:5: phases.feasibility.scheme: all blocks have one size (6): whoever sees a block's arms "  \
    "can tell its last one; list two sizes or more where more than one block is expected "         \
    "(SPIRIT 2025 21b; Matts and Lachin 1988)\n" ROSTER_ADVICE

START_TEST(strata_that_swallow_the_target_are_advised_against)
{
    /* 4 strata x 6 = 24 for 72 workplaces is well; with three regions it is 72 for 72. */
    ck_assert_str_eq(advice(work_together()), FEASIBILITY_ADVICE);
    const char *text = replaced(file_text(WORK_TOGETHER),
        "levels: [se-ab, se-c, se-d, se-e, se-s, se-t, se-u]", "levels: [se-ab, se-c, se-d]");
    const struct protocol *protocol =
        parse_text(replaced(text, "strata: [sector, size]", "strata: [sector, size, county]"));
    ck_assert_ptr_nonnull(protocol);
    ck_assert_str_eq(advice(protocol),
        FEASIBILITY_ADVICE "77:5: phases.rct.scheme: 12 strata with blocks of up to 6 are 72 "
                           "places for a target of 72: many blocks will stay unfinished, and the "
                           "arms may become uneven; use fewer strata or smaller blocks: at most 36 "
                           "places are well (Kernan 1999)\n");
}
END_TEST

START_TEST(a_task_whose_scope_others_sign_is_advised_against)
{
    ck_assert_str_eq(
        advice(amended("sms: {kind: message, unit: participant,", "sms: {kind: message,")),
        FEASIBILITY_ADVICE
        "97:3: tasks.sms: this is planned for workplaces, who never sign its scope sms: it is "
        "asked of nobody; write unit: participant\n");
}
END_TEST

START_TEST(numbers_between_two_bands_of_a_factor_are_advised_against)
{
    ck_assert_str_eq(advice(amended("\"50-249\": [50, 249]", "\"50-249\": [60, 249]")),
        FEASIBILITY_ADVICE
        "77:5: phases.rct.scheme: no band of `size` holds 50 to 59: who lies there "
        "is in no stratum; let one of the bands beside them reach over them\n");
    const char *text =
        replaced(file_text(WORK_TOGETHER), "\"50-249\": [50, 249]", "\"50-249\": [60, 249]");
    ck_assert_str_eq(
        advice(parse_text(replaced(text, "strata: [sector, size]", "strata: [sector]"))),
        FEASIBILITY_ADVICE);
}
END_TEST

START_TEST(people_who_are_recruited_when_the_arm_is_known_are_advised_against)
{
    const char *text = file_text(WORK_TOGETHER);
    ck_assert_ptr_nonnull(strstr(advice(parse_text(text)), ROSTER_ADVICE));
    text = replaced(text, "blocks: [6]", "blocks: [6]\n      roster_lock: true");
    ck_assert_ptr_null(strstr(advice(parse_text(text)), "participants"));
}
END_TEST

START_TEST(a_single_block_size_is_advised_against)
{
    const struct protocol *protocol = amended("blocks: [3, 6]", "blocks: [6, 6]");
    ck_assert_ptr_nonnull(
        strstr(advice(protocol), "77:5: phases.rct.scheme: all blocks have one size (6)"));
    protocol = amended("blocks: [6]", "blocks: [3, 6]");
    ck_assert_str_eq(advice(protocol), ROSTER_ADVICE);
}
END_TEST

/* A trial of so many workplaces with one scheme. */
static const char *
advice_on(unsigned target, const char *scheme)
{
    const struct protocol *protocol =
        parse_text(one_scheme(target, arena_printf(arena, "predictability: 100%%, %s", scheme)));
    ck_assert_msg(protocol != NULL, "%s", fault_lines());
    return advice(protocol);
}

#define TWO "ratio: {a: 1, b: 1}"
#define THREE "ratio: {a: 1, b: 1, c: 1}"
#define SECTOR "factors: {sector: 1}"

/* A scheme, and all advice on it. */
static const struct {
    unsigned target;
    const char *scheme;
    const char *told;
} schemes[] = {
    {60, "method: simple, " TWO,
        "60 tosses of a coin: the numbers of two arms differ by 7.7 at the end "
        "(standard deviation); simple randomisation is for 200 workplaces or more; "
        "choose permuted-block, block-urn, or big-stick for two arms (Lachin 1988)"},
    {60, "method: simple, ratio: {a: 2, b: 1}",
        "60 draws: the arms may miss the ratio widely; simple randomisation is for 200 workplaces "
        "or more; choose permuted-block or block-urn (Lachin 1988)"},
    {200, "method: simple, " TWO, ""},
    {40, "method: biased-coin, " TWO ", p: 1",
        "p of 1: when the arms are uneven, the next arm is certain, as in blocks of 2; write p: "
        "0.667 (Efron 1971)"},
    {40, "method: biased-coin, " TWO ", p: 0.5",
        "p of 0.5: the coin never leans towards the arm that is behind, this is simple "
        "randomisation; write p: 0.667 (Efron 1971)"},
    {40, "method: biased-coin-limit, " TWO ", p: 0.5, limit: 3",
        "p of 0.5: the coin never leans towards the arm that is behind, this is big-stick; write "
        "p: 0.667 (Efron 1971)"},
    {40, "method: biased-coin, " TWO ", p: 0.667", ""},
    {20, "method: biased-coin, " TWO ", p: 0.667, strata: [sector, county]",
        "16 strata for a target of 20 workplaces: most hold two or fewer, and nothing is balanced; "
        "use fewer strata, at most 10, or method: minimisation (Therneau 1993)"},
    {40, "method: urn, " TWO ", alpha: 0, beta: 1, strata: [sector]",
        "alpha of 0: the second arm of each stratum is certain, 2 of them in this scheme; write "
        "alpha: 1 (Wei 1978)"},
    {40, "method: urn, " THREE ", alpha: 0, beta: 1", ""},
    {40, "method: big-stick, " TWO ", limit: 20",
        "a limit of 20 is reached in 0.3 % of strata with 40 workplaces, less than 1 %: it never "
        "acts, and this is simple randomisation; write limit: 3 (Soares and Wu 1983)"},
    {40, "method: big-stick, " TWO ", limit: 41",
        "a limit of 41 is reached in 0.0 % of strata with 40 workplaces, less than 1 %: it never "
        "acts, and this is simple randomisation; write limit: 3 (Soares and Wu 1983)"},
    {40, "method: big-stick, " TWO ", limit: 3", ""},
    {40, "method: biased-coin-limit, " TWO ", p: 0.75, limit: 9",
        "a limit of 9 is reached in 0.1 % of strata with 40 workplaces, less than 1 %: it never "
        "acts, and this is biased-coin; write limit: 3 (Chen 1999)"},
    {40, "method: maximal, " TWO ", limit: 10, length: 20, balanced_end: true",
        "a limit of 10 with a length of 20 never acts: this is a permuted block of that length; "
        "write limit: 3 (Berger, Ivanova and Knoll 2003)"},
    {40, "method: maximal, " TWO ", limit: 20, length: 20",
        "a limit of 20 with a length of 20 never acts: this is simple randomisation; write limit: "
        "3 (Berger, Ivanova and Knoll 2003)"},
    {40, "method: maximal, " TWO ", limit: 9, length: 20, balanced_end: true", ""},
    {24, "method: block-urn, " TWO ", size: 6, strata: [sector, size]",
        "4 strata with blocks of up to 6 are 24 places for a target of 24: many blocks will stay "
        "unfinished, and the arms may become uneven; use fewer strata or smaller blocks: at most "
        "12 places are well (Kernan 1999)"},
    {40, "method: minimisation, " TWO ", " SECTOR ", p: 1",
        "p of 1: minimisation without chance; whoever knows the units so far knows the next arm; "
        "write p: 0.8 (ICH E9 1998 2.3.2; EMA 2015)"},
    {40, "method: minimisation, " TWO ", " SECTOR ", p: 0.5",
        "p of 0.5 is no more than an arm's share, 0.5: nothing is preferred, and nothing is "
        "balanced; write p: 0.8 (Pocock and Simon 1975)"},
    {40, "method: minimisation, ratio: {a: 2, b: 1}, " SECTOR ", p: 0.8",
        "the plain form with the ratio 2:1: each arm's probability swings about its share, and a "
        "re-randomisation test loses its power; write form: biased-coin (Proschan, Brittain and "
        "Kammerman 2011; Han 2009)"},
    {40, "method: minimisation, ratio: {a: 2, b: 1}, " SECTOR ", p: 0.8, form: biased-coin", ""},
    {40, "method: minimisation, " THREE ", " SECTOR ", form: ranked, ranked: [1, 0, 0]",
        "ranked begins with 1: whoever knows the units so far knows the next arm; begin with 0.8 "
        "or less (ICH E9 1998 2.3.2; EMA 2015)"},
    {40, "method: minimisation, " THREE ", " SECTOR ", form: ranked, ranked: [0.6, 0.2, 0.2]",
        "ranked gives rank 2 and rank 3 the same probability, 0.2: balance between them is not "
        "sought; let each rank have less than the one before (Pocock and Simon 1975 3.3)"},
    {40, "method: minimisation, " THREE ", " SECTOR ", form: ranked, ranked: [0.6, 0.3, 0.1]", ""},
    {6, "method: constrained, " TWO ", " SECTOR,
        "6 workplaces can be assigned in 20 ways, and about 2 of them would be accepted, fewer "
        "than 100: the design is hardly random, and a permutation test finds no p-value under 1; "
        "use fewer strata, or simple or stratified randomisation (Moulton 2004)"},
    {10, "method: constrained, " TWO ", " SECTOR,
        "10 workplaces can be assigned in 252 ways, and about 25 of them would be accepted, fewer "
        "than 100: the design is hardly random, and a permutation test finds no p-value under "
        "0.08; write accept: 40% (Moulton 2004)"},
    {16, "method: constrained, " TWO ", " SECTOR, ""},
    {24, "method: constrained, " TWO ", " SECTOR,
        "24 workplaces can be assigned in 2704156 ways, more than the 100000 that are enumerated: "
        "a sample of 20000 is scored instead; write enumerate: 2704156"},
    {60, "method: constrained, " TWO ", " SECTOR,
        "60 workplaces can be assigned in 118264581564861424 ways, more than the 100000 that are "
        "enumerated: "
        "a sample of 20000 is scored instead; nothing need change: with so many, a sample is what "
        "can be done"},
    {16, "method: constrained, " TWO ", " SECTOR ", strata: [sector]", ""},
    {500, "method: constrained, " TWO ", " SECTOR,
        "500 workplaces can be assigned in more than 10^19 ways, more than the 100000 that are "
        "enumerated: a sample of 20000 is scored instead; nothing need change: with so many, a "
        "sample is what can be done"},
    {5000, "method: constrained, " TWO ", " SECTOR, ""},
    {60, "method: nonrandom-comparison, arms: [a, b]", ""},
};

START_TEST(each_choice_that_harms_is_told_with_its_figure_and_source)
{
    const char *told = schemes[_i].told;
    ck_assert_str_eq(advice_on(schemes[_i].target, schemes[_i].scheme),
        told[0] == '\0' ? "" : arena_printf(arena, "18:5: phases.main.scheme: %s\n", told));
}
END_TEST

START_TEST(a_sample_that_could_not_be_scored_is_told_before_the_workplaces_come)
{
    const char *told = advice_on(60, "method: constrained, " THREE ", " SECTOR ", sample: 4000000");
    ck_assert_ptr_nonnull(strstr(told,
        "a sample of 4000000, with arms of one size exchanged, is 2.4e+07 assignments, more than "
        "the 20000000 that can be scored: nothing could be allocated; write a smaller sample\n"));
    told = advice_on(
        60, "method: constrained, ratio: {a: 2, b: 1, c: 1}, " SECTOR ", sample: 4000000");
    ck_assert_ptr_null(strstr(told, "nothing could be allocated"));
}
END_TEST

START_TEST(an_arm_that_can_be_guessed_too_often_is_advised_against)
{
    static const char blocks[] =
        "method: permuted-block, " TWO ", blocks: [2, 4], predictability: ";
    const struct protocol *protocol =
        parse_text(one_scheme(48, arena_printf(arena, "%s70%%", blocks)));
    ck_assert_str_eq(advice(protocol),
        "18:5: phases.main.scheme: who always guesses the arm that is behind is right for 72.1 % "
        "of the workplaces, more than 70 %; 38.5 % of the allocations are certain; list larger "
        "blocks of several sizes, or choose block-urn or big-stick (Blackwell and Hodges 1957)\n");
    protocol = parse_text(one_scheme(48, arena_printf(arena, "%s73%%", blocks)));
    ck_assert_str_eq(advice(protocol), "");
    protocol = parse_text(one_scheme(48, "method: big-stick, " TWO ", limit: 1"));
    ck_assert_str_eq(advice(protocol), "");
    protocol =
        parse_text(one_scheme(48, "method: big-stick, " TWO ", limit: 1, predictability: 74%"));
    ck_assert_ptr_nonnull(strstr(advice(protocol), "right for 75.0 % of the workplaces, more than "
                                                   "74 %; 50.0 % of the allocations are certain"));
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("trial/protocol_advise");
    TCase *test_case = tcase_create("advice");
    tcase_add_checked_fixture(test_case, protocol_case_start, protocol_case_end);
    tcase_add_test(test_case, a_follow_up_that_outlasts_the_holidays_is_told);
    tcase_add_test(test_case, strata_that_swallow_the_target_are_advised_against);
    tcase_add_test(test_case, a_task_whose_scope_others_sign_is_advised_against);
    tcase_add_test(test_case, numbers_between_two_bands_of_a_factor_are_advised_against);
    tcase_add_test(test_case, people_who_are_recruited_when_the_arm_is_known_are_advised_against);
    tcase_add_test(test_case, a_single_block_size_is_advised_against);
    tcase_add_test(test_case, a_sample_that_could_not_be_scored_is_told_before_the_workplaces_come);
    tcase_add_test(test_case, an_arm_that_can_be_guessed_too_often_is_advised_against);
    tcase_add_loop_test(test_case, each_choice_that_harms_is_told_with_its_figure_and_source, 0,
        (int)COUNT_OF(schemes));
    suite_add_tcase(suite, test_case);
    return suite;
}

TEST_MAIN(make_suite)
