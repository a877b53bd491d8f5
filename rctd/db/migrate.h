/*
 * migrate.h: brings the database's schema to this program's version, forward only, and checks that
 * a daemon and its database fit. The migrations are part of the program.
 */
#ifndef RCTD_DB_MIGRATE_H
#define RCTD_DB_MIGRATE_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct db;

struct migration {
    int version; /* from 1, without gaps */
    const char *name;
    const char *sha256; /* of the text, hex */
    const char *text;
};

/* Made by sql/statements.py from sql/migrate and sql/roles.sql. */
extern const struct migration migrations[];
extern const size_t migration_count;
extern const char migration_roles[];

/*
 * Runs roles.sql and every migration that the database does not have yet, each in its own
 * transaction, under an advisory lock: several daemons may start at once. `conninfo_owner` connects
 * as rctd_owner or as a superuser; making the database roles needs a superuser or CREATEROLE, and
 * the error says what to do where that is missing. A database with a newer schema, or with a
 * migration whose text was another one, is refused with ERROR_SCHEMA_VERSION and stays untouched.
 */
bool db_migrate(const char *conninfo_owner, struct error *error) MUST_CHECK;

/* The same, with the migrations given: for tests. */
bool db_migrate_with(const char *conninfo_owner, const struct migration *list, size_t count,
    struct error *error) MUST_CHECK;

/* Does the database have exactly this program's schema? ERROR_SCHEMA_VERSION says both versions and
 * what to do. */
bool db_schema_check(struct db *db, struct error *error) MUST_CHECK;

/* The version of this program's schema: that of its last migration. */
int db_schema_version(void);

#endif
