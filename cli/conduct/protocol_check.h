/*
 * protocol_check.h: checks a protocol file without a server, and prints what a trialist compares
 * with the paper protocol.
 */
#ifndef RCTD_CLI_PROTOCOL_CHECK_H
#define RCTD_CLI_PROTOCOL_CHECK_H

#include "base/compiler.h"
#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Reads the file ("-" for standard input) and prints to `out` every fault as
 * FILE:LINE:COLUMN: POINTER: MESSAGE; REMEDY, or, where there is none, a summary (arms, schemes
 * with their strata and blocks against the target, what each design leads to, tasks) and advice in
 * the same form as faults.
 *
 * True when the protocol is right; advice does not change that. Otherwise `*code` is ERROR_FIELDS
 * (faults), ERROR_NOT_FOUND (no such file) or ERROR_SYSTEM (it cannot be read; stderr says why).
 */
bool protocol_check_file(const char *path, FILE *out, enum error_code *code) MUST_CHECK;

/*
 * The same as one object {"file", "right", "faults": [...], "advice": [...], "summary": {...}},
 * which the caller gives back; summary is null where there are faults. NULL where the file cannot
 * be read.
 */
json_t *protocol_check_json(const char *path, enum error_code *code);

#endif
