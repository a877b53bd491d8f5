/*
 * value.h: the values of a unit's attributes and identifiers: checked as they come in, and read
 * with those that are derived from them. Texts are read by a coordinator.
 */
#ifndef RCTD_TRIAL_PROTOCOL_VALUE_H
#define RCTD_TRIAL_PROTOCOL_VALUE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "trial/protocol/subject.h"

#include <stdbool.h>
#include <stddef.h>

/* A unit's attributes: names with normalised values (protocol_attribute_check). */
struct protocol_value {
    const char *name;
    const char *value; /* NULL and "" stand for not known */
};

struct protocol_values {
    const struct protocol_value *items;
    size_t count;
};

/* The value that stands under this name; NULL where it is not known. */
const char *protocol_value_entered(const struct protocol_values *values, const char *name);

/* The name of what is entered where an attribute is to be known: its own, or that of the attribute
 * from which it is derived in the end. */
const char *protocol_entered_for(
    const struct protocol_subject *subject, const struct protocol_attribute *attribute);

/* The same, with a band worked out from its source; NULL where that is not known or lies in no
 * band. */
const char *protocol_value_of(
    const struct protocol_subject *subject, const char *name, const struct protocol_values *values);

/*
 * The age that is reached in the calendar year `year`, as text in the arena: whole years, year
 * minus birth_year, the same on every day of the year. NULL where the year of birth is not known.
 */
const char *protocol_age(
    struct arena *arena, const struct protocol_values *values, int year) MUST_CHECK;

/*
 * Checks a value as it came from a CSV cell or a request. True: `*normal` is the value to store, in
 * the arena (white space trimmed; numbers without leading zeros; "true" or "false"). False:
 * `*normal` is what is wrong and what would be right, in plain words, without the attribute's name.
 */
bool protocol_attribute_check(struct arena *arena, const struct protocol_attribute *attribute,
    const char *value, const char **normal) MUST_CHECK;

/* The same for an identifier of the protocol. `this_year` settles the century of a short personal
 * number. */
bool protocol_identifier_check(struct arena *arena, const struct protocol_identifier *identifier,
    const char *value, int this_year, const char **normal) MUST_CHECK;

#endif
