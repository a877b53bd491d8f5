/*
 * constrain_show.h: shows what a constrained randomisation accepts, and what was drawn from it.
 */
#ifndef RCTD_CLI_CONSTRAIN_SHOW_H
#define RCTD_CLI_CONSTRAIN_SHOW_H

#include "cli/design/constrain_read.h"

struct constrain_result {
    const struct constrain_input *input;
    const struct constrained_set *set;
    bool drawn; /* with --seed: what follows holds */
    const char *label;
    int64_t batch;
    uint64_t chosen;
    const uint8_t *arms; /* of each unit of the problem */
};

/* The unit of a row of the table, and the name of its arm. */
const char *constrain_arm_of(const struct constrain_result *result, size_t row, const char **id);

void constrain_show(struct session *session, const struct constrain_result *result);

#endif
