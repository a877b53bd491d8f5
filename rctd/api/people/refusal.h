/*
 * refusal.h: what follows from the refusal of a second enrolment.
 */
#ifndef RCTD_API_REFUSAL_H
#define RCTD_API_REFUSAL_H

#include "api/call.h"

/* Behind a failed request: where people were met who are registered already, that is written down
 * before it is told. Another error takes the place where it may not be told, or could not be
 * written. */
void refusal_settle(struct call *call, struct error *error);

#endif
