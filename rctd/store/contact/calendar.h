/*
 * calendar.h: when people may be met or called by a locked protocol version, in the database, which
 * asks it of each appointment.
 */
#ifndef RCTD_STORE_CALENDAR_H
#define RCTD_STORE_CALENDAR_H

#include "base/compiler.h"
#include "db/transaction.h"
#include "trial/protocol.h"

#include <stdbool.h>

/* Stores the calendar of a version that is locked, with the holidays of its list as rctd knows them
 * now. The transaction's role is rctd_manager. */
bool calendar_store(
    struct tx *tx, struct uuid trial_id, int version, const struct protocol *protocol) MUST_CHECK;

#endif
