/*
 * design.h: the methods that decide arms. A method is one file in this directory and one row of
 * METHOD_TABLE; allocate.c walks a stratum's positions with what the row gives. Everything here is
 * pure: a design, a stream and nothing else.
 *
 * Arms are numbered from 0 in protocol order. An arm with ratio 0 has no part in the scheme.
 */
#ifndef RCTD_TRIAL_DESIGN_DESIGN_H
#define RCTD_TRIAL_DESIGN_DESIGN_H

#include "base/compiler.h"
#include "base/error.h"
#include "trial/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESIGN_ARMS_MAX 26
#define DESIGN_BLOCK_MAX 1000 /* allocations in the largest block */
#define DESIGN_SIZES_MAX 100  /* block sizes listed; a list may repeat one to weight it */

/* X(enum name, name in a protocol, prefix of its functions) */
#define METHOD_TABLE(X) X(PERMUTED_BLOCK, "permuted-block", permuted_block)

#define METHOD_ENUM(method, name, functions) METHOD_##method,
enum method { METHOD_TABLE(METHOD_ENUM) METHOD_COUNT };
#undef METHOD_ENUM

struct design {
    enum method method;
    size_t arms;                     /* of the protocol, 1 .. DESIGN_ARMS_MAX */
    uint32_t ratio[DESIGN_ARMS_MAX]; /* in protocol order */
    size_t size_count;               /* permuted blocks: how many sizes are listed */
    uint32_t sizes[DESIGN_SIZES_MAX];
};

struct design_method {
    enum method method;
    const char *name;

    /* Can the design be run? On false the error (ERROR_CONFIG) says what would be right. */
    bool (*check)(const struct design *design, struct error *error);

    /*
     * The method draws by blocks: the stream of draw b, from 0, gives block b. `block_size` reads
     * only the size; `block` also the arms, one per place, and returns the size. Both start from a
     * stream that has just been opened. The design has passed `check`.
     */
    size_t (*block_size)(const struct design *design, struct stream *stream);
    size_t (*block)(
        const struct design *design, struct stream *stream, uint8_t arms[DESIGN_BLOCK_MAX]);
};

const struct design_method *design_method(enum method method);

/* The method of that name in a protocol; NULL when there is none. */
const struct design_method *design_method_named(const char *name);

/* "permuted-block, ..." for messages: the names of all methods. */
const char *design_method_names(void);

/* Are the number of arms, the ratios and the method's own parameters right? ERROR_CONFIG when not.
 */
bool design_check(const struct design *design, struct error *error) MUST_CHECK;

/* Sum of the ratios. */
uint64_t design_ratio_sum(const struct design *design);

#endif
