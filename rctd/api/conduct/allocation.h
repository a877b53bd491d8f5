/*
 * allocation.h: what a request for an allocation asks for, and how one that was just made is
 * answered.
 */
#ifndef RCTD_API_ALLOCATION_H
#define RCTD_API_ALLOCATION_H

#include "api/call.h"
#include "store/conduct/allocation.h"

/* The unit that the body names, as workplace or as participant; ERROR_FIELDS unless just one. */
bool allocation_read_unit(
    struct call *call, enum protocol_unit *kind, const char **code, struct error *error) MUST_CHECK;

/* Arm and reason, which a comparison that nobody randomises needs, and no other scheme takes. */
bool allocation_read_choice(struct call *call, const struct allocation_scheme *scheme,
    struct allocation_candidate *candidate, struct error *error) MUST_CHECK;

/* A scheme whose units are allocated all at once takes no single one: ERROR_REFUSED with the way to
 * go. */
bool allocation_refuse_batched(
    struct call *call, const struct allocation_scheme *scheme, struct error *error) MUST_CHECK;

/* A field of the body. */
/* clang-format off */
#define ALLOCATION_ACKNOWLEDGE \
    { .name = "acknowledge", .type = FIELD_BOOLEAN, \
        .meaning = "It was seen and weighed that a workplace shares staff with allocated ones; kept with " \
                   "the allocation" }
/* clang-format on */

/* Staff that is shared, as a list of sentences. */
json_t *allocation_encode_warnings(const struct allocation_candidate *candidate);

/* What is missing, as a list of sentences. */
json_t *allocation_encode_missing(const struct allocation_candidate *candidate);

json_t *allocation_encode_made(const struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, const struct allocation_made *made);

#endif
