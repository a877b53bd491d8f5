/*
 * scheme.c: reads a scheme of allocation: unit, method, ratio and strata. Which parameters a method
 * needs and takes is one row of a table.
 */
#include "trial/protocol/read.h"

#include <string.h>

#define PARAMETERS_MAX 6

struct method_rule {
    const char *needs[PARAMETERS_MAX];
    const char *takes[PARAMETERS_MAX];
    bool two_equal_arms; /* defined for two arms in the ratio 1:1 */
    bool equal_arms;     /* defined for equal ratios */
};

static const struct method_rule method_rules[METHOD_COUNT] = {
    [METHOD_SIMPLE] = {{"ratio"}, {"strata"}, false, false},
    [METHOD_PERMUTED_BLOCK] = {{"ratio", "blocks"}, {"strata"}, false, false},
    [METHOD_BIASED_COIN] = {{"ratio", "p"}, {"strata"}, true, false},
    [METHOD_BIG_STICK] = {{"ratio", "limit"}, {"strata"}, true, false},
    [METHOD_BIASED_COIN_LIMIT] = {{"ratio", "limit", "p"}, {"strata"}, true, false},
    [METHOD_BLOCK_URN] = {{"ratio", "size"}, {"strata"}, false, false},
    [METHOD_URN] = {{"ratio", "alpha", "beta"}, {"strata"}, false, true},
    [METHOD_MAXIMAL] = {{"ratio", "limit", "length"}, {"strata", "balanced_end"}, true, false},
    [METHOD_MINIMISATION] = {{"ratio", "factors"}, {"measure", "form", "p", "ranked"}, false,
        false},
    [METHOD_CONSTRAINED] = {{"ratio", "factors"},
        {"strata", "score", "accept", "enumerate", "sample"}, false, false},
    [METHOD_NONRANDOM] = {{"arms"}, {NULL}, false, false},
};

/* Keys that every method takes. */
static const char *const common_keys[] = {"unit", "method", "roster_lock", "predictability"};

struct written {
    const struct yaml_node *unit;
    const struct yaml_node *method;
    const struct yaml_node *ratio;
    const struct yaml_node *arms;
    const struct yaml_node *strata;
    const struct yaml_node *factors;
    const struct yaml_node *blocks;
    const struct yaml_node *ranked;
};

static const char *const measure_names[] = {
    [MEASURE_RANGE] = "range",
    [MEASURE_VARIANCE] = "variance",
    [MEASURE_SD] = "sd",
    [MEASURE_MARGINAL] = "marginal",
};
static const char *const form_names[] = {
    [FORM_PLAIN] = "plain",
    [FORM_BIASED_COIN] = "biased-coin",
    [FORM_RANKED] = "ranked",
};
static const char *const score_names[] = {[SCORE_L2] = "l2", [SCORE_L1] = "l1"};

/* What is read at once, and what is read when the rest is known. */
struct reading {
    struct written written;
    bool roster_lock;
    double predictability;
    struct protocol_design design;
};

#define PREDICTABILITY 0.75 /* where the protocol sets none: as blocks of two */

#define LARGEST 100000

static const struct field scheme_fields[] = {
    FIELD(FIELD_NODE, "unit", reading, written.unit, .required = true),
    FIELD(FIELD_NODE, "method", reading, written.method, .required = true),
    FIELD(FIELD_NODE, "ratio", reading, written.ratio),
    FIELD(FIELD_NODE, "arms", reading, written.arms),
    FIELD(FIELD_NODE, "strata", reading, written.strata),
    FIELD(FIELD_NODE, "factors", reading, written.factors),
    FIELD(FIELD_NODE, "blocks", reading, written.blocks),
    FIELD(FIELD_NODE, "ranked", reading, written.ranked),
    FIELD(FIELD_YES, "roster_lock", reading, roster_lock),
    FIELD(FIELD_SHARE, "predictability", reading, predictability, .low = 0.01, .high = 1),
    FIELD(FIELD_COUNT, "limit", reading, design.limit, .low = 1, .high = LARGEST),
    FIELD(FIELD_NUMBER, "p", reading, design.p, .low = 0.5, .high = 1),
    FIELD(FIELD_COUNT, "size", reading, design.size, .low = 1, .high = LARGEST),
    FIELD(FIELD_COUNT, "alpha", reading, design.alpha, .low = 0, .high = LARGEST),
    FIELD(FIELD_COUNT, "beta", reading, design.beta, .low = 1, .high = LARGEST),
    FIELD(FIELD_COUNT, "length", reading, design.length, .low = 2, .high = 1000),
    FIELD(FIELD_YES, "balanced_end", reading, design.balanced_end),
    FIELD(FIELD_WORD, "measure", reading, design.measure, .words = WORDS(measure_names)),
    FIELD(FIELD_WORD, "form", reading, design.form, .words = WORDS(form_names)),
    FIELD(FIELD_WORD, "score", reading, design.score, .words = WORDS(score_names)),
    FIELD(FIELD_SHARE, "accept", reading, design.accept, .low = 0.000001, .high = 1),
    FIELD(FIELD_COUNT, "enumerate", reading, design.enumerate, .low = 1, .high = 10000000),
    FIELD(FIELD_COUNT, "sample", reading, design.sample, .low = 1, .high = 10000000),
};

/* Tells about parameters that the method lacks, and about those that mean nothing to it. */
static void
check_parameters(struct reader *reader, const struct yaml_node *node, const struct given *given,
    enum protocol_method method)
{
    const struct method_rule *rule = &method_rules[method];
    for (size_t i = 0; i < PARAMETERS_MAX && rule->needs[i] != NULL; i++)
        if (!field_given(given, rule->needs[i]))
            reader_fault_key(reader, node,
                arena_printf(reader->arena, "add %s: ...", rule->needs[i]),
                "the method %s needs the key `%s`", protocol_method_name(method), rule->needs[i]);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        if (named_has(NAMED(scheme_fields, COUNT_OF(scheme_fields)), entry->key) &&
            !named_has(NAMED(common_keys, COUNT_OF(common_keys)), entry->key) &&
            !named_has(NAMED(rule->needs, PARAMETERS_MAX), entry->key) &&
            !named_has(NAMED(rule->takes, PARAMETERS_MAX), entry->key))
            reader_fault_key(reader, entry, "remove it, or choose the method that it belongs to",
                "`%s` means nothing to the method %s", entry->key, protocol_method_name(method));
    }
}

/* The ratio names arms and gives each a whole number. */
static void
read_ratio(struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme)
{
    const struct protocol *protocol = reader->protocol;
    static const struct field share = {.type = FIELD_COUNT, .low = 1, .high = 1000};
    if (!reader_is_map(reader, node, "arms"))
        return;
    struct named arms = NAMED(protocol->arms, protocol->arm_count);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t arm = reader_key(reader, entry, arms, "an arm");
        unsigned count;
        if (arm != PROTOCOL_NONE && field_read_value(reader, entry, &share, &count)) {
            scheme->ratio[arm] = count;
            scheme->ratio_sum += count;
        }
    }
}

/* Arms of a comparison that is not random: each takes part. */
static void
read_arms(struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme)
{
    const struct protocol *protocol = reader->protocol;
    size_t *arms = NULL;
    size_t count = 0;
    reader_references(
        reader, node, NAMED(protocol->arms, protocol->arm_count), "an arm", &arms, &count);
    for (size_t i = 0; i < count; i++)
        scheme->ratio[arms[i]] = 1;
    scheme->ratio_sum = (unsigned)count;
}

static void
check_ratio(
    struct reader *reader, const struct yaml_node *node, const struct protocol_scheme *scheme)
{
    const struct method_rule *rule = &method_rules[scheme->method];
    unsigned arms = 0, largest = 0;
    for (size_t i = 0; i < PROTOCOL_ARMS_MAX; i++) {
        arms += scheme->ratio[i] > 0;
        largest = scheme->ratio[i] > largest ? scheme->ratio[i] : largest;
    }
    bool equal = scheme->ratio_sum == arms * largest;
    const char *name = protocol_method_name(scheme->method);
    if (arms < 2)
        reader_fault(reader, node, "name two arms or more", "there is nothing to choose between");
    else if (rule->two_equal_arms && (arms != 2 || !equal))
        reader_fault(reader, node, "name two arms with the same number, or choose another method",
            "the method %s is for two arms in equal numbers", name);
    else if (rule->equal_arms && !equal)
        reader_fault(reader, node, "give every arm the same number, or choose another method",
            "the method %s is for arms in equal numbers", name);
    else if (scheme->design.form == FORM_RANKED && !equal)
        reader_fault(reader, node, "give every arm the same number, or write form: biased-coin",
            "ranked probabilities are for arms in equal numbers");
}

/* The block of a block urn holds the ratio, as a permuted block does. */
static void
check_size(
    struct reader *reader, const struct yaml_node *node, const struct protocol_scheme *scheme)
{
    unsigned size = scheme->design.size;
    if (scheme->method == METHOD_BLOCK_URN && scheme->ratio_sum > 0 &&
        size % scheme->ratio_sum != 0)
        reader_fault_key(reader, node,
            arena_printf(
                reader->arena, "write size: %u, %u, ...", scheme->ratio_sum, 2 * scheme->ratio_sum),
            "a block of %u cannot hold the ratio, which adds up to %u", size, scheme->ratio_sum);
}

/* A block of the maximal procedure that ends in balance has as many places for either arm. */
static void
check_length(
    struct reader *reader, const struct yaml_node *node, const struct protocol_scheme *scheme)
{
    unsigned length = scheme->design.length;
    if (scheme->method == METHOD_MAXIMAL && scheme->design.balanced_end && length % 2 != 0)
        reader_fault_key(reader, node,
            arena_printf(reader->arena, "write length: %u, or leave balanced_end out", length - 1),
            "a block of %u cannot end in balance", length);
}

/* Strata are attributes of the unit that have levels. */
static void
read_strata(struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme)
{
    const struct protocol_subject *subject = &reader->protocol->subjects[scheme->unit];
    struct named attributes = NAMED(subject->attributes, subject->attribute_count);
    reader_references(reader, node, attributes,
        scheme->unit == PROTOCOL_WORKPLACE ? "an attribute of workplaces"
                                           : "an attribute of participants",
        &scheme->factors, &scheme->factor_count);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        if (entry->kind != YAML_SCALAR)
            continue;
        const struct protocol_attribute *attribute = named_get(attributes, entry->text);
        if (attribute != NULL && attribute->level_count == 0 && attribute->kind != ATTRIBUTE_BROKEN)
            reader_fault(reader, entry, "stratify on an attribute with levels, or on bands of it",
                "`%s` has no levels", entry->text);
    }
}

/* The plain and the biased-coin form need p, the ranked one its list. */
static void
check_form(struct reader *reader, const struct yaml_node *node, const struct given *given,
    const struct written *written, struct protocol_scheme *scheme)
{
    bool ranked = scheme->design.form == FORM_RANKED;
    if (ranked && written->ranked == NULL)
        reader_fault_key(
            reader, node, "add ranked: [0.6, 0.3, 0.1]", "the form ranked needs the key `ranked`");
    if (!ranked && !field_given(given, "p"))
        reader_fault_key(reader, node, "add p: ...", "the method minimisation needs the key `p`");
    if (ranked && field_given(given, "p"))
        reader_fault_key(reader, node, "remove p, or the form", "the form ranked has no p");
    if (!ranked && written->ranked != NULL)
        reader_fault_key(reader, written->ranked, "add form: ranked, or remove it",
            "`ranked` belongs to the form ranked");
    if (written->ranked != NULL)
        protocol_read_ranked(reader, written->ranked, scheme);
}

/* What a constrained randomisation does where the protocol leaves it open. */
static void
fill_defaults(struct protocol_scheme *scheme)
{
    struct protocol_design *design = &scheme->design;
    if (scheme->method != METHOD_CONSTRAINED)
        return;
    if (design->accept <= 0)
        design->accept = 0.1;
    if (design->enumerate == 0)
        design->enumerate = 100000;
    if (design->sample == 0)
        design->sample = 20000;
}

/* The ratio, its arms, and blocks that must hold it: as far as they can be read where the method is
 * not known, so that all their faults are told in one run. */
static void
read_shares(struct reader *reader, const struct written *written, bool has_method,
    struct protocol_scheme *scheme)
{
    bool random = !has_method || scheme->method != METHOD_NONRANDOM;
    if (written->ratio != NULL && random) {
        size_t before = reader->faults->total;
        read_ratio(reader, written->ratio, scheme);
        if (reader->faults->total != before)
            scheme->ratio_sum = 0; /* blocks cannot be held against it */
        else if (has_method)
            check_ratio(reader, written->ratio, scheme);
    }
    if (written->arms != NULL && (!has_method || !random))
        read_arms(reader, written->arms, scheme);
    if (written->blocks != NULL && (!has_method || scheme->method == METHOD_PERMUTED_BLOCK))
        protocol_read_blocks(reader, written->blocks, scheme);
}

/* NULL after telling that there are too many. */
static struct protocol_scheme *
add_scheme(struct reader *reader, const struct yaml_node *node, const char *name, size_t phase)
{
    struct protocol *protocol = reader->protocol;
    if (protocol->scheme_count == READER_ENTRIES_MAX) {
        reader_fault_key(reader, node, "at most 500 are taken", "there are too many schemes");
        return NULL;
    }
    if (named_has(NAMED(protocol->schemes, protocol->scheme_count), name))
        reader_fault_key(
            reader, node, "choose another name", "there is a scheme `%.80s` already", name);
    protocol->schemes = arena_grow(reader->arena, protocol->schemes, protocol->scheme_count,
        &reader->scheme_capacity, sizeof *protocol->schemes);
    struct protocol_scheme *scheme = &protocol->schemes[protocol->scheme_count++];
    *scheme = (struct protocol_scheme){
        .name = name, .phase = phase, .line = node->key_line, .column = node->key_column};
    return scheme;
}

void
protocol_read_scheme(
    struct reader *reader, const struct yaml_node *node, const char *name, size_t phase)
{
    struct protocol_scheme *scheme =
        node->kind == YAML_REFUSED ? NULL : add_scheme(reader, node, name, phase);
    struct reading reading = {.predictability = PREDICTABILITY};
    struct given given;
    if (scheme == NULL ||
        !field_read_given(reader, node, scheme_fields, COUNT_OF(scheme_fields), &reading, &given))
        return;
    scheme->roster_lock = reading.roster_lock;
    scheme->predictability = reading.predictability;
    scheme->design = reading.design;
    const struct field unit = {.type = FIELD_WORD, .words = protocol_unit_words};
    const struct field method = {.type = FIELD_WORD, .words = protocol_method_words};
    const struct written *written = &reading.written;
    bool has_unit =
        written->unit != NULL && field_read_value(reader, written->unit, &unit, &scheme->unit);
    bool has_method = written->method != NULL &&
                      field_read_value(reader, written->method, &method, &scheme->method);
    if (has_method)
        check_parameters(reader, node, &given, scheme->method);
    read_shares(reader, written, has_method, scheme);
    if (has_method) {
        check_size(reader, node, scheme);
        check_length(reader, node, scheme);
    }
    if (has_unit && written->strata != NULL)
        read_strata(reader, written->strata, scheme);
    if (has_unit && has_method && written->factors != NULL)
        protocol_read_factors(reader, written->factors, scheme);
    if (has_method && scheme->method == METHOD_MINIMISATION)
        check_form(reader, node, &given, written, scheme);
    fill_defaults(scheme);
}
