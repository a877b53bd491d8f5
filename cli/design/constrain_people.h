/*
 * constrain_people.h: shows people what a constrained randomisation leads to.
 */
#ifndef RCTD_CLI_CONSTRAIN_PEOPLE_H
#define RCTD_CLI_CONSTRAIN_PEOPLE_H

#include "cli/design/constrain_show.h"

void constrain_people(struct arena *arena, const struct constrain_result *result);

#endif
