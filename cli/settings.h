/*
 * settings.h: which rctd to speak to, and with which token. Both are looked for, each on its own,
 * in the options, then in the environment (RCTD_URL, RCTD_TOKEN), then in rctd/rctctl.conf under
 * XDG_CONFIG_HOME or ~/.config. A file that holds a token is read only when it belongs to the user
 * and nobody else can read it.
 */
#ifndef RCTD_CLI_SETTINGS_H
#define RCTD_CLI_SETTINGS_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>

#define SETTINGS_URL_DEFAULT "http://127.0.0.1:8470"

struct settings {
    const char *url;   /* without a slash at its end */
    const char *token; /* NULL where there is none: only public addresses can be asked then */
};

/* `url` and `token_file` are the options, or NULL. ERROR_CONFIG, ERROR_SYSTEM. */
bool settings_read(struct arena *arena, const char *url, const char *token_file,
    struct settings *settings, struct error *error) MUST_CHECK;

/* The text of a file that holds a secret, under the same rules, or NULL. */
char *settings_read_secret(struct arena *arena, const char *path, struct error *error) MUST_CHECK;

#endif
