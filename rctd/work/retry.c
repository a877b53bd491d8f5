/*
 * retry.c: judges answers of receivers.
 */
#include "work/retry.h"

#include "base/compiler.h"

#define MINUTE 60
#define HOUR 3600

static const int waits[] = {
    5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR};

_Static_assert(COUNT_OF(waits) == RETRY_ATTEMPTS - 1, "a wait before each retry");

static bool
is_overloaded(int status)
{
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

struct retry_verdict
retry_judge(const struct retry_answer *answer, int failures, double jitter)
{
    if (answer->status >= 200 && answer->status <= 299)
        return (struct retry_verdict){.outcome = RETRY_DELIVERED};
    struct retry_verdict verdict = {
        .outcome = failures + 1 < RETRY_ATTEMPTS ? RETRY_LATER : RETRY_DEAD,
        .slow_down = is_overloaded(answer->status),
        .gone = answer->status == 410,
    };
    if (verdict.outcome == RETRY_DEAD)
        return verdict;
    int64_t asked = answer->retry_after > RETRY_AFTER_MOST ? RETRY_AFTER_MOST : answer->retry_after;
    int least = waits[failures < 0 ? 0 : failures];
    verdict.wait = least * (1 + jitter / 5);
    if (verdict.wait < (double)asked)
        verdict.wait = (double)asked;
    return verdict;
}

const char *
retry_outcome_name(enum retry_outcome outcome)
{
    static const char *const names[] = {
        [RETRY_DELIVERED] = "delivered", [RETRY_LATER] = "retry", [RETRY_DEAD] = "dead"};
    return names[outcome];
}
