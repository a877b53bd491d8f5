/*
 * unit.h: what a trial allocates, workplace or participant: its card, with all that decides about
 * it. Writers lock the unit's row first, so that changes of one unit follow one another.
 */
#ifndef RCTD_STORE_UNIT_H
#define RCTD_STORE_UNIT_H

#include "base/compiler.h"
#include "db/statement.h"
#include "trial/readiness.h"

#include <stdbool.h>

/* A unit as stored, and the same as the rules of trial/ take it. Lives in the tx's arena. */
struct unit {
    struct sql_unit_get_row row; /* `name` of workplaces only */
    enum protocol_unit kind;
    struct readiness_unit facts;
};

/*
 * The unit of that kind and code within `scope` (see sql/query/unit.sql). ERROR_NOT_FOUND, also
 * outside the scope. With `lock` its row is locked before it is read.
 */
bool unit_read(struct tx *tx, struct uuid trial_id, const char *scope, enum protocol_unit kind,
    const char *code, bool lock, struct unit *unit) MUST_CHECK;

/* What the database keeps of a unit. Texts may not be NULL. */
struct unit_stored {
    enum protocol_unit kind;
    const char *state;
    const char *attributes; /* JSON: name to text */
    const char *answers;    /* JSON: question to true or false */
    const char *consents;   /* JSON: form to {version, decision, scopes} of its latest event */
    bool roster_locked;
    int year; /* of the trial's clock, which ages are counted in */
};

/* The same as the rules take it. */
void unit_facts(
    struct arena *arena, const struct unit_stored *stored, struct readiness_unit *facts);

/* Stored attributes (JSON) as the rules take them; with the age in `year` where a year of birth is
 * among them. */
void unit_values(struct arena *arena, const char *json, int year, struct protocol_values *values);

#endif
