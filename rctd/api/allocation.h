/*
 * allocation.h: what a request for an allocation asks for, and how one that was just made is
 * answered.
 */
#ifndef RCTD_API_ALLOCATION_H
#define RCTD_API_ALLOCATION_H

#include "api/call.h"
#include "store/allocation.h"

/* The unit that the body names, as workplace or as participant; ERROR_FIELDS unless just one. */
bool allocation_read_unit(
    struct call *call, enum protocol_unit *kind, const char **code, struct error *error) MUST_CHECK;

json_t *allocation_encode_made(const struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, const struct allocation_made *made);

#endif
