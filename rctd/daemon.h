/*
 * daemon.h: the serving daemon, from the first socket to the last answer.
 */
#ifndef RCTD_DAEMON_H
#define RCTD_DAEMON_H

#include "base/compiler.h"
#include "base/conf.h"
#include "base/error.h"

#include <stdbool.h>

/* How long the first administrator's token lasts. */
#define DAEMON_FIRST_TOKEN_DAYS 30

struct daemon_options {
    const struct conf *conf;
    const char *embedded; /* directory of a private PostgreSQL, or NULL */
    bool rehearsal;
};

/*
 * Serves until SIGTERM or SIGINT, then finishes what is under way. False with the reason when it
 * could not start.
 */
bool daemon_serve(const struct daemon_options *options, struct error *error) MUST_CHECK;

/* Makes the first administrator and writes the token to `token_file` (mode 0600), or to stdout. */
bool daemon_first_administrator(const struct daemon_options *options, const char *name,
    const char *token_file, struct error *error) MUST_CHECK;

/* Writes the master keys that the database keeps, sealed for their escrow, to stdout. */
bool daemon_escrowed_key(const struct daemon_options *options, struct error *error) MUST_CHECK;

#endif
