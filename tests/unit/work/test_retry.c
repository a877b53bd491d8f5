/*
 * test_retry.c: what follows from a receiver's answer, and how fast an endpoint is sent to.
 */
#include "work/retry.h"

#include "tests/unit/check_main.h"
#include "work/lane.h"

#define SECOND INT64_C(1000000)

static struct retry_verdict
answer(int status, int64_t retry_after, int failures)
{
    return retry_judge(
        &(struct retry_answer){.status = status, .retry_after = retry_after}, failures, 0);
}

START_TEST(test_a_reminder_is_tried_ten_times_over_three_days_and_then_given_up)
{
    static const int waits[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
    for (int failures = 0; failures < 9; failures++) {
        struct retry_verdict verdict = answer(500, 0, failures);
        ck_assert_int_eq(verdict.outcome, RETRY_LATER);
        ck_assert_double_eq(verdict.wait, waits[failures]);
        struct retry_verdict late =
            retry_judge(&(struct retry_answer){.status = 500}, failures, 0.999);
        ck_assert_double_gt(late.wait, waits[failures]);
        ck_assert_double_lt(late.wait, waits[failures] * 1.2);
    }
    ck_assert_int_eq(answer(500, 0, 9).outcome, RETRY_DEAD);
    ck_assert_int_eq(answer(500, 0, 50).outcome, RETRY_DEAD);
    ck_assert_int_eq(answer(204, 0, 9).outcome, RETRY_DELIVERED);
}
END_TEST

START_TEST(test_only_2xx_is_a_success)
{
    static const int failed[] = {
        0, 100, 199, 300, 301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503};
    static const int delivered[] = {200, 201, 202, 204, 299};
    for (size_t i = 0; i < COUNT_OF(failed); i++)
        ck_assert_msg(answer(failed[i], 0, 0).outcome == RETRY_LATER, "%d", failed[i]);
    for (size_t i = 0; i < COUNT_OF(delivered); i++)
        ck_assert_msg(answer(delivered[i], 0, 0).outcome == RETRY_DELIVERED, "%d", delivered[i]);
}
END_TEST

START_TEST(test_a_receiver_that_is_gone_or_overloaded_is_told_from_one_that_errs)
{
    ck_assert(answer(410, 0, 0).gone && !answer(410, 0, 0).slow_down);
    ck_assert(
        answer(429, 0, 0).slow_down && answer(502, 0, 0).slow_down && answer(504, 0, 0).slow_down);
    ck_assert(answer(0, 0, 0).slow_down);
    ck_assert(
        !answer(500, 0, 0).slow_down && !answer(400, 0, 0).slow_down && !answer(404, 0, 0).gone);
}
END_TEST

START_TEST(test_a_receiver_gets_the_time_it_asks_for_up_to_a_day)
{
    ck_assert_double_eq(answer(503, 3600, 0).wait, 3600);
    ck_assert_double_eq(answer(503, 3, 0).wait, 5);
    ck_assert_double_eq(answer(503, 1000000, 0).wait, 86400);
}
END_TEST

static struct lanes lanes;
static struct lane *lane;
static struct arena *arena;

static void
make_lane(void)
{
    arena = arena_new();
    lanes_init(&lanes, arena, 3);
    lane = lane_of(&lanes, uuid_new(), 0);
    ck_assert_ptr_eq(lane, lane_of(&lanes, lane->endpoint_id, 0));
}

static void
free_lane(void)
{
    arena_free(arena);
}

START_TEST(test_an_endpoint_gets_no_more_than_its_rate)
{
    for (int i = 0; i < 3; i++)
        ck_assert(lane_enter(&lanes, lane, 0));
    ck_assert(!lane_enter(&lanes, lane, 0));
    ck_assert(lane_enter(&lanes, lane, SECOND / 2));
    ck_assert(!lane_enter(&lanes, lane, SECOND / 2));
    for (int i = 0; i < 3; i++)
        ck_assert(lane_enter(&lanes, lane, 100 * SECOND));
    ck_assert(!lane_enter(&lanes, lane, 100 * SECOND));
}
END_TEST

START_TEST(test_trouble_pauses_an_endpoint_longer_and_longer_and_one_message_tries_again)
{
    int64_t now = 0;
    size_t closed;
    static const int pauses[] = {1, 2, 4, 8, 16, 32, 60, 60};
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        ck_assert(lane_enter(&lanes, lane, now));
        ck_assert(i == 0 || !lane_enter(&lanes, lane, now));
        lane_leave(lane, now, true, 0);
        ck_assert(!lane_enter(&lanes, lane, now + pauses[i] * SECOND - 1));
        lanes_closed(&lanes, arena, now, &closed);
        ck_assert_uint_eq(closed, 1);
        now += pauses[i] * SECOND;
    }
    ck_assert(lane_enter(&lanes, lane, now));
    lane_leave(lane, now, false, 0);
    ck_assert(lane_enter(&lanes, lane, now) && lane_enter(&lanes, lane, now));
}
END_TEST

START_TEST(test_messages_that_failed_together_are_one_trouble)
{
    ck_assert(
        lane_enter(&lanes, lane, 0) && lane_enter(&lanes, lane, 0) && lane_enter(&lanes, lane, 0));
    for (int i = 0; i < 3; i++)
        lane_leave(lane, 0, true, 0);
    ck_assert(lane_enter(&lanes, lane, SECOND));
}
END_TEST

START_TEST(test_an_endpoint_pauses_as_long_as_it_asked)
{
    ck_assert(lane_enter(&lanes, lane, 0));
    lane_leave(lane, 0, true, 3600);
    ck_assert(!lane_enter(&lanes, lane, 3599 * SECOND));
    ck_assert(lane_enter(&lanes, lane, 3600 * SECOND));
}
END_TEST

static Suite *
suite(void)
{
    Suite *made = suite_create("retry");
    TCase *answers = tcase_create("answers");
    TCase *speed = tcase_create("lanes");
    tcase_add_test(answers, test_a_reminder_is_tried_ten_times_over_three_days_and_then_given_up);
    tcase_add_test(answers, test_only_2xx_is_a_success);
    tcase_add_test(answers, test_a_receiver_that_is_gone_or_overloaded_is_told_from_one_that_errs);
    tcase_add_test(answers, test_a_receiver_gets_the_time_it_asks_for_up_to_a_day);
    tcase_add_checked_fixture(speed, make_lane, free_lane);
    tcase_add_test(speed, test_an_endpoint_gets_no_more_than_its_rate);
    tcase_add_test(
        speed, test_trouble_pauses_an_endpoint_longer_and_longer_and_one_message_tries_again);
    tcase_add_test(speed, test_messages_that_failed_together_are_one_trouble);
    tcase_add_test(speed, test_an_endpoint_pauses_as_long_as_it_asked);
    suite_add_tcase(made, answers);
    suite_add_tcase(made, speed);
    return made;
}

TEST_MAIN(suite)
