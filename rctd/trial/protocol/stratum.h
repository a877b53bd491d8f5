/*
 * stratum.h: where a unit stands in a scheme: its stratum, and its levels in what the scheme
 * balances.
 */
#ifndef RCTD_TRIAL_PROTOCOL_STRATUM_H
#define RCTD_TRIAL_PROTOCOL_STRATUM_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "trial/protocol/scheme.h"
#include "trial/protocol/value.h"

#include <stdbool.h>
#include <stddef.h>

struct protocol;

/* Number of strata of a scheme: 1 where it has no factors. */
size_t protocol_scheme_strata(
    const struct protocol *protocol, const struct protocol_scheme *scheme);

/*
 * The unit's stratum in a scheme: "factor=level|factor=level" in protocol order, "" without
 * factors; in the arena. NULL when an attribute is not known or lies in no band: each such one is a
 * fault whose pointer is the attribute to ask for (the source of a band).
 */
const char *protocol_stratum_key(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct protocol_values *values,
    struct faults *faults);

/* Is it the key of one of the scheme's strata, whatever its method does with them? */
bool protocol_is_stratum(
    const struct protocol *protocol, const struct protocol_scheme *scheme, const char *key);

/*
 * The unit's levels in the factors that the scheme balances: for each of design.balanced the index
 * among the attribute's levels. False with the same faults as above when one is not known. Every
 * factor has levels (minimisation).
 */
bool protocol_balanced_levels(struct arena *arena, const struct protocol *protocol,
    const struct protocol_scheme *scheme, const struct protocol_values *values, size_t *levels,
    struct faults *faults) MUST_CHECK;

#endif
