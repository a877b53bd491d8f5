/*
 * simulate_show.h: the figures of `rctctl simulate' as JSON, CSV, and a table for people.
 */
#ifndef RCTD_CLI_SIMULATE_SHOW_H
#define RCTD_CLI_SIMULATE_SHOW_H

#include "cli/design/simulate_design.h"

struct simulate_found {
    const struct simulate_design *design;
    struct operating_result figures; /* factors and curve have room */
    int64_t trials;                  /* of a simulation */
    uint64_t seed;
};

/* One object, or with `several` a list. */
void simulate_show(
    struct session *session, const struct simulate_found *found, size_t count, bool several);

#endif
