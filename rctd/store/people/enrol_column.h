/*
 * enrol_column.h: what the columns of a table of units, and the names of a request, mean to the
 * protocol. For enrol.c; nobody else includes it.
 */
#ifndef RCTD_STORE_ENROL_COLUMN_H
#define RCTD_STORE_ENROL_COLUMN_H

#include "store/people/enrol.h"

/* What ENROL_OWN's columns are called. */
extern const char *const enrol_own_names[ENROL_OWN_COUNT];

/* PERSON_FIELD_COUNT where the column tells nothing of who somebody is. */
enum person_field enrol_person_field(const struct enrol *enrol, enum enrol_own own);

/* Which columns of its own a unit of this kind has, and which of them must be there. */
bool enrol_takes(const struct enrol *enrol, enum enrol_own own);
bool enrol_needs(const struct enrol *enrol, enum enrol_own own);

/* How many identifiers have columns: those of workplaces; a person's number has a column of its
 * own. */
size_t enrol_identifiers(const struct enrol *enrol);

/* Is the attribute entered, and not derived from another? */
bool enrol_is_entered(const struct protocol_attribute *attribute);

/* Does a scheme of this kind of unit stratify on the subject's attribute, or balance it? Then no
 * unit can do without. */
bool enrol_is_factor(const struct enrol *enrol, size_t attribute);

/* What a name means, whatever its case; enrol_is_known() tells whether it means anything. */
struct enrol_column enrol_column_of(const struct enrol *enrol, const char *header);
bool enrol_is_known(const struct enrol_column *column);

/* A remedy with the nearest names that the protocol takes: of attributes, or of all columns. */
const char *enrol_nearest(const struct enrol *enrol, const char *name, bool columns);

#endif
