/*
 * simulate_designs.h: the designs that `rctctl simulate' is asked about: by --protocol, by --method
 * and by every --compare, in this order.
 */
#ifndef RCTD_CLI_SIMULATE_DESIGNS_H
#define RCTD_CLI_SIMULATE_DESIGNS_H

#include "cli/design/simulate_design.h"

struct simulate_designs {
    struct simulate_design *items;
    size_t count;
};

/* False with session->error, which names what is wrong and says what would be right. */
bool simulate_designs_read(struct session *session, const struct invocation *in,
    struct simulate_designs *designs) MUST_CHECK;

#endif
