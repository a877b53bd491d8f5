/*
 * permuted_block.c: each block holds every arm in its ratio, in an order drawn by Fisher-Yates. The
 * size comes first from the same draw, so that a walk over blocks needs no shuffle.
 */
#include "trial/design/permuted_block.h"

#include "trial/design/design.h"

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    if (scheme->design.block_count == 0)
        return error_set(error, ERROR_CONFIG, "permuted block",
            "scheme %s lists no block sizes: at least one is needed", scheme->name);
    for (size_t i = 0; i < scheme->design.block_count; i++) {
        unsigned size = scheme->design.blocks[i];
        if (size == 0 || size > DESIGN_BLOCK_MAX || size % scheme->ratio_sum != 0)
            return error_set(error, ERROR_CONFIG, "permuted block",
                "scheme %s cannot have blocks of %u: a block's size is a multiple of %u, the sum "
                "of the ratios, and at most %d",
                scheme->name, size, scheme->ratio_sum, DESIGN_BLOCK_MAX);
    }
    return true;
}

static size_t
block_size(const struct protocol_scheme *scheme, struct stream *stream)
{
    return scheme->design.blocks[stream_uniform(stream, scheme->design.block_count)];
}

static size_t
block(const struct protocol_scheme *scheme, struct stream *stream, uint8_t arms[DESIGN_BLOCK_MAX])
{
    size_t size = block_size(scheme, stream);
    size_t times = size / scheme->ratio_sum;
    size_t filled = 0;
    for (size_t arm = 0; filled < size; arm++)
        for (size_t i = 0; i < times * scheme->ratio[arm]; i++)
            arms[filled++] = (uint8_t)arm;
    for (size_t i = size - 1; i > 0; i--) {
        size_t other = stream_uniform(stream, i + 1);
        uint8_t moved = arms[i];
        arms[i] = arms[other];
        arms[other] = moved;
    }
    return size;
}

void
permuted_block_probabilities(const struct protocol_scheme *scheme, size_t size,
    const int64_t counts[PROTOCOL_ARMS_MAX], double p[PROTOCOL_ARMS_MAX])
{
    int64_t places = (int64_t)size, times = places / scheme->ratio_sum, sum = 0;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        sum += counts[arm];
    int64_t blocks = sum / places + 1;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++) {
        int64_t left = blocks * times * scheme->ratio[arm] - counts[arm];
        p[arm] = (double)left / (double)(places - sum % places);
    }
}

const struct design permuted_block_design = {
    .method = METHOD_PERMUTED_BLOCK,
    .first_draw = 0,
    .check = check,
    .block_size = block_size,
    .block = block,
};
