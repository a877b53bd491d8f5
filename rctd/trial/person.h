/*
 * person.h: what tells who a participant is: identity number, name, contact. Pure checks of what is
 * entered, and which of it each purpose of a reading needs. A value that was refused is never
 * repeated in a text.
 */
#ifndef RCTD_TRIAL_PERSON_H
#define RCTD_TRIAL_PERSON_H

#include "base/arena.h"
#include "base/compiler.h"
#include "trial/protocol.h"

#include <stdbool.h>

/* X(name in C, name in the API and in columns, most characters) */
#define PERSON_FIELDS(X)                                                                           \
    X(NUMBER, "number", 100)                                                                       \
    X(NAME, "name", 200)                                                                           \
    X(PHONE, "phone", 32)                                                                          \
    X(EMAIL, "email", 254)                                                                         \
    X(ADDRESS, "address", 500)

#define PERSON_ENUM(name, text, most) PERSON_##name,
enum person_field { PERSON_FIELDS(PERSON_ENUM) PERSON_FIELD_COUNT };
#undef PERSON_ENUM

const char *person_field_name(enum person_field field);

/*
 * Why an identity is read; a grant of identity-reader names one. Each reads the fields that it
 * needs and no more.
 *
 * X(name in C, name in the API, what rctd.may() is asked first, fields)
 */
/* clang-format off */
#define PURPOSES(X) \
    X(CONTACT,      "contact",      "contact", PERSON_BIT(NAME) | PERSON_BIT(PHONE) | PERSON_BIT(EMAIL) | PERSON_BIT(ADDRESS)) \
    X(LINKAGE,      "linkage",      "linkage", PERSON_BIT(NUMBER)) \
    X(VERIFICATION, "verification", NULL,      PERSON_BIT(NUMBER) | PERSON_BIT(NAME)) \
    X(SAFETY,       "safety",       NULL,      PERSON_EVERY)
/* clang-format on */
#define PERSON_BIT(name) (1U << PERSON_##name)
#define PERSON_EVERY ((1U << PERSON_FIELD_COUNT) - 1)

#define PURPOSE_ENUM(name, text, action, fields) PURPOSE_##name,
enum purpose { PURPOSES(PURPOSE_ENUM) PURPOSE_COUNT };
#undef PURPOSE_ENUM

const char *purpose_name(enum purpose purpose);
enum purpose purpose_by_name(const char *name); /* PURPOSE_COUNT where there is none, or for NULL */
const char *purpose_action(enum purpose purpose); /* NULL: no consent is asked for */
unsigned purpose_fields(enum purpose purpose);    /* bit per enum person_field */

/* Why somebody reads an identity, and why one is erased (GDPR 17(1)): words from a list, closed by
 * NULL, since what people write about a person may tell who it is. */
extern const char *const reading_reasons[];
extern const char *const erasure_reasons[];

/* Does the protocol take the field of a participant: the number where it has `identity`, the others
 * where `contact` names them? */
bool person_field_taken(const struct protocol_subject *participants, enum person_field field);

/*
 * True: `*normal` is the value in the form in which it is kept, in the arena. False: what is wrong
 * with it and what would be right. `this_year` is that of the trial's clock. The field is taken.
 */
bool person_check(struct arena *arena, const struct protocol_subject *participants,
    enum person_field field, const char *value, int this_year, const char **normal) MUST_CHECK;

#endif
