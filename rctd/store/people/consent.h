/*
 * consent.h: the consent ledger: events that are added and never changed: employers' agreements
 * and participants' consents.
 */
#ifndef RCTD_STORE_CONSENT_H
#define RCTD_STORE_CONSENT_H

#include "base/compiler.h"
#include "store/people/unit.h"

#include <stdbool.h>

struct consent_event {
    const char *form;
    unsigned version;
    const char *language;
    bool given;         /* false: withdrawn */
    const char *scopes; /* JSON: scope to true or false */
    struct opt_int64 shown_at;
    int64_t decided_at;
    const char *decided_on; /* the day, where its time was not told: then the database says from
                               when on it counts, and decided_at is not looked at; or NULL */
    const char *decided_by;
    const char *how;
    struct bytes text_sha256; /* of the text that was read, where the caller says so: it must be
                                 that of the stored text */
    int protocol_version;     /* the one in force when it was recorded */
    struct uuid recorded_by;
};

/* What came of an event at once. */
struct consent_effect {
    bool withdrawn;      /* the unit is out of the trial by it */
    bool was_out;        /* it was out before, or a participant's workplace is: nothing follows */
    long long tasks;     /* of the unit's own, that were cancelled by it */
    long long reminders; /* likewise */
};

/*
 * Adds an event for a unit whose row is locked. Where an allocated unit says no to a consent that
 * allocation needed, it is withdrawn in the same transaction, with its tasks and reminders.
 */
bool consent_add(struct tx *tx, struct uuid trial_id, const struct unit *unit,
    const struct consent_event *event, struct uuid *consent_id,
    struct consent_effect *effect) MUST_CHECK;

#endif
