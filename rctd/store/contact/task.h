/*
 * task.h: planned contacts of a unit and their reminders: made in the transaction that anchors
 * them, stopped in the transaction that withdraws the unit, missed when their window is over.
 */
#ifndef RCTD_STORE_TASK_H
#define RCTD_STORE_TASK_H

#include "base/bits.h"
#include "base/compiler.h"
#include "db/transaction.h"
#include "store/session.h"
#include "trial/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An allocation that tasks follow from. */
struct task_allocation {
    struct uuid trial_id;
    int version;           /* the locked version that the protocol is */
    const char *time_zone; /* the trial's */
    size_t phase;
    struct uuid unit_id;
    enum protocol_unit kind; /* of the unit */
    size_t arm;
};

/*
 * Plans everything that an allocation starts: a row for each occurrence of each task of the
 * protocol that is for this phase and arm, and a reminder for each whose kind has a ladder that
 * begins with a message. A workplace's allocation plans its own tasks, and those of participants
 * (`unit: participant`) for everybody who is in its cluster and still employed. Tasks anchored at
 * allocation count from today, those anchored at phase start from the day on which the phase was
 * opened; both in the trial's time zone. One statement; the transaction's role is rctd_app.
 *
 * A task that not every arm of the phase has, or of another phase that a unit of this one can be
 * in, is marked arm_specific: blinded roles never see its row. A reminder is due at the start of
 * working hours on the first working day of its window that is in no paused week and not over; none
 * is made where the window has no such day.
 */
bool task_plan_allocation(struct tx *tx, const struct protocol *protocol,
    const struct task_allocation *allocation) MUST_CHECK;

/*
 * Plans for participants who have come to workplaces that are allocated: `units` is a JSON array of
 * their ids, who hold an employment already. They get what their cluster's participants have,
 * counted from its allocation and by the protocol version of that; windows that are over are left
 * out, and what is planned already stays. Ends what session_protocol() gave before.
 */
bool task_plan_arrivals(
    struct tx *tx, struct session *session, struct uuid trial_id, const char *units) MUST_CHECK;

/*
 * Stops what is planned for a unit: open tasks and unsent reminders become `cancelled`. Takes the
 * unit's lock, which the dispatcher needs to send: once this transaction is committed nothing is
 * sent but what had been handed to the network before.
 */
bool task_cancel_unit(struct tx *tx, struct uuid trial_id, struct uuid unit_id) MUST_CHECK;

/*
 * Tasks whose windows are over and that nobody holds become `missed`: some of each trial. `*more`:
 * there may be others left. For housekeeping; units that are held at this moment are passed over.
 */
bool task_miss(struct tx *tx, int64_t *missed, bool *more) MUST_CHECK;

#endif
