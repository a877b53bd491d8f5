/*
 * database.c: where the database is, and that it runs where it is rctd's own.
 */
#include "database.h"

bool
database_open(const struct daemon_options *options, bool attach, struct database *database,
    struct error *error)
{
    const struct conf *conf = options->conf;
    const char *conninfo = conf->database;
    if (options->embedded != NULL) {
        const struct embedded_options embedded = {.directory = options->embedded,
            .user = conf->embedded_user,
            .bin = conf->postgresql_bin,
            .attach = attach};
        if (!embedded_start(&embedded, &database->embedded, error))
            return false;
        conninfo = embedded_conninfo(database->embedded, EMBEDDED_LOGIN);
    }
    if (conninfo == NULL)
        return error_set(error, ERROR_CONFIG, "database",
            "There is no database: set `database` in the configuration, or start with --embedded "
            "DIR");
    database->options =
        (struct db_options){.conninfo = conninfo, .name = "rctd", .prepare = conf->prepare};
    return true;
}

void
database_close(struct database *database)
{
    embedded_stop(database->embedded);
}

struct tx_context
database_context(enum db_role role, const char *action)
{
    return (struct tx_context){
        .role = role, .actor = "rctd", .actor_role = "daemon", .action = action};
}
