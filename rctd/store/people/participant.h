/*
 * participant.h: participants: registered one by one or from a table, under codes that nothing
 * follows from, and listed with all that decides about them. No identity is here.
 */
#ifndef RCTD_STORE_PARTICIPANT_H
#define RCTD_STORE_PARTICIPANT_H

#include "base/compiler.h"
#include "base/csv.h"
#include "base/fault.h"
#include "db/statement.h"
#include "store/people/enrol.h"
#include "store/people/unit.h"
#include "store/session.h"
#include "trial/code.h"

#include <jansson.h>
#include <stdbool.h>

/* Who registers, under which rules. */
struct participant_desk {
    struct session *session; /* what session_protocol() gave before ends with a registration */
    const struct protocol *protocol;
    int version; /* of the protocol, the one in force */
    struct uuid trial_id;
    const char *scope; /* see sql/query/unit.sql */
    struct uuid account_id;
    size_t *refused; /* counts those of the table whose number is registered already */
};

struct participant_new {
    const char *workplace; /* code; NULL where the trial has no workplaces */
    const char *from;      /* YYYY-MM-DD: employed there since; NULL: today */
    json_t *attributes;    /* an object of texts; borrowed */
    json_t *identity;      /* who it is (store/people/identity.h); borrowed; NULL: not given */
};

/*
 * Checks against the protocol, the caller's scope and the register, and registers. ERROR_FIELDS
 * with `faults`, named by field. The new code goes to `code`.
 */
bool participant_register(struct tx *tx, const struct participant_desk *desk,
    const struct participant_new *new, struct faults *faults, char code[CODE_SIZE]) MUST_CHECK;

/* The same for a table: all rows or none. ERROR_FIELDS with `faults` (line and column): every row
 * with a fault is told where the list may hold ENROL_FAULTS_MOST. With dry_run nothing is
 * registered. */
bool participant_import_rows(struct tx *tx, const struct participant_desk *desk,
    const struct csv *csv, bool dry_run, struct faults *faults,
    struct enrol_imported *imported) MUST_CHECK;

/* What the rules of trial/ take of a row of the list. */
void participant_facts(
    struct arena *arena, const struct sql_participant_list_row *row, struct readiness_unit *facts);

#endif
