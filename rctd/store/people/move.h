/*
 * move.h: a participant who goes to another workplace. The cluster that they are analysed in, and
 * so the arm, stays (rctd.cluster_member), and with it what is planned for them. Who was in no
 * cluster, and comes into one that is allocated, gets what its people have (store/contact/task.h).
 */
#ifndef RCTD_STORE_MOVE_H
#define RCTD_STORE_MOVE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "store/people/unit.h"
#include "store/session.h"

#include <stdbool.h>

struct move {
    const char *workplace; /* code */
    const char *from;      /* YYYY-MM-DD: the first day there; NULL: today */
};

/*
 * Ends the employment that goes on, on the day before, and begins the next, for a participant whose
 * row is locked. From the first day of that employment it is no move: they were registered in the
 * wrong workplace, and the employment is put right, on the day of the registration and while no
 * cluster and no allocation rests on it (rctd.correction_objection). ERROR_FIELDS with `faults`,
 * named by field.
 */
bool move_participant(struct tx *tx, struct session *session, struct uuid trial_id,
    const char *scope, const struct unit *participant, const struct move *move,
    struct faults *faults) MUST_CHECK;

#endif
