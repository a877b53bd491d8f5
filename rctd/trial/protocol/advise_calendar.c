/*
 * advise_calendar.c: a list of holidays that ends before the follow-up: who is booked in the years
 * after it is booked on holidays too, and nothing says so.
 */
#include "trial/calendar.h"
#include "trial/protocol/advise.h"

/* Days after allocation on which the last task's window closes. */
static long long
last_day(const struct protocol *protocol)
{
    long long last = 0;
    for (size_t i = 0; i < protocol->task_count; i++) {
        const struct protocol_task *task = &protocol->tasks[i];
        long long repeats = task->times > 1 ? (task->times - 1LL) * task->every : 0;
        long long day = task->at + repeats + task->window_after;
        last = day > last ? day : last;
    }
    return last;
}

void
advise_calendar(const struct protocol *protocol, int year, struct faults *advice)
{
    const struct protocol_calendar *calendar = &protocol->calendar;
    long long until = year + (last_day(protocol) + 364) / 365;
    for (long long at = year; calendar->holidays != NULL && at <= until; at++)
        if (calendar_days_in(calendar->holidays, at) == 0) {
            faults_cite(advice, NULL, "calendar.holidays", calendar->line, calendar->column,
                "ask for a newer rctd before then, and book around the holidays yourselves",
                "the list of holidays %s has no days of %lld, and who is allocated now is followed "
                "up into %lld: people could be booked on its holidays",
                calendar->holidays, at, until);
            return;
        }
}
