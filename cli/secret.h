/*
 * secret.h: hands over a secret that rctd shows only once: an access token, the signing secret of
 * an endpoint.
 */
#ifndef RCTD_CLI_SECRET_H
#define RCTD_CLI_SECRET_H

#include "cli/session.h"

#include <stdbool.h>

/*
 * Makes the file of --out before rctd is asked, so that a secret is never made without a place for
 * it; mode 0600, ERROR_CONFLICT where it is there already. `path` NULL: standard output, and true.
 */
bool secret_open(struct session *session, const char *path, int *fd) MUST_CHECK;

/*
 * Writes the secret and a new line to the file, or to standard output where `path` is NULL, and
 * closes it. On failure the secret is lost, and the error says so.
 */
bool secret_write(struct session *session, const char *path, int fd, const char *secret) MUST_CHECK;

/* Removes the file again: no secret came. */
void secret_cancel(const char *path, int fd);

#endif
