/*
 * test_verify.c: a ledger is proved right, or the first row that is not is named, however the work
 * is shared out. tests/golden/test_verify.py holds every method against a second implementation.
 */
#include "trial/proof/verify.h"

#include "ledger_case.h"

#include "../check_main.h"

#define PARTS_MAX 5

static const struct protocol *protocol;
static struct text ledger;
static struct verify *parts[PARTS_MAX];

static void
start(void)
{
    protocol_case_start();
    text_init(&ledger, arena);
    protocol = work_together();
}

static void
end(void)
{
    for (unsigned i = 0; i < PARTS_MAX; i++) {
        verify_free(parts[i]);
        parts[i] = NULL;
    }
    protocol_case_end();
}

static struct verify_plan
plan_of(unsigned part, unsigned count)
{
    return (struct verify_plan){.protocol = protocol,
        .scheme = protocol_scheme_by_name(protocol, "rct"),
        .seed = seed_counting(),
        .part = part,
        .parts = count,
        .longest_gap = 1000};
}

/* What `count` parts find together. */
static const struct verify_result *
run(unsigned count)
{
    struct error error;
    for (unsigned i = 0; i < count; i++) {
        struct ledger_reader reader;
        struct ledger_row row;
        struct verify_plan plan = plan_of(i, count);
        verify_free(parts[i]);
        parts[i] = verify_new(&plan, &error);
        ck_assert_ptr_nonnull(parts[i]);
        ck_assert(ledger_open(&reader, ledger.bytes, ledger.length, &faults));
        while (ledger_next(&reader, &row))
            verify_row(parts[i], &row);
        ledger_close(&reader);
        verify_end(parts[i]);
        if (i > 0)
            verify_merge(parts[0], parts[i]);
    }
    ck_assert_uint_eq(faults.total, 0);
    return verify_result(parts[0]);
}

static const char *
told(const struct verify_result *result)
{
    struct text text;
    text_init(&text, arena);
    for (size_t i = 0; i < result->finding_count; i++)
        text_printf(&text, "%s\n", verify_finding_text(arena, &result->findings[i]));
    return text.bytes;
}

START_TEST(a_right_ledger_is_right_for_any_number_of_parts)
{
    ledger_write(&ledger, protocol, 700);
    const struct verify_result *result = run((unsigned)_i);
    ck_assert_str_eq(told(result), "");
    ck_assert_int_eq(result->differences, 0);
    ck_assert_int_eq(result->rows, 2800);
    ck_assert_int_eq(result->arms_checked, 2800);
    ck_assert_uint_eq(result->stratum_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct verify_stratum *stratum = &result->strata[i];
        ck_assert_str_eq(stratum->key, ledger_strata[i]);
        ck_assert_int_eq(stratum->rows, 700);
        ck_assert_int_eq(stratum->arms[0] + stratum->arms[1] + stratum->arms[2], 700);
    }
}
END_TEST

START_TEST(damage_is_found_alike_by_any_number_of_parts)
{
    ledger_write(&ledger, protocol, 120);
    char *at = strstr(ledger.bytes, ",W00200,workplace,") + strlen(",W00200,workplace,");
    const char *was = *at == 'c' ? "control" : *at == 'u' ? "updated" : "existing";
    memcpy(at, "CONTROL", 7); /* each name has seven letters or more */
    memcpy(strstr(ledger.bytes, "W00400"), "W00007", 6);
    const char *alone = told(run(1));
    char *expected = arena_printf(arena,
        "line 201, %s, position 80: the ledger has arm CONTROL%s, the seed gives %s\n"
        "line 401, %s, position 40: W00007 is allocated in the scheme already, on line 8\n",
        ledger_strata[1], was[7] == 'g' ? "g" : "", was, ledger_strata[3]);
    ck_assert_str_eq(alone, expected);
    ck_assert_str_eq(told(run((unsigned)_i)), expected);
    ck_assert_int_eq(verify_result(parts[0])->differences, 2);
    ck_assert_int_eq(verify_result(parts[0])->arms_wrong, 1);
}
END_TEST

START_TEST(the_earliest_findings_are_kept_and_the_others_counted)
{
    ledger_write(&ledger, protocol, 300);
    for (char *at = ledger.bytes; (at = strstr(at, ",workplace,")) != NULL; at++)
        memcpy(at, ",warehouse,", 11);
    const struct verify_result *result = run((unsigned)_i);
    ck_assert_int_eq(result->differences, 1200);
    ck_assert_uint_eq(result->finding_count, VERIFY_KEPT);
    for (size_t i = 0; i < VERIFY_KEPT; i++)
        ck_assert_uint_eq(result->findings[i].line, i + 2);
    ck_assert_str_eq(verify_finding_text(arena, &result->findings[0]),
        "line 2, sector=private|size=10-49, position 1: the unit is a warehouse, the scheme "
        "allocates workplaces");
}
END_TEST

START_TEST(behind_a_gap_the_seed_is_followed_unless_the_gap_is_longer_than_any_trial)
{
    ledger_header(&ledger);
    struct verify_plan plan = plan_of(0, 1);
    struct allocate_result result;
    struct error error;
    const int64_t positions[] = {900, 1000000000};
    for (size_t i = 0; i < 2; i++) {
        if (i == 0)
            ck_assert(allocate_arm(plan.scheme, plan.seed, "work-together/rct", ledger_strata[0],
                positions[i], NULL, &result, &error));
        ledger_row(&ledger, ledger_strata[0], positions[i], i == 0 ? "W1" : "W2",
            protocol->arms[result.arm].id,
            arena_printf(arena, "{\"\"counts\"\":[%lld,%lld,%lld]}", (long long)result.counts[0],
                (long long)result.counts[1], (long long)result.counts[2]));
    }
    ck_assert_str_eq(told(run(1)),
        "line 2, sector=private|size=10-49, position 900: position 1 is missing before it\n"
        "line 3, sector=private|size=10-49, position 1000000000: position 901 is missing before "
        "it\n");
    ck_assert_int_eq(verify_result(parts[0])->arms_checked, 1);
}
END_TEST

START_TEST(a_scheme_that_cannot_be_run_is_refused)
{
    struct error error = ERROR_CLEAR;
    struct protocol_scheme broken = *protocol_scheme_by_name(protocol, "rct");
    struct verify_plan plan = plan_of(0, 1);
    broken.design.block_count = 0;
    plan.scheme = &broken;
    ck_assert_ptr_null(verify_new(&plan, &error));
    ck_assert_int_eq(error.code, ERROR_CONFIG);
}
END_TEST

START_TEST(every_fault_has_a_name)
{
    for (enum verify_fault fault = 0; fault < VERIFY_FAULT_COUNT; fault++) {
        struct verify_finding finding = {.fault = fault, .stratum = "", .line = 3, .position = 4};
        ck_assert_uint_gt(strlen(verify_fault_name(fault)), 0);
        const char *text = verify_finding_text(arena, &finding);
        ck_assert_msg(text_starts(text, "line 3, position 4: ") && strlen(text) > 30, "%s", text);
    }
}
END_TEST

static Suite *
verify_suite(void)
{
    Suite *suite = suite_create("verify");
    TCase *proving = tcase_create("proving");
    tcase_add_checked_fixture(proving, start, end);
    tcase_add_loop_test(proving, a_right_ledger_is_right_for_any_number_of_parts, 1, PARTS_MAX + 1);
    tcase_add_loop_test(proving, damage_is_found_alike_by_any_number_of_parts, 1, PARTS_MAX + 1);
    tcase_add_loop_test(
        proving, the_earliest_findings_are_kept_and_the_others_counted, 1, PARTS_MAX + 1);
    tcase_add_test(
        proving, behind_a_gap_the_seed_is_followed_unless_the_gap_is_longer_than_any_trial);
    tcase_add_test(proving, a_scheme_that_cannot_be_run_is_refused);
    tcase_add_test(proving, every_fault_has_a_name);
    suite_add_tcase(suite, proving);
    return suite;
}

TEST_MAIN(verify_suite)
