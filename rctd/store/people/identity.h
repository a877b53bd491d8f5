/*
 * identity.h: who participants are: entered at registration or later, corrected, and read for a
 * purpose, which leaves a row of its own. Values are in the vault and nowhere else.
 */
#ifndef RCTD_STORE_IDENTITY_H
#define RCTD_STORE_IDENTITY_H

#include "base/compiler.h"
#include "base/fault.h"
#include "store/vault/vault.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * Checks an entered identity, an object of texts (NULL: none), against the protocol; adds faults
 * below `pointer`, without the values. `today` is the day of the trial's clock, YYYY-MM-DD. Values
 * live in the arena. `cleared` gets a bit per enum person_field for each null; NULL: nulls are
 * faults, and so is a number that is missing where the protocol requires it.
 */
void identity_check(struct arena *arena, const struct protocol *protocol, json_t *entered,
    const char *today, const char *pointer, struct faults *faults, struct vault_person *person,
    unsigned *cleared);

/*
 * Adds what is given to what is there and takes away what is cleared; the unit's row is locked by
 * the caller. `revision` counts the changes from 1. ERROR_REFUSED where the number is registered
 * already, in words that say nothing about it.
 */
bool identity_change(struct tx *tx, struct session *session, struct uuid trial_id,
    struct uuid unit_id, const struct vault_person *given, unsigned cleared,
    int *revision) MUST_CHECK;

/* One reading. Either account_id or endpoint_id is nil. */
struct identity_reading {
    struct uuid trial_id;
    struct uuid unit_id;
    enum purpose purpose;
    unsigned fields; /* bit per enum person_field: of those that the purpose needs */
    struct uuid account_id;
    struct uuid endpoint_id;
    struct uuid reminder_id; /* what the endpoint is sent; else nil */
    const char *reason;      /* a word of reading_reasons */
    const char *reference;   /* where the matter is filed (rctd.reference), or NULL */
};

/* The constraint at which a reading without consent fails. */
#define IDENTITY_REFUSED "reading_consent"

/* As identity_read(), but that nothing is kept of the participant is no error: `*found` says so,
 * and no reading is recorded. */
bool identity_look(struct tx *tx, struct session *session, const struct identity_reading *reading,
    struct uuid *reading_id, struct vault_person *person, bool *found) MUST_CHECK;

/*
 * Records the reading and then opens the identity; what was not asked for is NULL. ERROR_NOT_FOUND
 * where nothing is kept of the participant, ERROR_REFUSED where the consent that the purpose needs
 * is not there.
 */
bool identity_read(struct tx *tx, struct session *session, const struct identity_reading *reading,
    struct uuid *reading_id, struct vault_person *person) MUST_CHECK;

/* The names of the fields as a JSON array; the caller owns the reference. */
json_t *identity_field_names(unsigned fields);

#endif
