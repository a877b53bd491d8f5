/*
 * withdrawal.h: what a participant stops, part by part or altogether, and what they let go on
 * again. What follows from it the database does in the same transaction, whoever writes the row
 * (sql/migrate/0015_withdrawal.sql): tasks and reminders that may not be done any more are
 * cancelled, also those that a dispatcher has looked at and not sent.
 */
#ifndef RCTD_STORE_WITHDRAWAL_H
#define RCTD_STORE_WITHDRAWAL_H

#include "base/compiler.h"
#include "store/people/unit.h"

#include <jansson.h>
#include <stdbool.h>

/* The word for every stop but data-use, and for leaving the trial. */
#define WITHDRAWAL_EVERYTHING "everything"

struct withdrawal {
    bool resume;            /* go on again, instead of stop */
    json_t *stops;          /* names of CONSENT_STOPS; a stop may name WITHDRAWAL_EVERYTHING too */
    const char *decided_by; /* participant, representative or staff */
    const char *how;        /* paper, link or phone */
    const char *reason;     /* one word; NULL: nobody has to say */
    struct opt_int64 decided_at; /* not set: now */
    const char *decided_on;      /* the day, where its time was not told; NULL otherwise */
    struct uuid recorded_by;
};

/* What became of what was planned; of a resumption, what came back. */
struct withdrawal_effect {
    bool withdrawn; /* out of the trial altogether */
    json_t *stops;  /* those in force now; the caller owns the reference */
    int64_t tasks;  /* that were cancelled, or are planned again */
    int64_t reminders;
};

/*
 * Records it for a participant whose row is locked. ERROR_REFUSED where what is to go on was not
 * stopped, or the participant has withdrawn altogether.
 */
bool withdrawal_record(struct tx *tx, struct uuid trial_id, const struct unit *unit,
    const struct withdrawal *withdrawal, struct withdrawal_effect *effect) MUST_CHECK;

#endif
