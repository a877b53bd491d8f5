/*
 * advise.c: what a protocol may say but probably does not mean. The table of rules, and those that
 * are about strata and blocks.
 */
#include "trial/protocol/advise.h"

#include "trial/consequence.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

void
advise(const struct advised *advised, struct faults *advice, const char *source, const char *remedy,
    const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    faults_cite(advice, source, advised->path, advised->scheme->line, advised->scheme->column,
        remedy, "%s", message);
}

/* The largest block that must be filled for the arms to be even; 0 without blocks. */
static unsigned
largest_block(const struct protocol_scheme *scheme)
{
    unsigned largest = scheme->method == METHOD_BLOCK_URN ? scheme->design.size : 0;
    for (size_t i = 0; i < scheme->design.block_count; i++)
        largest = scheme->design.blocks[i] > largest ? scheme->design.blocks[i] : largest;
    return largest;
}

/* Blocking within strata helps only where strata times block is clearly less than the target. */
static void
advise_places(const struct advised *advised, struct faults *advice)
{
    unsigned block = largest_block(advised->scheme);
    size_t product;
    if (__builtin_mul_overflow(advised->strata, block, &product) || product > SIZE_MAX / 2)
        product = SIZE_MAX / 2;
    if (advised->strata > 1 && block > 0 && advised->target > 0 && 2 * product > advised->target)
        advise(advised, advice, "Kernan 1999",
            arena_printf(advice->arena,
                "use fewer strata or smaller blocks: at most %u places are well",
                advised->target / 2),
            "%zu strata with blocks of up to %u are %zu places for a target of %u: many blocks "
            "will stay unfinished, and the arms may become uneven",
            advised->strata, block, product, advised->target);
}

/* Without blocks: strata with two units or fewer balance nothing. */
static void
advise_strata(const struct advised *advised, struct faults *advice)
{
    if (advised->strata > 1 && largest_block(advised->scheme) == 0 && advised->target > 0 &&
        advised->scheme->method != METHOD_SIMPLE && advised->strata > advised->target / 2)
        advise(advised, advice, "Therneau 1993",
            arena_printf(advice->arena, "use fewer strata, at most %u, or method: minimisation",
                advised->target / 2),
            "%zu strata for a target of %u %s: most hold two or fewer, and nothing is balanced",
            advised->strata, advised->target, advised->units);
}

/* Numbers between two bands of a factor: a unit with one of them has no stratum. */
static void
advise_gaps(const struct advised *advised, const struct protocol_attribute *attribute,
    struct faults *advice)
{
    for (size_t i = 0; attribute->kind == ATTRIBUTE_BANDS && i < attribute->level_count; i++) {
        long long high = attribute->bands[i].high, next = LLONG_MAX;
        for (size_t j = 0; j < attribute->level_count; j++)
            if (attribute->bands[j].low > high && attribute->bands[j].low < next)
                next = attribute->bands[j].low;
        if (next != LLONG_MAX && next > high + 1)
            advise(advised, advice, NULL, "let one of the bands beside them reach over them",
                "no band of `%s` holds %lld to %lld: who lies there is in no stratum",
                attribute->name, high + 1, next - 1);
    }
}

static void
advise_bands(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    const struct protocol_subject *subject = &advised->protocol->subjects[scheme->unit];
    for (size_t i = 0; i < scheme->factor_count; i++)
        advise_gaps(advised, &subject->attributes[scheme->factors[i]], advice);
    for (size_t i = 0; i < scheme->design.balanced_count; i++)
        advise_gaps(advised, &subject->attributes[scheme->design.balanced[i].attribute], advice);
}

static void
advise_one_size(const struct advised *advised, struct faults *advice)
{
    const struct protocol_design *design = &advised->scheme->design;
    for (size_t i = 1; i < design->block_count; i++)
        if (design->blocks[i] != design->blocks[0])
            return;
    if (design->block_count > 0)
        advise(advised, advice, "SPIRIT 2025 21b; Matts and Lachin 1988",
            "list two sizes or more where more than one block is expected",
            "all blocks have one size (%u): whoever sees a block's arms can tell its last one",
            design->blocks[0]);
}

/* The next arm can be guessed, whoever hides the list. */
static void
advise_predictable(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    struct consequence leads_to = consequence_of(advised->protocol, scheme);
    if (leads_to.unknown != NULL || leads_to.correct_guess <= scheme->predictability + 1e-9)
        return;
    advise(advised, advice, "Blackwell and Hodges 1957",
        scheme->method == METHOD_PERMUTED_BLOCK
            ? "list larger blocks of several sizes, or choose block-urn or big-stick"
            : "choose a smaller p, or a larger limit or size",
        "who always guesses the arm that is behind is right for %.1f %% of the %s, more than "
        "%.0f %%; %.1f %% of the allocations are certain",
        100 * leads_to.correct_guess, advised->units, 100 * scheme->predictability,
        100 * leads_to.deterministic);
}

/* Whole workplaces are allocated: people who are recruited afterwards are recruited by somebody who
 * knows the arm. */
static void
advise_roster(const struct advised *advised, struct faults *advice)
{
    const struct protocol_scheme *scheme = advised->scheme;
    unsigned people = advised->protocol->phases[scheme->phase].target[PROTOCOL_PARTICIPANT];
    if (scheme->unit == PROTOCOL_WORKPLACE && people > 0 && !scheme->roster_lock)
        advise(advised, advice, "Puffer 2003; Campbell 2012", "write roster_lock: true",
            "the %u participants need not be known before their workplace is allocated: who "
            "recruits them may know the arm",
            people);
}

static advise_rule *const rules[] = {
    advise_places,
    advise_strata,
    advise_bands,
    advise_one_size,
    advise_predictable,
    advise_roster,
    advise_simple,
    advise_coin,
    advise_urn,
    advise_limit,
    advise_maximal,
    advise_minimisation_certain,
    advise_minimisation_idle,
    advise_minimisation_ratio,
    advise_minimisation_ranks,
    advise_constrained_few,
    advise_constrained_sampled,
    advise_constrained_large,
};

static struct advised
advised_of(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    struct advised advised = {
        .protocol = protocol,
        .scheme = scheme,
        .path = protocol_scheme_path(arena, protocol, scheme),
        .units = scheme->unit == PROTOCOL_WORKPLACE ? "workplaces" : "participants",
        .target = protocol->phases[scheme->phase].target[scheme->unit],
        .strata = protocol_scheme_strata(protocol, scheme),
        .equal = true,
    };
    unsigned share = 0;
    for (size_t arm = 0; arm < protocol->arm_count; arm++) {
        if (scheme->ratio[arm] == 0)
            continue;
        advised.equal = advised.equal && (share == 0 || scheme->ratio[arm] == share);
        share = scheme->ratio[arm];
        advised.arms++;
    }
    if (advised.target > 0)
        advised.per_stratum = advised.strata >= advised.target
                                  ? 1
                                  : (unsigned)((advised.target - 1) / advised.strata + 1);
    return advised;
}

void
protocol_advise(const struct protocol *protocol, int year, struct faults *advice)
{
    advise_calendar(protocol, year, advice);
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        struct advised advised = advised_of(advice->arena, protocol, &protocol->schemes[i]);
        for (size_t rule = 0; rule < COUNT_OF(rules); rule++)
            rules[rule](&advised, advice);
    }
    advise_tasks(protocol, advice);
    advise_consents(protocol, advice);
}
