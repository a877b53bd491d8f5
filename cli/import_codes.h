/*
 * import_codes.h: which line of a table got which code, in a file of its own. Codes follow from
 * nothing, so that this is the only way from who stands in the table to their code.
 */
#ifndef RCTD_CLI_IMPORT_CODES_H
#define RCTD_CLI_IMPORT_CODES_H

#include "base/csv.h"
#include "cli/session.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * Writes line, code and workplace of each row to the open file, and closes it; `codes` is an array
 * in the order of the rows. False with the error set, which says by which key the same codes are to
 * be had again.
 */
bool import_codes_write(struct session *session, const char *path, int fd, const struct csv *csv,
    const json_t *codes, const char *key) MUST_CHECK;

#endif
