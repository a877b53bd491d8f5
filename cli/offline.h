/*
 * offline.h: what commands that need no server are given: a seed, a protocol, one of its schemes.
 */
#ifndef RCTD_CLI_OFFLINE_H
#define RCTD_CLI_OFFLINE_H

#include "cli/session.h"
#include "trial/protocol.h"
#include "trial/stream.h"

/* The seed of --seed: 64 hex digits, or @FILE with a file that holds them or its 32 bytes. The
 * caller wipes it. */
bool offline_seed(struct session *session, const char *given, uint8_t seed[SEED_SIZE]) MUST_CHECK;

/* Reads and checks a protocol file; NULL with the session's error, and the file's faults. */
const struct protocol *offline_protocol(struct session *session, const char *path);

/* Says what went wrong and gives the exit status: of wrong use (2) where an option was given what
 * it does not take (ERROR_MALFORMED), else that of the error. */
int offline_fail(struct session *session);

/* The scheme of that name; NULL with an error that names those there are. */
const struct protocol_scheme *offline_scheme(
    struct session *session, const struct protocol *protocol, const char *name);

#endif
