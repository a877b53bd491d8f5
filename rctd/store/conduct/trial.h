/*
 * trial.h: trials and their phases.
 */
#ifndef RCTD_STORE_TRIAL_H
#define RCTD_STORE_TRIAL_H

#include "base/compiler.h"
#include "db/statement.h"

#include <stdbool.h>

/* ERROR_CONFLICT when the name is taken. organisation may be NULL. */
bool trial_create(struct tx *tx, struct uuid trial_id, const char *name, const char *title,
    const char *organisation) MUST_CHECK;

/* Moves a phase to "open" or "closed". ERROR_NOT_FOUND, ERROR_REFUSED where it is not in the state
 * before. */
bool phase_move(
    struct tx *tx, struct uuid trial_id, const char *phase, const char *state) MUST_CHECK;

#endif
