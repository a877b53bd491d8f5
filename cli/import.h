/*
 * import.h: brings in a table: of workplaces, of participants, of the screening log.
 */
#ifndef RCTD_CLI_IMPORT_H
#define RCTD_CLI_IMPORT_H

#include "cli/command.h"

#define IMPORT_OPTIONS                                                                             \
    {.name = "dry-run", .meaning = "check the file only; import nothing"},                         \
    {                                                                                              \
        .name = "faults", .value = "FILE",                                                         \
        .meaning = "write what is wrong to a CSV file, a line for each fault"                      \
    }

extern const struct option_row import_options[];

/* Sends the file of the second argument to the trial's `where`, such as "workplaces"; `one` and
 * `many` say what a row is. With the option --out, the codes that were given go into that file. */
int import_run(struct session *session, const struct invocation *in, const char *where,
    const char *one, const char *many);

#endif
