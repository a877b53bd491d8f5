/*
 * attribute.c: reads attributes (of workplaces, of participants, and the fields of
 * instruments). What is written says which kind it is: levels, a type, bands of another attribute,
 * or a pattern.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

#include <limits.h>
#include <string.h>

/* An attribute as it is written, before its kind is known. */
struct written {
    const struct yaml_node *levels;
    const struct yaml_node *type;
    const struct yaml_node *minimum;
    const struct yaml_node *maximum;
    const struct yaml_node *from;
    const struct yaml_node *bands;
    const struct yaml_node *pattern;
    const char *version;
};

static const struct field written_fields[] = {
    FIELD(FIELD_NODE, "levels", written, levels),
    FIELD(FIELD_NODE, "type", written, type),
    FIELD(FIELD_NODE, "min", written, minimum),
    FIELD(FIELD_NODE, "max", written, maximum),
    FIELD(FIELD_NODE, "from", written, from),
    FIELD(FIELD_NODE, "bands", written, bands),
    FIELD(FIELD_NODE, "pattern", written, pattern),
    FIELD(FIELD_TEXT, "version", written, version),
};

#define LIMIT 1000000000.0

static const struct field limit_field = {.type = FIELD_WHOLE, .low = -LIMIT, .high = LIMIT};

static const char *const type_names[] = {"integer", "boolean"};
static const struct field type_field = {.type = FIELD_WORD, .words = WORDS(type_names)};

static const char *boolean_levels[] = {"true", "false"};

/* Tells that a key has no meaning for this kind of attribute. */
static void
refuse(struct reader *reader, const struct yaml_node *node, const char *why)
{
    if (node != NULL)
        reader_fault_key(reader, node, "remove it", "`%s` means nothing %s", node->key, why);
}

static void
read_levels(
    struct reader *reader, const struct yaml_node *node, struct protocol_attribute *attribute)
{
    static const struct field levels_field =
        FIELD_LIST(FIELD_IDS, "levels", protocol_attribute, levels, level_count);
    if (field_read_value(reader, node, &levels_field, attribute))
        attribute->kind = ATTRIBUTE_LEVELS;
}

static void
read_type(
    struct reader *reader, const struct written *written, struct protocol_attribute *attribute)
{
    int type;
    if (!field_read_value(reader, written->type, &type_field, &type))
        return;
    if (type == 1) {
        attribute->kind = ATTRIBUTE_BOOLEAN;
        attribute->levels = boolean_levels;
        attribute->level_count = COUNT_OF(boolean_levels);
        refuse(reader, written->minimum, "for a yes-or-no attribute");
        refuse(reader, written->maximum, "for a yes-or-no attribute");
        return;
    }
    attribute->kind = ATTRIBUTE_INTEGER;
    if (written->minimum != NULL)
        (void)field_read_value(reader, written->minimum, &limit_field, &attribute->minimum);
    if (written->maximum != NULL)
        (void)field_read_value(reader, written->maximum, &limit_field, &attribute->maximum);
    if (attribute->minimum > attribute->maximum)
        reader_fault(
            reader, written->maximum, "write the larger number as max", "max is less than min");
}

/* Bands must not share a value; each is compared with those before it. */
static void
check_overlap(struct reader *reader, const struct yaml_node *node,
    const struct protocol_attribute *attribute, size_t index)
{
    const struct protocol_band *band = &attribute->bands[index];
    for (size_t i = 0; i < index; i++) {
        const struct protocol_band *other = &attribute->bands[i];
        if (band->low <= other->high && other->low <= band->high) {
            reader_fault(reader, node, "give every number one band at most",
                "the bands `%s` and `%s` overlap", attribute->levels[i], attribute->levels[index]);
            return;
        }
    }
}

static void
read_bands(
    struct reader *reader, const struct yaml_node *node, struct protocol_attribute *attribute)
{
    if (!reader_is_map(reader, node, "bands"))
        return;
    attribute->levels = arena_array(reader->arena, node->count, sizeof *attribute->levels);
    attribute->bands = arena_array(reader->arena, node->count, sizeof *attribute->bands);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t index = attribute->level_count;
        struct protocol_band *band = &attribute->bands[index];
        attribute->levels[index] = entry->key;
        if (!reader_range(reader, entry, &band->low, &band->high))
            *band = (struct protocol_band){.low = LLONG_MAX, .high = LLONG_MIN};
        else
            check_overlap(reader, entry, attribute, index);
        attribute->level_count++;
    }
    attribute->kind = ATTRIBUTE_BANDS;
}

/* The attribute that a band is derived from must stand in the same section, as a number. */
static void
resolve_source(struct reader *reader, const struct yaml_node *node,
    const struct protocol_attribute *attributes, size_t count, struct protocol_attribute *attribute)
{
    const char *source = reader_text(reader, node);
    if (source == NULL)
        return;
    const char **numbers = arena_array(reader->arena, count, sizeof *numbers);
    size_t number_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool same = strcmp(attributes[i].name, source) == 0;
        if (same && attributes[i].kind == ATTRIBUTE_BROKEN)
            return;
        if (attributes[i].kind != ATTRIBUTE_INTEGER && attributes[i].kind != ATTRIBUTE_AGE)
            continue;
        numbers[number_count++] = attributes[i].name;
        if (same)
            attribute->source = i;
    }
    if (attribute->source == PROTOCOL_NONE)
        reader_unknown(reader, node, source, "a number among these attributes",
            (struct words){numbers, number_count});
}

/* Everything but the source of bands, which may stand further down. */
static void
read_attribute(struct reader *reader, const struct yaml_node *node, struct written *written,
    struct protocol_attribute *attribute)
{
    *attribute = (struct protocol_attribute){
        .name = node->key,
        .kind = ATTRIBUTE_BROKEN,
        .minimum = LLONG_MIN,
        .maximum = LLONG_MAX,
        .source = PROTOCOL_NONE,
    };
    if (!field_read(reader, node, written_fields, COUNT_OF(written_fields), written))
        return;
    attribute->version = written->version;
    const struct yaml_node *ways[] = {
        written->levels, written->type, written->from, written->pattern};
    size_t given = 0;
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        given += ways[i] != NULL;
    if (given != 1) {
        reader_fault_key(reader, node, "write one of levels, type, from (with bands) or pattern",
            given == 0 ? "it is not said which values this attribute has"
                       : "it is said in more than one way which values this attribute has");
        return;
    }
    if (written->levels != NULL)
        read_levels(reader, written->levels, attribute);
    else if (written->type != NULL)
        read_type(reader, written, attribute);
    else if (written->pattern != NULL) {
        attribute->kind = ATTRIBUTE_PATTERN;
        attribute->pattern = reader_pattern(reader, written->pattern, &attribute->pattern_text);
    }
    if (written->type == NULL) {
        refuse(reader, written->minimum, "without type: integer");
        refuse(reader, written->maximum, "without type: integer");
    }
    if (written->from == NULL)
        refuse(reader, written->bands, "without from");
    else if (written->bands == NULL)
        reader_fault_key(
            reader, node, "add bands: {\"LOW-HIGH\": [LOW, HIGH]}", "the bands are missing");
    else
        read_bands(reader, written->bands, attribute);
}

void
protocol_read_attributes(struct reader *reader, const struct yaml_node *node,
    struct protocol_attribute **attributes, size_t *count)
{
    /* `age` may already be there, and stays where the protocol does not say it itself. */
    size_t derived = *count;
    struct protocol_attribute age = derived > 0 ? (*attributes)[0] : (struct protocol_attribute){0};
    if (!reader_is_map(reader, node, "attributes"))
        return;
    struct protocol_attribute *items =
        arena_array(reader->arena, node->count + derived, sizeof *items);
    struct written *written = arena_array(reader->arena, node->count + derived, sizeof *written);
    size_t used = 0;
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        read_attribute(reader, entry, &written[used], &items[used]);
        if (derived > 0 && strcmp(entry->key, age.name) == 0)
            derived = 0;
        used++;
    }
    if (derived > 0)
        items[used++] = age;
    for (size_t i = 0; i < used; i++)
        if (written[i].from != NULL)
            resolve_source(reader, written[i].from, items, used, &items[i]);
    *attributes = items;
    *count = used;
}
