/*
 * main.c: rctd(8): reads the options and does what they say: serve, migrate, make a key, or an
 * errand.
 */
#include "base/bits.h"
#include "base/conf.h"
#include "base/escrow.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/wipe.h"
#include "daemon.h"
#include "db/migrate.h"
#include "errand.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/rctd/rctd.conf"
#define EXIT_USAGE 2 /* error_table.h has the others */

const char *argp_program_version = "rctd " RCTD_VERSION;

enum {
    OPTION_CONFIG = 'c',
    OPTION_EMBEDDED = 'e',
    OPTION_MIGRATE = 256,
    OPTION_FIRST,
    OPTION_TOKEN_FILE,
    OPTION_MASTER,
    OPTION_ESCROW,
    OPTION_ESCROWED,
    OPTION_REHEARSAL
};

static const struct argp_option option_table[] = {
    {"config", OPTION_CONFIG, "FILE", 0, "read FILE instead of " DEFAULT_CONFIG, 0},
    {"embedded", OPTION_EMBEDDED, "DIR", 0,
        "run on a private PostgreSQL in DIR, which ends with rctd", 0},
    {"rehearsal", OPTION_REHEARSAL, NULL, 0,
        "let the trial's clock be moved ahead; never for a real trial", 0},
    {"migrate", OPTION_MIGRATE, NULL, 0, "bring the database to this rctd's schema, and end", 0},
    {"first-administrator", OPTION_FIRST, "NAME", 0,
        "make the first administrator, print its token, and end", 0},
    {"token-file", OPTION_TOKEN_FILE, "FILE", 0,
        "write that token to FILE, a new file only you can read", 0},
    {"new-master-key", OPTION_MASTER, "FILE", 0, "make a master key file, and end", 0},
    {"new-escrow-key", OPTION_ESCROW, "FILE", 0,
        "make an escrow key pair file, print the public key, and end", 0},
    {"escrowed-key", OPTION_ESCROWED, NULL, 0,
        "print the master key as the database keeps it, sealed for its escrow, and end", 0},
    {0},
};

struct options {
    const char *config;
    const char *embedded;
    const char *first_administrator;
    const char *token_file;
    const char *new_master_key;
    const char *new_escrow_key;
    bool rehearsal;
    bool migrate;
    bool escrowed_key;
};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case OPTION_CONFIG:
        options->config = argument;
        return 0;
    case OPTION_EMBEDDED:
        options->embedded = argument;
        return 0;
    case OPTION_REHEARSAL:
        options->rehearsal = true;
        return 0;
    case OPTION_MIGRATE:
        options->migrate = true;
        return 0;
    case OPTION_FIRST:
        options->first_administrator = argument;
        return 0;
    case OPTION_TOKEN_FILE:
        options->token_file = argument;
        return 0;
    case OPTION_MASTER:
        options->new_master_key = argument;
        return 0;
    case OPTION_ESCROW:
        options->new_escrow_key = argument;
        return 0;
    case OPTION_ESCROWED:
        options->escrowed_key = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s is not an option; rctd takes options only", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_table, parse, NULL,
    "rctd runs randomised controlled trials in workplaces: allocation, consent, tasks, reminders, "
    "an audit "
    "trail, over PostgreSQL. Manual: rctd(8), rctd.conf(5).",
    NULL, NULL, NULL};

static bool
read_configuration(
    struct arena *arena, const struct options *options, struct conf *conf, struct error *error)
{
    struct faults faults;
    faults_init(&faults, arena);
    const char *path = options->config;
    conf_defaults(arena, conf);
    if (path == NULL && (options->embedded != NULL || access(DEFAULT_CONFIG, F_OK) != 0))
        return true;
    if (path == NULL)
        path = DEFAULT_CONFIG;
    if (conf_read(arena, path, conf, &faults, error))
        return true;
    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "%s\n", fault_line(arena, path, &faults.items[i]));
    if (faults.total > 0)
        error_set(error, ERROR_CONFIG, path, "%s has %zu fault%s; rctd does not start with it",
            path, faults.total, faults.total == 1 ? "" : "s");
    return false;
}

static bool
migrate(const struct conf *conf, struct error *error)
{
    if (conf->database_owner == NULL)
        return error_set(error, ERROR_CONFIG, "database_owner",
            "Set database_owner in the configuration: the connection of rctd_owner or a superuser");
    if (!db_migrate(conf->database_owner, error))
        return false;
    printf("The database has schema version %d.\n", db_schema_version());
    return true;
}

static bool
make_escrow(const char *path, struct error *error)
{
    char public_key[ESCROW_HEX_SIZE];
    if (!escrow_pair_create(path, public_key, error))
        return false;
    printf("escrow_public_key = %s\n", public_key);
    fprintf(stderr,
        "Put that line into rctd.conf, as escrow_second_key where you are the second of two, and "
        "the file %s into a safe, off this machine.\n",
        path);
    return true;
}

static bool
make_master(const char *path, struct error *error)
{
    if (!seal_key_create(path, error))
        return false;
    printf("The master key is in %s. Keep a copy apart from the database's backups: without it no "
           "trial "
           "sealed under it can go on.\n",
        path);
    return true;
}

/* The token alone is on standard output, for TOKEN=$(...). */
static bool
make_administrator(
    const struct daemon_options *daemon, const struct options *options, struct error *error)
{
    const char *file = options->token_file;
    if (!errand_first_administrator(daemon, options->first_administrator, file, error))
        return false;
    fprintf(stderr, "%s is administrator. The token is shown this once%s%s, and lasts %d days.\n",
        options->first_administrator, file == NULL ? "" : ", in ", file == NULL ? "" : file,
        ERRAND_TOKEN_DAYS);
    return true;
}

static bool
run(struct arena *arena, const struct options *options, struct error *error)
{
    struct conf conf;
    if (options->new_master_key != NULL)
        return make_master(options->new_master_key, error);
    if (options->new_escrow_key != NULL)
        return make_escrow(options->new_escrow_key, error);
    if (!read_configuration(arena, options, &conf, error))
        return false;
    log_level_set(conf.log_level);
    const struct daemon_options daemon = {
        .conf = &conf, .embedded = options->embedded, .rehearsal = options->rehearsal};
    if (options->migrate)
        return migrate(&conf, error);
    if (options->escrowed_key)
        return errand_escrowed_key(&daemon, error);
    if (options->first_administrator != NULL)
        return make_administrator(&daemon, options, error);
    return daemon_serve(&daemon, error);
}

int
main(int argc, char **argv)
{
    struct options options = {0};
    struct error error = ERROR_CLEAR;
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&parser, argc, argv, 0, NULL, &options);
    wipe_start();
    bits_start();
    struct arena *arena = arena_new();
    bool done = run(arena, &options, &error);
    arena_free(arena);
    if (done)
        return EXIT_SUCCESS;
    fprintf(stderr, "rctd: %s\n", error.detail);
    return error_exit_status(error.code);
}
