/*
 * identity_input.h: who somebody is, taken from a file of the user's own, standard input or the
 * terminal; never from arguments, which others see in the list of processes and in the shell's
 * history.
 */
#ifndef RCTD_CLI_IDENTITY_INPUT_H
#define RCTD_CLI_IDENTITY_INPUT_H

#include "cli/command.h"

#include <jansson.h>

/* The options of every command that takes an identity. */
#define OPTION_IDENTITY_FILE                                                                       \
    {                                                                                              \
        .name = "identity-file", .value = "FILE",                                                  \
        .meaning = "who it is: JSON, or lines such as `name: ...'; - for standard input"           \
    }

/*
 * The identity as an object of texts, kept by the session: from the file, which must be the user's
 * own and mode 0600 ("-": standard input), or asked for at the terminal where `path` is NULL. NULL
 * with session->error.
 */
json_t *identity_input(struct session *session, const char *path);

#endif
