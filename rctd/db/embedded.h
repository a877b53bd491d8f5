/*
 * embedded.h: a private PostgreSQL that belongs to this daemon: `rctd --embedded DIR`. It listens
 * on a socket in DIR and nowhere else, runs as an unprivileged user, and ends when the daemon ends,
 * also when that is killed. One daemon at a time uses a DIR. What lies in DIR:
 *
 *   rctd-embedded  says that DIR is ours, and in which form
 *   lock           held by the daemon that runs
 *   data/          PostgreSQL's
 *   socket/        mode 0700
 *   log            PostgreSQL's log
 *
 * The master key never lies in DIR: whoever copies it has no seeds.
 */
#ifndef RCTD_DB_EMBEDDED_H
#define RCTD_DB_EMBEDDED_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>

struct embedded;

struct embedded_options {
    const char *directory; /* made where it is missing */
    const char *user;      /* who to become when started as root; NULL: rctd, else postgres */
    const char *bin;       /* the folder of initdb and postgres; NULL: found */
    bool attach;           /* where another daemon runs DIR, use its server instead of refusing */
};

enum embedded_role { EMBEDDED_SUPERUSER, EMBEDDED_OWNER, EMBEDDED_LOGIN };

/*
 * Makes or opens DIR, starts PostgreSQL and migrates its database. Must be called before any thread
 * is started: as root it switches the whole process to the unprivileged user for good. Files that
 * only root can read are to be opened before. ERROR_CONFIG, ERROR_SYSTEM, ERROR_NO_DATABASE and
 * ERROR_SCHEMA_VERSION say in the detail what to do.
 */
bool embedded_start(const struct embedded_options *options, struct embedded **embedded,
    struct error *error) MUST_CHECK;

/* libpq's connection string; lives as long as `embedded`. */
const char *embedded_conninfo(const struct embedded *embedded, enum embedded_role role);

/* Does the server still run? When not, the detail has its last words. */
bool embedded_check(struct embedded *embedded, struct error *error) MUST_CHECK;

/* Stops the server: waits for a fast shutdown, then insists. NULL is allowed. A server that belongs
 * to another daemon goes on. */
void embedded_stop(struct embedded *embedded);

#endif
