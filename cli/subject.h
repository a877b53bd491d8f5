/*
 * subject.h: what a fault of a request is about, in the words of the command line.
 */
#ifndef RCTD_CLI_SUBJECT_H
#define RCTD_CLI_SUBJECT_H

#include "cli/command.h"

/*
 * "--signed" for "/signed_at", "--scope sms" for "/scopes/sms", "--form" for "?form", "sex" for
 * "/attributes/sex", which is an argument NAME=VALUE; else the pointer as it is. In the arena.
 */
const char *subject_of(struct arena *arena, const struct option_row *options, const char *pointer);

#endif
