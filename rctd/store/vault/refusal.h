/*
 * refusal.h: refusals to enrol somebody whose number is registered in the trial. Each tells the one
 * who asked that the person takes part: it is written down before it is told, counted, and told so
 * often within an hour and no more.
 */
#ifndef RCTD_STORE_REFUSAL_H
#define RCTD_STORE_REFUSAL_H

#include "base/compiler.h"
#include "db/statement.h"

#include <stdbool.h>
#include <stddef.h>

/* People of whom an account is told within an hour. */
#define REFUSALS_PER_HOUR 30

/* May the account that acts still have numbers looked up? ERROR_RATE_LIMITED where it may not,
 * whatever the number, so that this tells nothing either. */
bool refusal_open(struct tx *tx, struct uuid trial_id) MUST_CHECK;

/* Did the transaction fail because of a number that is registered, and by nothing else? */
bool refusal_is(const struct error *error);

/* Writes down that `met` people were met, in a transaction of its own behind the one that failed;
 * `*told`: whether the answer may say which. */
bool refusal_note(
    struct tx *tx, struct uuid trial_id, const char *action, size_t met, bool *told) MUST_CHECK;

#endif
