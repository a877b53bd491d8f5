/*
 * invocation.h: what the user wrote behind a command's name, read by argp against the command's
 * row.
 */
#ifndef RCTD_CLI_INVOCATION_H
#define RCTD_CLI_INVOCATION_H

#include "cli/command.h"

#include <stdbool.h>
#include <stddef.h>

/* The global options; those given behind the command count as well. */
extern const struct option_row invocation_globals[];

/* Has the command an option of this name? Its own goes before a global one: `agree --version 1'. */
bool invocation_is_own(const struct option_row *own, const char *name);

/*
 * Reads the global options before the command and gives the index in argv of its first word, or
 * argc where there is none. Ends the process at --version (0) and at wrong use (2); --help sets
 * `*help`.
 */
int invocation_read_globals(struct session *session, int argc, char **argv, bool *help);

/*
 * Reads arguments and options of a command; argv[0] is replaced by the command's name for messages.
 * Ends the process with status 2, and a sentence, when they are not what the row says; with 0 after
 * --help.
 */
struct invocation *invocation_read(
    struct session *session, const struct command *command, int argc, char **argv);

/* The row of the command. */
const struct command *invocation_command(const struct invocation *in);

/* The n-th argument from 0, or NULL. */
const char *invocation_argument(const struct invocation *in, size_t index);
size_t invocation_count(const struct invocation *in);

/* The option's last value, or NULL. */
const char *invocation_option(const struct invocation *in, const char *name);

/* The value of an option that takes a whole number; 0 where it is not given. */
long long invocation_whole(const struct invocation *in, const char *name);
bool invocation_has(const struct invocation *in, const char *name);

/* The value of the option's next occurrence behind `*at` (from 0), or NULL. */
const char *invocation_next(const struct invocation *in, const char *name, size_t *at);

#endif
