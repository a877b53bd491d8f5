/*
 * errand.h: what rctd does once and ends.
 */
#ifndef RCTD_ERRAND_H
#define RCTD_ERRAND_H

#include "base/compiler.h"
#include "base/error.h"
#include "daemon.h"

#include <stdbool.h>

/* How long the first administrator's token lasts. */
#define ERRAND_TOKEN_DAYS 30

/* Makes the first administrator and writes the token to `token_file` (mode 0600), or to stdout. */
bool errand_first_administrator(const struct daemon_options *options, const char *name,
    const char *token_file, struct error *error) MUST_CHECK;

/* Writes the master keys that the database keeps, sealed for their escrow, to stdout. */
bool errand_escrowed_key(const struct daemon_options *options, struct error *error) MUST_CHECK;

#endif
