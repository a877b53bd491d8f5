/*
 * registration.h: what the files that register participants share; nobody else includes it.
 */
#ifndef RCTD_STORE_REGISTRATION_H
#define RCTD_STORE_REGISTRATION_H

#include "store/people/enrol.h"
#include "store/people/participant.h"
#include "store/vault/vault.h"

struct registration {
    struct enrol enrol;
    const struct participant_desk *desk;
    const char *today;                          /* in the trial's time zone */
    const struct sql_employers_row **employers; /* per row; NULL: in no workplace */
};

/* An array of texts as JSON, in the arena. */
const char *registration_list(struct arena *arena, const char *const *items, size_t count);

/* False with the transaction failed. The caller frees `enrol` either way. */
bool registration_begin(struct registration *registration, struct tx *tx,
    const struct participant_desk *desk, struct faults *faults) MUST_CHECK;

/* Adds a fault for each row that names no workplace of the caller's, or a day that cannot be. False
 * with the transaction failed. */
bool registration_check_places(struct registration *registration) MUST_CHECK;

/* So many codes that no participant of the trial has, in no order; NULL with the transaction
 * failed.
 */
const char **registration_codes(struct registration *registration, size_t count) MUST_CHECK;

/* Writes those of the new participants into the screening log who do not meet a rule that needs no
 * answer: excluded by it. `ids`: one for each row. */
bool registration_screen(struct registration *registration, const char *const *ids) MUST_CHECK;

/*
 * Stores every row, with who it is where that was given: `persons` is as long as the rows. Gives
 * the new codes, one for each row; NULL when the transaction has failed: ERROR_REFUSED where a
 * number is registered already.
 */
const char **registration_insert(
    struct registration *registration, const struct vault_person *persons) MUST_CHECK;

#endif
