/*
 * daemon.h: the serving daemon, from the first socket to the last answer.
 */
#ifndef RCTD_DAEMON_H
#define RCTD_DAEMON_H

#include "base/compiler.h"
#include "base/conf.h"
#include "base/error.h"

#include <stdbool.h>

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

#endif
