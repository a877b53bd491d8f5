/*
 * simulate_designs.c: all designs of one call: those of a protocol, the one that the options
 * describe, and those it is held against; and what they have in common: units, strata, the ratio.
 */
#include "cli/design/simulate_designs.h"

#include "base/text.h"
#include "cli/offline.h"
#include "trial/design/design.h"

#include <string.h>

#define STRATA_MAX 1000

static struct simulate_design *
add_design(struct session *session, struct simulate_designs *designs, size_t *capacity)
{
    designs->items = arena_grow(
        session->arena, designs->items, designs->count, capacity, sizeof *designs->items);
    struct simulate_design *design = &designs->items[designs->count++];
    *design = (struct simulate_design){.strata = 1};
    return design;
}

/* Strata and how units come to them, for every design but those of a protocol that has its own. */
struct strata {
    bool given;
    size_t count;
    enum operating_pattern pattern;
    double *shares;
};

static bool
read_strata(struct session *session, const struct invocation *in, struct strata *strata)
{
    const struct simulate_given number = {"strata", invocation_option(in, "strata")};
    const struct simulate_given pattern = {"pattern", invocation_option(in, "pattern")};
    long long count = 1;
    size_t shares = 0;
    *strata = (struct strata){.given = number.value != NULL, .count = 1};
    if (number.value != NULL && !simulate_whole(session, &number, 1, STRATA_MAX, &count))
        return false;
    strata->count = (size_t)count;
    if (pattern.value == NULL || strcmp(pattern.value, "even") == 0)
        return true;
    if (strcmp(pattern.value, "random") == 0) {
        strata->pattern = OPERATING_RANDOM;
        return true;
    }
    strata->pattern = OPERATING_SHARES;
    if (strspn(pattern.value, "0123456789.,") != strlen(pattern.value))
        return error_set(&session->error, ERROR_MALFORMED, "--pattern",
            "--pattern cannot be `%s': give even, random, or the strata's shares such as 4,2,1",
            pattern.value);
    if (!simulate_numbers(session, &pattern, ',', STRATA_MAX, &strata->shares, &shares))
        return false;
    for (size_t i = 0; i < shares; i++)
        if (strata->shares[i] <= 0)
            return error_set(&session->error, ERROR_MALFORMED, "--pattern",
                "each stratum of --pattern needs a share over 0");
    if (strata->given && strata->count != shares)
        return error_set(&session->error, ERROR_MALFORMED, "--pattern",
            "--pattern has %zu shares for %zu strata: give one for each", shares, strata->count);
    strata->given = true;
    strata->count = shares;
    return true;
}

static bool
put_strata(struct session *session, const struct strata *strata, struct simulate_design *design)
{
    bool minimises = design->scheme.method == METHOD_MINIMISATION;
    if (minimises && strata->given && strata->count > 1)
        return error_set(&session->error, ERROR_MALFORMED, "--strata",
            "minimisation has factors and no strata: leave --strata and --pattern out");
    design->strata = minimises ? 1 : strata->count;
    design->pattern = strata->pattern;
    design->shares = strata->shares;
    return true;
}

static bool
read_n(struct session *session, const struct invocation *in, size_t *n)
{
    const struct simulate_given given = {"n", invocation_option(in, "n")};
    long long value = 0;
    if (given.value != NULL && !simulate_whole(session, &given, 1, OPERATING_N_MAX, &value))
        return false;
    *n = (size_t)value;
    return true;
}

/* Everything but designs of its own that the command line says. */
struct frame {
    size_t n; /* 0 where it is not given */
    struct strata strata;
    const char *ratio; /* what designs without one have; or NULL */
    size_t capacity;
};

static bool
add_asked(struct session *session, struct frame *frame, struct simulate_asked *asked,
    struct simulate_designs *designs)
{
    struct simulate_design *design = add_design(session, designs, &frame->capacity);
    if (frame->n == 0)
        return error_set(&session->error, ERROR_MALFORMED, "--n",
            "--n is missing: how many units are allocated");
    if (frame->ratio != NULL && simulate_find(asked, "ratio") == NULL)
        asked->given[asked->count++] = (struct simulate_given){"ratio", frame->ratio};
    design->n = frame->n;
    return simulate_make(session, asked, design) && put_strata(session, &frame->strata, design);
}

/* "2:1", of the arms that take part. */
static const char *
ratio_text(struct arena *arena, const struct protocol_scheme *scheme)
{
    struct text text;
    text_init(&text, arena);
    for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
        if (scheme->ratio[arm] > 0)
            text_printf(&text, "%s%u", text.length > 0 ? ":" : "", scheme->ratio[arm]);
    return text.bytes;
}

/* "rct (permuted-block blocks=3,6 ratio=1:1:1)" */
static const char *
label_scheme(struct arena *arena, const struct protocol_scheme *scheme)
{
    const struct protocol_design *design = &scheme->design;
    const struct {
        const char *name;
        unsigned value;
    } wholes[] = {{"limit", design->limit}, {"size", design->size}, {"alpha", design->alpha},
        {"beta", design->beta}, {"length", design->length}};
    struct text text;
    text_init(&text, arena);
    text_printf(&text, "%s (%s", scheme->name, protocol_method_name(scheme->method));
    for (size_t i = 0; i < design->block_count; i++)
        text_printf(&text, "%s%u", i == 0 ? " blocks=" : ",", design->blocks[i]);
    for (size_t i = 0; i < COUNT_OF(wholes); i++)
        if (wholes[i].value > 0)
            text_printf(&text, " %s=%u", wholes[i].name, wholes[i].value);
    if (design->p > 0)
        text_printf(&text, " p=%g", design->p);
    text_printf(&text, " ratio=%s)", ratio_text(arena, scheme));
    return text.bytes;
}

/* Strata of a scheme: every combination of its factors' levels. */
static size_t
count_strata(const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    size_t strata = 1;
    for (size_t i = 0; i < scheme->factor_count && strata <= STRATA_MAX; i++)
        strata *= protocol->subjects[scheme->unit].attributes[scheme->factors[i]].level_count;
    return strata;
}

static bool
add_scheme(struct session *session, struct frame *frame, const struct protocol *protocol,
    const struct protocol_scheme *scheme, struct simulate_designs *designs)
{
    struct simulate_design *design = add_design(session, designs, &frame->capacity);
    const struct design *unused;
    if (!design_check(scheme, &unused, &session->error))
        return false;
    design->label = label_scheme(session->arena, scheme);
    design->scheme = *scheme;
    design->protocol = protocol;
    design->n = frame->n > 0 ? frame->n : protocol->phases[scheme->phase].target[scheme->unit];
    if (design->n == 0)
        return error_set(&session->error, ERROR_MALFORMED, "--n",
            "the protocol sets no target for scheme %s: say with --n how many units are allocated",
            scheme->name);
    struct strata strata = frame->strata;
    if (!strata.given)
        strata.count = count_strata(protocol, scheme);
    if (strata.count > STRATA_MAX)
        return error_set(&session->error, ERROR_MALFORMED, "--strata",
            "scheme %s has more than %d strata: give a smaller number with --strata", scheme->name,
            STRATA_MAX);
    return put_strata(session, &strata, design);
}

/* What is compared with a protocol's schemes stands in the frame of the largest of them, but where
 * the command line says otherwise. */
static void
take_frame(struct session *session, const struct simulate_designs *designs, struct frame *frame)
{
    const struct simulate_design *largest = designs->items;
    for (size_t i = 1; i < designs->count; i++)
        if (designs->items[i].n > largest->n)
            largest = &designs->items[i];
    frame->n = largest->n;
    if (frame->ratio == NULL)
        frame->ratio = ratio_text(session->arena, &largest->scheme);
    if (!frame->strata.given)
        frame->strata.count = largest->strata;
}

/* Can it be simulated: is one unit decided after another? */
static bool
goes_unit_by_unit(const struct protocol_scheme *scheme)
{
    return scheme->method != METHOD_CONSTRAINED && scheme->method != METHOD_NONRANDOM;
}

/* The scheme that is named, or each that can be simulated. */
static bool
add_schemes(struct session *session, const struct invocation *in, struct frame *frame,
    struct simulate_designs *designs)
{
    const char *path = invocation_option(in, "protocol");
    const char *name = invocation_option(in, "scheme");
    if (path == NULL)
        return name == NULL || error_set(&session->error, ERROR_MALFORMED, "--scheme",
                                   "--scheme names a scheme of --protocol: give that too");
    const struct protocol *protocol = offline_protocol(session, path);
    if (protocol == NULL || (name != NULL && offline_scheme(session, protocol, name) == NULL))
        return false;
    for (size_t i = 0; i < protocol->scheme_count; i++) {
        const struct protocol_scheme *scheme = &protocol->schemes[i];
        if (name == NULL ? !goes_unit_by_unit(scheme) : strcmp(scheme->name, name) != 0)
            continue;
        if (!add_scheme(session, frame, protocol, scheme, designs))
            return false;
    }
    if (designs->count == 0)
        return error_set(&session->error, ERROR_FIELDS, path,
            "no scheme of %s decides one unit after another: there is nothing to simulate; what a "
            "constrained randomisation leads to is shown by rctctl constrain",
            path);
    take_frame(session, designs, frame);
    return true;
}

static bool
add_compared(struct session *session, const struct invocation *in, struct frame *frame,
    struct simulate_designs *designs)
{
    size_t at = 0;
    for (const char *word; (word = invocation_next(in, "compare", &at)) != NULL;) {
        struct simulate_asked asked;
        if (!simulate_ask_word(session, word, &asked) ||
            !add_asked(session, frame, &asked, designs))
            return false;
    }
    return true;
}

/* Parameters beside the method that they belong to. */
static bool
check_alone(struct session *session, const struct invocation *in)
{
    for (size_t i = 0; i < SIMULATE_PARAMETERS; i++) {
        const char *name = simulate_parameters[i];
        if (invocation_has(in, name) && strcmp(name, "ratio") != 0)
            return error_set(&session->error, ERROR_MALFORMED, name,
                "--%s belongs to --method; a protocol has its own, and in --compare it is written "
                "METHOD:%s=VALUE",
                name, name);
    }
    return true;
}

bool
simulate_designs_read(
    struct session *session, const struct invocation *in, struct simulate_designs *designs)
{
    struct frame frame = {.ratio = invocation_option(in, "ratio")};
    *designs = (struct simulate_designs){0};
    if (!read_n(session, in, &frame.n) || !read_strata(session, in, &frame.strata))
        return false;
    if (!add_schemes(session, in, &frame, designs))
        return false;
    if (invocation_has(in, "method")) {
        struct simulate_asked asked;
        simulate_ask_options(in, &asked);
        if (!add_asked(session, &frame, &asked, designs))
            return false;
    } else if (!check_alone(session, in)) {
        return false;
    }
    return add_compared(session, in, &frame, designs);
}
