/*
 * identity_key.h: the commands of the group `identity` that change the key under which identities
 * are sealed.
 */
#ifndef RCTD_CLI_IDENTITY_KEY_H
#define RCTD_CLI_IDENTITY_KEY_H

#include "cli/command.h"

extern const struct option_row identity_key_rotate_options[], identity_key_rotation_options[];

int identity_key_run_rotate(struct session *session, const struct invocation *in);
int identity_key_run_rotation(struct session *session, const struct invocation *in);

#endif
