/*
 * ledger_export.h: writes the ledger of a trial as a file that `rctctl verify' reads
 * (rctd-ledger(5)).
 */
#ifndef RCTD_CLI_LEDGER_EXPORT_H
#define RCTD_CLI_LEDGER_EXPORT_H

#include "cli/command.h"

/* `ledger export TRIAL [--scheme NAME] [--out FILE]`; gives the exit status. */
int ledger_run_export(struct session *session, const struct invocation *in);

#endif
