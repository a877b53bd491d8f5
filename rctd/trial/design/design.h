/*
 * design.h: the methods that decide arms. A method is one file in this directory and one row of the
 * table in design.c; allocate.c walks a stratum's positions with what the row gives. Everything
 * here is pure: a scheme, a stream and nothing else.
 *
 * Arms are numbered from 0 in protocol order. An arm with ratio 0 has no part in the scheme.
 */
#ifndef RCTD_TRIAL_DESIGN_DESIGN_H
#define RCTD_TRIAL_DESIGN_DESIGN_H

#include "base/compiler.h"
#include "base/error.h"
#include "trial/protocol.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESIGN_BLOCK_MAX 1000 /* allocations in the largest block */

struct design {
    enum protocol_method method;

    /* Can the scheme be run? On false the error (ERROR_CONFIG) says what would be right. */
    bool (*check)(const struct protocol_scheme *scheme, struct error *error);

    /*
     * The method draws by blocks: the stream of draw b, from 0, gives block b. `block_size` reads
     * only the size; `block` also the arms, one per place, and returns the size. Both start at the
     * first word of the draw, and the scheme has passed `check`.
     */
    size_t (*block_size)(const struct protocol_scheme *scheme, struct stream *stream);
    size_t (*block)(const struct protocol_scheme *scheme, struct stream *stream,
        uint8_t arms[DESIGN_BLOCK_MAX]);
};

/* The row of a method; NULL for a method that this version cannot run. */
const struct design *design_of(enum protocol_method method);

/*
 * Can the scheme be run: is its method here, are its ratios and parameters right? ERROR_CONFIG with
 * a sentence that says what would be right. `*design` is its row.
 */
bool design_check(const struct protocol_scheme *scheme, const struct design **design,
    struct error *error) MUST_CHECK;

#endif
