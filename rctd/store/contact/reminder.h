/*
 * reminder.h: reminders as people see them and as the dispatcher sends them: leases of shards, what
 * is due, the check at the moment of sending, and the ledgers of attempts and results. Rows live in
 * the transaction's arena.
 */
#ifndef RCTD_STORE_REMINDER_H
#define RCTD_STORE_REMINDER_H

#include "base/compiler.h"
#include "db/statement.h"
#include "trial/protocol.h"

#include <stdbool.h>

#define REMINDER_SHARDS 256

/* Makes a dead letter due now, with all retries before it. ERROR_NOT_FOUND; ERROR_REFUSED when it
 * is not dead, its unit has withdrawn, or rctd.may() objects to it. `scope` is the caller's
 * (store's lists take the same). */
bool reminder_send_again(
    struct tx *tx, struct uuid trial_id, const char *scope, struct uuid reminder_id) MUST_CHECK;

/*
 * Takes every free shard and renews those held, for 15 seconds by the database's clock. `fences`
 * gets a number for each shard held, 0 for others; `*held` how many.
 */
bool lease_take(
    struct tx *tx, struct uuid holder, int64_t fences[REMINDER_SHARDS], int *held) MUST_CHECK;
bool lease_release(struct tx *tx, struct uuid holder) MUST_CHECK;

/* Has this holder the first shard? One daemon has. */
bool lease_has_first(struct tx *tx, struct uuid holder, bool *has) MUST_CHECK;

bool dispatch_trials(struct tx *tx, struct sql_dispatch_trials_rows *trials) MUST_CHECK;

/* What is due. JSON objects: `shards` has those that are looked at as keys, NULL for all; `paused`
 * and `busy` have ids of endpoints and reminders. */
bool reminder_due(struct tx *tx, struct uuid trial_id, const char *shards, const char *paused,
    const char *busy, int most, struct sql_reminder_due_rows *due) MUST_CHECK;

/*
 * Holds the units of these reminders until the transaction ends, so that nobody withdraws them
 * meanwhile, and then reads everything that decides on each. A reminder that is not among the rows
 * is no longer this holder's to send. With `ask` each has what rctd.may() objects to: what is due
 * is seldom objected to, since whatever takes a permission back cancels, and the hand-over asks
 * anyway; so that it is asked here only after a hand-over was refused.
 */
bool reminder_check(struct tx *tx, struct uuid trial_id, struct uuid holder,
    const struct sql_reminder_due_rows *due, bool ask,
    struct sql_reminder_check_rows *checked) MUST_CHECK;

/* Why it must not be sent, in words for the trail: the unit has withdrawn, a consent that the
 * protocol needs no longer holds, the person has stopped it, the task is done or its window has
 * closed. With `*waits` the yes may still come. NULL: send it. */
const char *reminder_objection(struct arena *arena, const struct protocol *protocol,
    const struct sql_reminder_check_row *row, bool *waits);

/* Looks at it again later. */
bool reminder_wait(struct tx *tx, struct uuid trial_id, struct uuid reminder_id) MUST_CHECK;

/* Stops one that must not be sent any more; the trail keeps the reason. */
bool reminder_cancel(
    struct tx *tx, struct uuid trial_id, struct uuid reminder_id, const char *reason) MUST_CHECK;

/* The mark in the ledger: a JSON array of {reminder_id, attempt, endpoint_id}. Where rctd.may()
 * objects to one of them the transaction fails at REMINDER_REFUSED. */
#define REMINDER_REFUSED "reminder_allowed"
bool reminder_hand_over(struct tx *tx, struct uuid trial_id, const char *attempts) MUST_CHECK;

/* Results of attempts: a JSON array (sql/query/reminder.sql, reminder_record). Doing it twice
 * changes nothing. */
bool reminder_record(
    struct tx *tx, struct uuid trial_id, struct uuid holder, const char *results) MUST_CHECK;

/* Due reminders that have no endpoint to go to. */
bool reminder_stranded(struct tx *tx, struct uuid trial_id, int64_t *stranded) MUST_CHECK;

/* The receiver of an endpoint said that it is gone for good. */
bool endpoint_gone(struct tx *tx, struct uuid trial_id, struct uuid endpoint_id) MUST_CHECK;

#endif
