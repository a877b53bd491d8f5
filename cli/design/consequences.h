/*
 * consequences.h: what each scheme of a protocol leads to at its target, as a table for people or
 * as JSON.
 */
#ifndef RCTD_CLI_CONSEQUENCES_H
#define RCTD_CLI_CONSEQUENCES_H

#include "trial/protocol.h"

#include <jansson.h>
#include <stdio.h>

/* A heading, a line for each scheme, and what the columns mean. */
void consequences_print(const struct protocol *protocol, FILE *out);

/*
 * {"correct_guess", "deterministic", "final_sd", "stratum_abs", "exact"} of a scheme, where it is
 * simulated with "standard_error" of each; or {"unknown": WHY}, with "assignments", "scored" and
 * "accepted" of a constrained randomisation.
 */
json_t *consequences_json(const struct protocol *protocol, const struct protocol_scheme *scheme);

#endif
