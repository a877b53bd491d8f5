/*
 * screening.h: the screening log: who was assessed for the trial, workplace by workplace and person
 * by person, and why others are not in it (CONSORT 2025, enrolment). The database keeps each
 * entry's events and refuses a step back without a reason.
 */
#ifndef RCTD_STORE_SCREENING_H
#define RCTD_STORE_SCREENING_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/statement.h"
#include "store/people/unit.h"

#include <stdbool.h>

/* What somebody wants written down: of a registered unit (`code`), of an earlier entry (`number`),
 * or of somebody who is not registered. */
struct screening_wish {
    enum protocol_unit kind;
    const char *code;      /* NULL: not registered */
    int number;            /* 0: none */
    const char *workplace; /* of people who are not registered; or NULL */
    const char *phase;     /* or NULL */
    long long people;      /* 1, or a count of people who all stand alike */
    const char *state;
    const char *reason;        /* or NULL */
    const char *correction;    /* why a step back is right; or NULL */
    const char *on;            /* YYYY-MM-DD; NULL: today */
    const char *registered_as; /* the code of whom an anonymous entry turned out to be; or NULL */
    const char *source;        /* hand, import */
};

/* Where faults of a wish are: the pointer is prefix and field, such as "/state"; a line of a file.
 */
struct screening_place {
    struct faults *faults;
    const char *prefix;
    unsigned line; /* 0: no file */
};

/* A wish that was held against the protocol and the register. */
struct screening_ready {
    struct opt_uuid unit_id, workplace_id, linked_id;
};

/* Checks a wish; what is wrong is added to the place's faults, and the answer is true all the same.
 * False: the transaction has failed. */
bool screening_check(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    const char *scope, const struct screening_wish *wish, const struct screening_place *place,
    struct screening_ready *ready) MUST_CHECK;

/* Writes a wish without faults down. ERROR_REFUSED for a step that is not one. */
bool screening_write(struct tx *tx, struct uuid trial_id, const struct screening_wish *wish,
    const struct screening_ready *ready, struct uuid *entry_id) MUST_CHECK;

/* The first rule of eligibility that is known not to hold; NULL where none is. */
const char *screening_failed_rule(struct arena *arena, const struct protocol_subject *subject,
    const struct protocol_values *values, const struct protocol_answers *answers);

/* Notes that a registered unit does not meet a rule of eligibility, where that is known and the
 * unit is not excluded already; or takes such a note back, where the answers say otherwise now. The
 * unit as it was read after the answers. */
bool screening_note_eligibility(struct tx *tx, const struct protocol *protocol,
    struct uuid trial_id, const struct unit *unit) MUST_CHECK;

#endif
