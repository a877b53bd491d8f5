/*
 * connection.h: one connection to PostgreSQL, owned by one thread. It connects when it is first
 * needed and again after it was lost. Every connection pins search_path (the catalogue alone:
 * all names are qualified), TimeZone=UTC, DateStyle=ISO, standard_conforming_strings, and
 * statement, lock and idle-in-transaction time-outs.
 */
#ifndef RCTD_DB_CONNECTION_H
#define RCTD_DB_CONNECTION_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>

struct db;

struct db_options {
    const char *conninfo;       /* libpq's form; several hosts are allowed; copied */
    const char *name;           /* shown in pg_stat_activity; copied */
    bool prepare;               /* false: works behind a transaction pooler */
    unsigned statement_seconds; /* statement_timeout; 0 stands for 30 */
    unsigned lock_seconds;      /* lock_timeout; 0 stands for 10 */
};

/* Does not connect yet. */
struct db *db_new(const struct db_options *options);
void db_free(struct db *db); /* NULL is allowed */

/* Connects, or finds the connection good. ERROR_NO_DATABASE says host and reason, never a password.
 */
bool db_connect(struct db *db, struct error *error) MUST_CHECK;

/* Drops the connection; the next use connects again. */
void db_disconnect(struct db *db);

#endif
