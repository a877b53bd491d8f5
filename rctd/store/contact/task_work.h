/*
 * task_work.h: who does a task, and when: claims, appointments and outcomes. The database holds
 * every rule (0014_booking.sql): one interviewer a task, appointments inside the window and the
 * working hours, consent and what an assessor may know in the same transaction. What it refuses is
 * ERROR_REFUSED with a sentence.
 */
#ifndef RCTD_STORE_TASK_WORK_H
#define RCTD_STORE_TASK_WORK_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/statement.h"

#include <jansson.h>
#include <stdbool.h>

/* Who works on which task. */
struct task_work {
    struct uuid trial_id;
    const char *scope; /* see sql/query/unit.sql */
    struct uuid account_id;
    struct sql_task_work_find_row task; /* task_work_find() fills it */
};

/* Reads the task whose id is `text`. ERROR_NOT_FOUND, also outside the scope, where nobody is met
 * for it, or where the caller's role may not see it. */
bool task_work_find(struct tx *tx, struct task_work *work, const char *text) MUST_CHECK;

bool task_work_claim(struct tx *tx, const struct task_work *work) MUST_CHECK;

/* ERROR_REFUSED where nobody has claimed it. The task's appointments end with the claim. */
bool task_work_release(struct tx *tx, const struct task_work *work) MUST_CHECK;

struct task_appointment {
    int64_t at;
    const json_t *members; /* of a group: an array of codes; else NULL */
    bool outside_hours;    /* it may be outside the protocol's calendar */
};

/*
 * An appointment of who holds the claim, with the task's unit or with the members of a group.
 * ERROR_FIELDS with `faults` where a code is no participant for the caller.
 */
bool task_work_book(struct tx *tx, const struct task_work *work,
    const struct task_appointment *appointment, struct faults *faults) MUST_CHECK;

/* Cancels the task's appointments, or the one with `member` (a code, or NULL). */
bool task_work_cancel(struct tx *tx, const struct task_work *work, const char *member) MUST_CHECK;

/* Logs an attempt ("no-answer"), or ends the task ("done", "missed"). `guess` and `revealed` of
 * tasks with a blinded assessor; else NULL and unset. */
bool task_work_end(struct tx *tx, const struct task_work *work, const char *outcome,
    const char *guess, struct opt_bool revealed) MUST_CHECK;

#endif
