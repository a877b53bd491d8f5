/*
 * help.h: explains rctctl from the table of commands.
 */
#ifndef RCTD_CLI_HELP_H
#define RCTD_CLI_HELP_H

#include "cli/command.h"

#include <stdio.h>

void help_overview(FILE *out, struct arena *arena);
void help_group(FILE *out, struct arena *arena, const struct group *group);
void help_command(FILE *out, struct arena *arena, const struct command *command);

/* Says that there is no such word, and which one was probably meant; gives exit status 2. `group`
 * is NULL where the first word is wrong. */
int help_unknown(struct arena *arena, const struct group *group, const char *word);

#endif
