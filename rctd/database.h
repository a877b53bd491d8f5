/*
 * database.h: the database that a process of rctd works on: the one of its configuration, or a
 * private PostgreSQL; and as whom rctd itself acts there.
 */
#ifndef RCTD_DATABASE_H
#define RCTD_DATABASE_H

#include "base/compiler.h"
#include "daemon.h"
#include "db/connection.h"
#include "db/embedded.h"
#include "db/transaction.h"

#include <stdbool.h>

struct database {
    struct embedded *embedded; /* NULL: it is somebody else's server */
    struct db_options options;
};

/* Starts the private PostgreSQL where there is to be one; with `attach` one that another daemon
 * runs will do. Errors: ERROR_CONFIG without a database; what embedded_start() says. */
bool database_open(const struct daemon_options *options, bool attach, struct database *database,
    struct error *error) MUST_CHECK;
void database_close(struct database *database); /* one that was never opened is allowed */

/* A transaction of rctd's own, for no account. */
struct tx_context database_context(enum db_role role, const char *action);

#endif
