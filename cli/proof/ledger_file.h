/*
 * ledger_file.h: an exported ledger as it lies on the disk: it is paged in as it is read, and takes
 * no memory however long it is. Several threads may read it at once.
 */
#ifndef RCTD_CLI_LEDGER_FILE_H
#define RCTD_CLI_LEDGER_FILE_H

#include "cli/session.h"

#include <stdbool.h>
#include <stddef.h>

struct ledger_file {
    const char *bytes;
    size_t size;
    bool mapped;
};

/* "-" is standard input, which is read into the session's arena. Faults of the ledger are told with
 * the file's name from here on. */
bool ledger_file_open(
    struct session *session, const char *path, struct ledger_file *file) MUST_CHECK;
void ledger_file_close(struct ledger_file *file);

/* How many threads work on a file: the processors of the machine. */
unsigned ledger_file_threads(void);

#endif
