/*
 * enrol.h: what units are registered with, held against the protocol: cell by cell of a table, or
 * field by field of a request. Workplaces and participants go through the same checks.
 */
#ifndef RCTD_STORE_ENROL_H
#define RCTD_STORE_ENROL_H

#include "base/compiler.h"
#include "base/csv.h"
#include "base/fault.h"
#include "db/transaction.h"
#include "trial/person.h"
#include "trial/protocol.h"

#include <jansson.h>
#include <stdbool.h>

/* What a unit has beside identifiers and attributes: X(name in C, column's name). */
#define ENROL_OWN(X)                                                                               \
    X(NONE, "")                                                                                    \
    X(NAME, "name")           /* of a workplace; of a participant, where the protocol asks */      \
    X(WORKPLACE, "workplace") /* of a participant: the code */                                     \
    X(FROM, "from")           /* of a participant: employed there since, YYYY-MM-DD */             \
    X(SITE, "site")           /* kept among the attributes */                                      \
    X(IDENTITY, "identity")   /* of a participant: the identity number */                          \
    X(PHONE, "phone")         /* of a participant, where the protocol asks */                      \
    X(EMAIL, "email")                                                                              \
    X(ADDRESS, "address")

#define ENROL_ENUM(name, text) ENROL_##name,
enum enrol_own { ENROL_OWN(ENROL_ENUM) ENROL_OWN_COUNT };
#undef ENROL_ENUM

/* What a column means: an identifier, an attribute, or one of the above; none of them where the
 * protocol has no such name. */
struct enrol_column {
    const char *name; /* as the header has it */
    const struct protocol_identifier *identifier;
    const struct protocol_attribute *attribute;
    enum enrol_own own;
    bool required;
};

/* A unit that is to be registered. */
struct enrol_row {
    const char *own[ENROL_OWN_COUNT]; /* NULL where not given */
    json_t *identifiers;
    json_t *attributes;
    const struct csv_row *cells; /* NULL in a request */
    unsigned line;               /* of the table; 0 in a request */
    unsigned column;             /* of what the row is named by */
    bool faulty;                 /* a fault has been told of it */
};

/* Every faulty row of a table is told; of these many faults, all of a row, behind them a row's
 * first. */
#define ENROL_FAULTS_EASY 20000
#define ENROL_FAULTS_MOST (ENROL_FAULTS_EASY + CSV_ROWS_MAX)

struct enrol {
    struct tx *tx;
    struct arena *arena;
    const struct protocol *protocol;
    enum protocol_unit kind;
    const struct protocol_subject *subject;
    struct faults *faults;
    json_t *scope;         /* NULL: every county and site */
    int year;              /* of the trial's clock; set by who registers people */
    const struct csv *csv; /* NULL: a request */
    struct enrol_column *columns;
    struct enrol_row *rows;
    size_t count;
};

/* Everything lives in the tx's arena but the JSON values, which enrol_free() gives back. */
void enrol_init(struct enrol *enrol, struct tx *tx, const struct protocol *protocol,
    enum protocol_unit kind, const char *scope, struct faults *faults);
void enrol_free(struct enrol *enrol);

/* Checks a table's header and then its cells; fills `rows` from those that are as long as the
 * header. Adds faults with line and column. */
void enrol_read_table(struct enrol *enrol, const struct csv *csv);

/* Checks a request's attributes (an object of texts) into a row of its own, which is returned; adds
 * faults below "/attributes". */
struct enrol_row *enrol_read_request(struct enrol *enrol, json_t *attributes);

/* Adds a fault where the county and site of the row's attributes lie outside the caller's scope. */
void enrol_check_scope(struct enrol *enrol, struct enrol_row *row);

/* Adds a fault of a row's own column: to the header's name in a table, to the field in a request.
 */
void enrol_fault(struct enrol *enrol, struct enrol_row *row, enum enrol_own own,
    const char *message, const char *remedy);

/* The person of a participant's row; the normal forms of what was given. */
void enrol_person(const struct enrol_row *row, const char *values[PERSON_FIELD_COUNT]);

/* What came of a table. */
struct enrol_imported {
    size_t read; /* rows */
    size_t imported;
    const char *first; /* code; NULL where nothing was imported, or codes have no order */
    const char *last;
    const char **codes; /* one for each row, in the arena; NULL where they follow from the two */
};

/* False, with ERROR_FIELDS and the faults in the order of the lines, when there are any. */
bool enrol_refuse_faults(struct enrol *enrol) MUST_CHECK;

/* Do workplaces take part in the trial, so that every participant is in one? */
bool enrol_has_workplaces(const struct protocol *protocol);

#endif
