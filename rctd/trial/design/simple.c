/*
 * simple.c: simple randomisation. Every allocation is a draw of its own, whatever came before: a
 * block of one place.
 */
#include "trial/design/design.h"

static bool
check(const struct protocol_scheme *scheme, struct error *error)
{
    (void)scheme;
    (void)error;
    return true;
}

static size_t
block_size(const struct protocol_scheme *scheme, struct stream *stream)
{
    (void)scheme;
    (void)stream;
    return 1;
}

static size_t
block(const struct protocol_scheme *scheme, struct stream *stream, uint8_t arms[DESIGN_BLOCK_MAX])
{
    uint64_t share = stream_uniform(stream, scheme->ratio_sum);
    size_t arm = 0;
    for (; share >= scheme->ratio[arm]; arm++)
        share -= scheme->ratio[arm];
    arms[0] = (uint8_t)arm;
    return 1;
}

static void
probabilities(const struct protocol_scheme *scheme, const int64_t counts[PROTOCOL_ARMS_MAX],
    double p[PROTOCOL_ARMS_MAX])
{
    (void)counts;
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        p[arm] = (double)scheme->ratio[arm] / scheme->ratio_sum;
}

const struct design simple_design = {
    .method = METHOD_SIMPLE,
    .first_draw = 1,
    .check = check,
    .block_size = block_size,
    .block = block,
    .probabilities = probabilities,
};
