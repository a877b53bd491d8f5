/*
 * advise.c: what a protocol may say but probably does not mean.
 */
#include "trial/protocol.h"

#include <limits.h>
#include <stdint.h>

static unsigned
largest_block(const struct protocol_design *design)
{
    unsigned largest = 0;
    for (size_t i = 0; i < design->block_count; i++)
        largest = design->blocks[i] > largest ? design->blocks[i] : largest;
    return largest;
}

static bool
one_size(const struct protocol_design *design)
{
    for (size_t i = 1; i < design->block_count; i++)
        if (design->blocks[i] != design->blocks[0])
            return false;
    return design->block_count > 0;
}

/* Numbers between two bands of a factor: a unit with one of them has no stratum. */
static void
advise_bands(const struct protocol_scheme *scheme, const struct protocol_attribute *attribute,
    const char *path, struct faults *advice)
{
    for (size_t i = 0; attribute->kind == ATTRIBUTE_BANDS && i < attribute->level_count; i++) {
        long long high = attribute->bands[i].high, next = LLONG_MAX;
        for (size_t j = 0; j < attribute->level_count; j++)
            if (attribute->bands[j].low > high && attribute->bands[j].low < next)
                next = attribute->bands[j].low;
        if (next != LLONG_MAX && next > high + 1)
            faults_add(advice, path, scheme->line, scheme->column,
                "let one of the bands beside them reach over them",
                "no band of `%s` holds %lld to %lld: who lies there is in no stratum",
                attribute->name, high + 1, next - 1);
    }
}

static void
advise_scheme(
    const struct protocol *protocol, const struct protocol_scheme *scheme, struct faults *advice)
{
    const char *path = protocol_scheme_path(advice->arena, protocol, scheme);
    size_t strata = protocol_scheme_strata(protocol, scheme);
    unsigned block = largest_block(&scheme->design);
    unsigned target = protocol->phases[scheme->phase].target[scheme->unit];
    size_t product;
    if (__builtin_mul_overflow(strata, block, &product) || product > SIZE_MAX / 2)
        product = SIZE_MAX / 2;
    if (strata > 1 && block > 0 && target > 0 && 2 * product > target)
        faults_add(advice, path, scheme->line, scheme->column, "use fewer strata or smaller blocks",
            "%zu strata with blocks of up to %u are %zu places for a target of %u: many blocks "
            "will stay unfinished, and the arms may become uneven",
            strata, block, product, target);
    for (size_t i = 0; i < scheme->factor_count; i++)
        advise_bands(
            scheme, &protocol->subjects[scheme->unit].attributes[scheme->factors[i]], path, advice);
    if (one_size(&scheme->design))
        faults_add(advice, path, scheme->line, scheme->column,
            "list two sizes or more where more than one block is expected",
            "all blocks have one size (%u): whoever sees a block's arms can tell its last one",
            block);
}

void
protocol_advise(const struct protocol *protocol, struct faults *advice)
{
    for (size_t i = 0; i < protocol->scheme_count; i++)
        advise_scheme(protocol, &protocol->schemes[i], advice);
}
