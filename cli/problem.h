/*
 * problem.h: reads an answer of application/problem+json (RFC 9457) back into an error and its
 * faults.
 */
#ifndef RCTD_CLI_PROBLEM_H
#define RCTD_CLI_PROBLEM_H

#include "base/error.h"
#include "base/fault.h"

#include <jansson.h>

/*
 * Fills the error from the problem's type and detail and adds its errors[] to the faults. Where
 * `json` is no problem of rctd's (NULL, or of another type) the error says what HTTP status came
 * instead.
 */
void problem_read(const json_t *json, int status, struct faults *faults, struct error *error);

#endif
