/*
 * find.h: which allocation a user means, who has its unit's code or its receipt at hand.
 */
#ifndef RCTD_CLI_FIND_H
#define RCTD_CLI_FIND_H

#include "cli/session.h"

/* The id of the newest allocation that has the code of its workplace or participant, the receipt or
 * the id `named`. NULL on failure, ERROR_NOT_FOUND where none has. */
const char *find_allocation(struct session *session, const char *trial, const char *named);

#endif
