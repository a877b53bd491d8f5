/*
 * allocation.h: how an allocation that was just made is answered.
 */
#ifndef RCTD_API_ALLOCATION_H
#define RCTD_API_ALLOCATION_H

#include "api/call.h"
#include "store/allocation.h"

json_t *allocation_encode_made(const struct call *call, const struct allocation_scheme *scheme,
    const struct allocation_candidate *candidate, const struct allocation_made *made);

#endif
