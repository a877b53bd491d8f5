/*
 * protocol.h: what the handlers of protocol versions read from a call.
 */
#ifndef RCTD_API_PROTOCOL_H
#define RCTD_API_PROTOCOL_H

#include "api/call.h"
#include "store/conduct/protocol.h"

/* Whose trial it is, and who asks; borrowed from the call. */
struct protocol_origin protocol_origin_of(const struct call *call);

/* The version in the path; ERROR_NOT_FOUND where it is no number of one. */
bool protocol_version_of(const struct call *call, int *version, struct error *error) MUST_CHECK;

#endif
