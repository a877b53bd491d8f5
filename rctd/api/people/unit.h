/*
 * unit.h: what the resources of workplaces and participants share: what a unit still lacks, by
 * role, and answers to the questions on eligibility.
 */
#ifndef RCTD_API_UNIT_H
#define RCTD_API_UNIT_H

#include "api/call.h"
#include "base/csv.h"
#include "store/people/enrol.h"
#include "store/people/unit.h"

/* Fields of an answer: the unit's code, under the name of its kind. */
/* clang-format off */
#define UNIT_FIELDS \
    { .name = "workplace", .type = FIELD_STRING, .flags = FIELD_NULLABLE, \
        .meaning = "The workplace's code; null where a participant is the unit" }, \
    { .name = "participant", .type = FIELD_STRING, .flags = FIELD_NULLABLE, \
        .meaning = "The participant's code; null where a workplace is the unit" }

/* Fields of a body: one unit, whichever it is; unit_asked() reads it. */
#define UNIT_ASKED \
    { .name = "workplace", .type = FIELD_STRING, .min = 2, .max = 16, \
        .meaning = "A workplace's code; either this or participant" }, \
    { .name = "participant", .type = FIELD_STRING, .min = 2, .max = 16, \
        .meaning = "A participant's code" }
/* clang-format on */

/* The protocol in force for roles that may read it; NULL for blinded ones. */
bool unit_rules(struct call *call, const struct protocol **protocol, int *version) MUST_CHECK;

/* Adds `eligible` and `missing`; null where `protocol` is. */
void unit_encode_readiness(struct call *call, const struct protocol *protocol,
    const struct readiness_unit *facts, json_t *json);

/* The schemes of a unit's allocations (JSON of its card), never to what. */
json_t *unit_encode_schemes(const char *allocations);

/* The unit that a list is asked for, by ?workplace or ?participant, as it is stored; NULL for none.
 */
bool unit_query(struct call *call, const char **code, struct error *error) MUST_CHECK;

/* The unit that the body's fields UNIT_ASKED name, within the caller's counties and sites. */
bool unit_asked(struct call *call, struct unit *unit, struct error *error) MUST_CHECK;

/* Records the body's answers for the unit of that kind which the path names. */
bool unit_record_answers(
    struct call *call, enum protocol_unit kind, struct error *error) MUST_CHECK;

/* Plans what a participant of an allocated workplace has ahead who was excluded and is no more;
 * what is planned stays. Ends what session_protocol() gave before. */
bool unit_plan_back(struct call *call, enum protocol_unit kind, struct uuid unit_id) MUST_CHECK;

/* Answers an import; always true. */
bool import_answered(
    struct call *call, const struct csv *csv, const struct enrol_imported *imported);

#endif
