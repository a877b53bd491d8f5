/*
 * scheme_design.c: reads the parameters of methods that are lists or maps: block sizes, what is
 * balanced, probabilities by rank.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

static const struct field blocks_field = FIELD_LIST(
    FIELD_COUNTS, "blocks", protocol_design, blocks, block_count, .low = 1, .high = 1000);

void
protocol_read_blocks(
    struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme)
{
    if (!field_read_value(reader, node, &blocks_field, &scheme->design) || scheme->ratio_sum == 0)
        return;
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        long long size;
        if (entry->kind == YAML_SCALAR && text_to_int64(entry->text, &size) && size > 0 &&
            size % scheme->ratio_sum != 0)
            reader_fault(reader, entry,
                arena_printf(
                    reader->arena, "write %u, %u, ...", scheme->ratio_sum, 2 * scheme->ratio_sum),
                "a block of %lld cannot hold the ratio, which adds up to %u", size,
                scheme->ratio_sum);
    }
}

static const char *const as_names[] = {"categorical", "ordinal"};

struct written_factor {
    double weight;
    unsigned as; /* index into as_names */
    double mean;
    double total;
};

static const struct field weight_field = {.type = FIELD_NUMBER, .low = 0.001, .high = 1000};

static const struct field factor_fields[] = {
    FIELD(FIELD_NUMBER, "weight", written_factor, weight, .low = 0.001, .high = 1000),
    FIELD(FIELD_WORD, "as", written_factor, as, .words = WORDS(as_names)),
    FIELD(FIELD_NUMBER, "mean", written_factor, mean, .low = 0.000001, .high = 1e12),
    FIELD(FIELD_NUMBER, "total", written_factor, total, .low = 0.000001, .high = 1e12),
};

/* A weight, or a map of weight, kind and limits, which only constrained randomisation knows. */
static bool
read_factor(struct reader *reader, const struct yaml_node *entry, enum protocol_method method,
    const struct protocol_attribute *attribute, struct protocol_balanced *balanced)
{
    struct written_factor written = {.weight = 1};
    if (entry->kind != YAML_MAP)
        return field_read_value(reader, entry, &weight_field, &balanced->weight);
    if (method != METHOD_CONSTRAINED) {
        reader_fault(reader, entry, arena_printf(reader->arena, "write %s: 1", attribute->name),
            "minimisation knows nothing of a factor but its weight");
        return false;
    }
    if (!field_read(reader, entry, factor_fields, COUNT_OF(factor_fields), &written))
        return false;
    if (written.as == 1 && attribute->kind != ATTRIBUTE_LEVELS &&
        attribute->kind != ATTRIBUTE_BANDS && attribute->kind != ATTRIBUTE_BROKEN)
        reader_fault(
            reader, entry, "leave `as` out", "`%s` has no levels in an order", attribute->name);
    balanced->weight = written.weight;
    balanced->ordinal = written.as == 1;
    balanced->mean_limit = written.mean;
    balanced->total_limit = written.total;
    return true;
}

/* Attributes to balance; minimisation needs levels. */
void
protocol_read_factors(
    struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme)
{
    const struct protocol_subject *subject = &reader->protocol->subjects[scheme->unit];
    if (!reader_is_map(reader, node, "attributes with weights"))
        return;
    struct protocol_design *design = &scheme->design;
    design->balanced = arena_array(reader->arena, node->count, sizeof *design->balanced);
    struct named attributes = NAMED(subject->attributes, subject->attribute_count);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct protocol_balanced *balanced = &design->balanced[design->balanced_count];
        balanced->attribute = reader_key(reader, entry, attributes, "an attribute of the unit");
        if (balanced->attribute == PROTOCOL_NONE)
            continue;
        const struct protocol_attribute *attribute = &subject->attributes[balanced->attribute];
        bool number = attribute->kind == ATTRIBUTE_INTEGER || attribute->kind == ATTRIBUTE_AGE;
        if (attribute->level_count == 0 && attribute->kind != ATTRIBUTE_BROKEN &&
            !(number && scheme->method == METHOD_CONSTRAINED))
            reader_fault_key(reader, entry, "choose an attribute with levels, or bands of it",
                "`%s` has no levels", attribute->name);
        if (read_factor(reader, entry, scheme->method, attribute, balanced))
            design->balanced_count++;
    }
}

void
protocol_read_ranked(
    struct reader *reader, const struct yaml_node *node, struct protocol_scheme *scheme)
{
    static const struct field share = {.type = FIELD_SHARE, .low = 0, .high = 1};
    struct protocol_design *design = &scheme->design;
    size_t arms = 0;
    double sum = 0;
    if (!reader_is_list(reader, node, "probabilities"))
        return;
    for (size_t i = 0; i < PROTOCOL_ARMS_MAX; i++)
        arms += scheme->ratio[i] > 0;
    design->ranked = arena_array(reader->arena, node->count, sizeof *design->ranked);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        double *value = &design->ranked[design->ranked_count];
        if (!field_read_value(reader, entry, &share, value))
            return;
        if (design->ranked_count++ > 0 && value[0] > value[-1])
            reader_fault(reader, entry, "write them falling",
                "a later rank is never more probable than an earlier one");
        sum += *value;
    }
    if (arms > 0 && design->ranked_count != arms)
        reader_fault(reader, node, arena_printf(reader->arena, "write %zu of them", arms),
            "%zu probabilities for %zu arms", design->ranked_count, arms);
    else if (sum < 1 - 1e-9 || sum > 1 + 1e-9)
        reader_fault(reader, node, "change them until they add up to 1",
            "the probabilities add up to %.6g", sum);
}
