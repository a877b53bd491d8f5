/*
 * import.h: brings in a table of units: `workplace import' and `participant import'.
 */
#ifndef RCTD_CLI_IMPORT_H
#define RCTD_CLI_IMPORT_H

#include "cli/command.h"

extern const struct option_row import_options[];

/* Sends the file of the second argument; `unit` is "workplace" or "participant". */
int import_run(struct session *session, const struct invocation *in, const char *unit);

#endif
