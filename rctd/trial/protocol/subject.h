/*
 * subject.h: what a protocol says about workplaces or participants: the numbers that name them,
 * what is known of them, who is eligible, what is flagged.
 */
#ifndef RCTD_TRIAL_PROTOCOL_SUBJECT_H
#define RCTD_TRIAL_PROTOCOL_SUBJECT_H

#include "base/arena.h"
#include "trial/checksum.h"
#include "trial/identifier.h"
#include "trial/protocol/terms.h"

#include <stdbool.h>
#include <stddef.h>

struct expr;
struct pattern;

/* The attribute that is derived, and the one of participants that it is derived from. */
#define PROTOCOL_AGE "age"
#define PROTOCOL_BIRTH_YEAR "birth_year"

enum protocol_attribute_kind {
    ATTRIBUTE_LEVELS,  /* one of `levels` */
    ATTRIBUTE_INTEGER, /* whole number, minimum to maximum */
    ATTRIBUTE_BANDS,   /* never entered itself: the band of the integer attribute `source` */
    ATTRIBUTE_PATTERN, /* text that `pattern` matches */
    ATTRIBUTE_BOOLEAN, /* "true" or "false" (both also stand in `levels`) */
    ATTRIBUTE_BROKEN,  /* only while a file is read: what it is could not be told */
    ATTRIBUTE_AGE      /* never entered itself: protocol_age() */
};

struct protocol_band {
    long long low;
    long long high; /* included */
};

struct protocol_attribute {
    const char *name;
    enum protocol_attribute_kind kind;
    const char **levels; /* of LEVELS, BANDS (the labels) and BOOLEAN, in protocol order */
    size_t level_count;
    long long minimum; /* of INTEGER and AGE; LLONG_MIN where the protocol sets none */
    long long maximum; /* the same; LLONG_MAX */
    size_t source;     /* of BANDS: the integer attribute or age; of AGE: birth_year, or none */
    struct protocol_band *bands; /* of BANDS: level_count of them, beside `levels` */
    const char *pattern_text;
    const struct pattern *pattern;
    const char *version; /* of the classification, such as "SNI2007"; NULL where none is named */
};

/* A number or code that tells one unit from another (organisation number, establishment). */
struct protocol_identifier {
    const char *name;
    enum identifier_type type;
    bool required;
    const char *pattern_text; /* of IDENTIFIER_PATTERN */
    const struct pattern *pattern;
    enum checksum checksum; /* of IDENTIFIER_PATTERN; CHECKSUM_NONE where none is named */
    bool of_person;         /* then a pattern's normal form is checksum_compact()'s */
};

/* One rule of eligibility: a question with the answer that is needed, or an expression. */
struct protocol_rule {
    const char *id;
    const char *ask; /* the question in plain words; may be NULL where `need` is an expression */
    bool need_yes;   /* the answer that is needed, where need is NULL */
    const struct expr *need; /* over the unit's attributes; NULL for a question */
    const char *need_text;
};

struct protocol_flag {
    const char *name;
    const struct expr *rule; /* over the unit's attributes */
    const char *rule_text;
};

enum protocol_store { PROTOCOL_STORE_VAULT, PROTOCOL_STORE_HASH };

/* What the protocol says about workplaces, or about participants. */
struct protocol_subject {
    struct protocol_identifier *identifiers; /* participants: at most one, the identity number */
    size_t identifier_count;
    enum protocol_store store; /* how a participant's identity number is kept */
    const char **contact;      /* of participants: "name", "phone", "email", "address" */
    size_t contact_count;
    struct protocol_attribute *attributes;
    size_t attribute_count;
    struct protocol_rule *rules; /* key `eligible` */
    size_t rule_count;
    struct protocol_flag *flags;
    size_t flag_count;
};

/* NULL where there is none of that name. */
const struct protocol_attribute *protocol_attribute_by_name(
    const struct protocol_subject *subject, const char *name);
const struct protocol_identifier *protocol_identifier_by_name(
    const struct protocol_subject *subject, const char *name);

/* The place of a level among the attribute's; PROTOCOL_NONE where there is none, and for NULL. */
size_t protocol_level_index(const struct protocol_attribute *attribute, const char *level);

/* The levels as "a, b, c", in the arena. */
const char *protocol_level_list(struct arena *arena, const struct protocol_attribute *attribute);

#endif
