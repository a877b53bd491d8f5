/*
 * workplace.h: workplaces: reading one with all that decides about it, registering many, and what
 * is recorded about them. Writers lock the unit's row first, so that changes of one workplace
 * follow one another.
 */
#ifndef RCTD_STORE_WORKPLACE_H
#define RCTD_STORE_WORKPLACE_H

#include "base/compiler.h"
#include "base/csv.h"
#include "base/fault.h"
#include "db/statement.h"
#include "store/people/enrol.h"
#include "store/session.h"
#include "trial/readiness.h"

#include <stdbool.h>

/* A workplace as stored, and the same as the rules of trial/ take it. Lives in the tx's arena. */
struct workplace {
    struct sql_workplace_get_row row;
    struct readiness_unit unit;
};

/*
 * The workplace of that code within `scope` (see sql/query/unit.sql). ERROR_NOT_FOUND, also outside
 * the scope. With `lock` its row is locked before it is read.
 */
bool workplace_read(struct tx *tx, struct uuid trial_id, const char *scope, const char *code,
    bool lock, struct workplace *workplace) MUST_CHECK;

/* What the rules take from a row of a list. */
void workplace_unit(
    struct arena *arena, const struct sql_workplace_get_row *row, struct readiness_unit *unit);

/*
 * Checks every row of a table against the protocol, the caller's scope and what is registered, then
 * registers all or none. ERROR_FIELDS with `faults` (line and column). With dry_run nothing is
 * registered.
 */
bool workplace_import_rows(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    const char *scope, const struct csv *csv, bool dry_run, struct faults *faults,
    struct enrol_imported *imported) MUST_CHECK;

/* Locks the roster, with the list of who is registered there today. ERROR_REFUSED when it is locked
 * or the workplace is past it, and when the head count is less than the list. */
bool workplace_lock_roster(struct tx *tx, struct uuid trial_id, const struct workplace *workplace,
    int head_count) MUST_CHECK;

#endif
