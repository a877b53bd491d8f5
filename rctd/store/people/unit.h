/*
 * unit.h: what a trial allocates, workplace or participant: its card, with all that decides about
 * it. Writers lock the unit's row first, so that changes of one unit follow one another.
 */
#ifndef RCTD_STORE_UNIT_H
#define RCTD_STORE_UNIT_H

#include "base/compiler.h"
#include "db/statement.h"
#include "trial/readiness.h"

#include <jansson.h>
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

/* A code as it is stored: a participant's may be typed in lower case, with spaces and hyphens. In
 * the arena, or `code` itself. */
const char *unit_code(struct arena *arena, enum protocol_unit kind, const char *code);

/* What the database keeps of a unit. Texts but ended and employer_out may not
 * be NULL. */
struct unit_stored {
    enum protocol_unit kind;
    const char *state;
    const char *attributes; /* JSON: name to text */
    const char *answers;    /* JSON: question to true or false */
    const char *consents;   /* JSON: form to {version, decision, scopes} of its latest event */
    bool roster_locked;
    const char *ended;        /* see struct readiness_unit */
    const char *employer_out; /* likewise */
    const char *stops;        /* JSON: the names of those in force; NULL for none */
    int year;                 /* of the trial's clock, which ages are counted in */
};

/* The same as the rules take it. */
void unit_facts(
    struct arena *arena, const struct unit_stored *stored, struct readiness_unit *facts);

/* Stored attributes (JSON) as the rules take them; with the age in `year` where a year of birth is
 * among them. */
void unit_values(struct arena *arena, const char *json, int year, struct protocol_values *values);

/* The same of JSON that is read already: an object of texts. */
void unit_values_of(struct arena *arena, json_t *object, int year, struct protocol_values *values);

/* An answer to an eligibility question. answered_by may be NULL. */
struct unit_answer {
    const char *question;
    bool answer;
    const char *answered_by;
};

bool unit_add_answers(struct tx *tx, struct uuid trial_id, struct uuid unit_id,
    int protocol_version, struct uuid recorded_by, const struct unit_answer *answers,
    size_t count) MUST_CHECK;

/* Takes the unit out: state withdrawn, planned tasks and reminders cancelled with it. */
bool unit_withdraw(struct tx *tx, struct uuid trial_id, struct uuid unit_id) MUST_CHECK;

/*
 * What the protocol's flags say of a unit: JSON in the arena, an array of {flag, raised (true,
 * false or null where it cannot be decided), rule}; NULL where the protocol has no flags for its
 * kind.
 */
const char *unit_flags(
    struct arena *arena, const struct protocol *protocol, const struct readiness_unit *facts);

/* Freezes them for good, before the unit's first allocation, in its transaction. */
bool unit_freeze_flags(struct tx *tx, const struct protocol *protocol, int version,
    struct uuid trial_id, const struct unit *unit) MUST_CHECK;

#endif
