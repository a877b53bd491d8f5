/*
 * monitor.c: reads by what a trial is watched: representation of groups, safety events,
 * meetings of the monitoring board.
 */
#include "trial/protocol/read.h"

#include <math.h>

struct written_representation {
    const struct yaml_node *reference;
    double tolerance;
    const struct yaml_node *targets;
};

static const struct field representation_fields[] = {
    FIELD(FIELD_NODE, "reference", written_representation, reference),
    FIELD(FIELD_NUMBER, "tolerance", written_representation, tolerance, .low = 0, .high = 100),
    FIELD(FIELD_NODE, "targets", written_representation, targets),
};

#define SUM_TOLERANCE 0.005

/* The shares of all levels of one attribute; together they are the whole. */
static void
read_shares(struct reader *reader, const struct yaml_node *node,
    const struct protocol_attribute *attribute, double *shares)
{
    static const struct field share = {.type = FIELD_SHARE, .low = 0, .high = 1};
    if (!reader_is_map(reader, node, "shares of the levels"))
        return;
    size_t before = reader->faults->total;
    struct named levels = NAMED(attribute->levels, attribute->level_count);
    const char *what = arena_printf(reader->arena, "a level of `%s`", attribute->name);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t level = reader_key(reader, entry, levels, what);
        if (level != PROTOCOL_NONE)
            (void)field_read_value(reader, entry, &share, &shares[level]);
    }
    double sum = 0;
    for (size_t i = 0; i < attribute->level_count && reader->faults->total == before; i++) {
        sum += shares[i];
        if (yaml_get(node, attribute->levels[i]) == NULL)
            reader_fault_key(reader, node, "give every level a share, 0 where there are none",
                "the share of `%s` is missing", attribute->levels[i]);
    }
    if (reader->faults->total == before && fabs(sum - 1) > SUM_TOLERANCE)
        reader_fault_key(
            reader, node, "let them add up to 1 (100%)", "the shares add up to %.4g", sum);
}

static void
read_references(struct reader *reader, const struct yaml_node *node)
{
    struct protocol_representation *representation = &reader->protocol->representation;
    const struct protocol_subject *subject = &reader->protocol->subjects[PROTOCOL_PARTICIPANT];
    if (!reader_is_map(reader, node, "attributes with shares"))
        return;
    representation->references =
        arena_array(reader->arena, node->count, sizeof *representation->references);
    struct named attributes = NAMED(subject->attributes, subject->attribute_count);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t index = reader_key(reader, entry, attributes, "an attribute of participants");
        if (index == PROTOCOL_NONE)
            continue;
        const struct protocol_attribute *attribute = &subject->attributes[index];
        if (attribute->level_count == 0) {
            reader_fault_key(reader, entry, "choose an attribute with levels, or bands of it",
                "`%s` has no levels", attribute->name);
            continue;
        }
        struct protocol_reference *reference =
            &representation->references[representation->reference_count++];
        reference->attribute = index;
        reference->shares =
            arena_array(reader->arena, attribute->level_count, sizeof *reference->shares);
        read_shares(reader, entry, attribute, reference->shares);
    }
}

struct written_target {
    const struct yaml_node *share;
    const struct yaml_node *workplaces;
    const struct yaml_node *at_least;
};

static const struct field target_fields[] = {
    FIELD(FIELD_NODE, "share", written_target, share),
    FIELD(FIELD_NODE, "workplaces", written_target, workplaces),
    FIELD(FIELD_NODE, "at_least", written_target, at_least, .required = true),
};

static void
read_target(struct reader *reader, const struct yaml_node *node,
    const struct expr_names names[PROTOCOL_UNITS], struct protocol_target *target)
{
    struct written_target written = {0};
    if (!field_read(reader, node, target_fields, COUNT_OF(target_fields), &written))
        return;
    if ((written.share == NULL) == (written.workplaces == NULL)) {
        reader_fault_key(reader, node,
            "write share: \"...\" of participants, or workplaces: \"...\"",
            "a target is about a share of participants or a number of workplaces");
        return;
    }
    bool share = written.share != NULL;
    target->unit = share ? PROTOCOL_PARTICIPANT : PROTOCOL_WORKPLACE;
    target->rule = reader_expr(reader, share ? written.share : written.workplaces,
        &names[target->unit], &target->rule_text);
    if (written.at_least == NULL)
        return;
    const struct field wanted = {.type = FIELD_SHARE, .low = 0, .high = 1};
    const struct field counted = {.type = FIELD_COUNT, .low = 1, .high = 1000000};
    unsigned count = 0;
    if (share)
        (void)field_read_value(reader, written.at_least, &wanted, &target->at_least);
    else if (field_read_value(reader, written.at_least, &counted, &count))
        target->at_least = count;
}

static void
read_targets(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    struct protocol_representation *representation = &protocol->representation;
    if (!reader_is_list(reader, node, "targets"))
        return;
    struct expr_names names[PROTOCOL_UNITS];
    for (int unit = 0; unit < PROTOCOL_UNITS; unit++)
        names[unit] = reader_names(reader, &protocol->subjects[unit], true);
    representation->targets =
        arena_array(reader->arena, node->count, sizeof *representation->targets);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next))
        read_target(reader, entry, names, &representation->targets[representation->target_count++]);
}

void
protocol_read_representation(struct reader *reader, const struct yaml_node *node)
{
    struct written_representation written = {0};
    if (!field_read(reader, node, representation_fields, COUNT_OF(representation_fields), &written))
        return;
    reader->protocol->representation.tolerance = written.tolerance;
    if (written.reference != NULL)
        read_references(reader, written.reference);
    if (written.targets != NULL)
        read_targets(reader, written.targets);
}

struct written_event {
    bool serious;
    const struct yaml_node *threshold;
};

static const struct field event_fields[] = {
    FIELD(FIELD_YES, "serious", written_event, serious, .required = true),
    FIELD(FIELD_NODE, "threshold", written_event, threshold),
};

void
protocol_read_safety(struct reader *reader, const struct yaml_node *node)
{
    struct safety {
        const struct yaml_node *events;
    } safety = {NULL};
    static const struct field fields[] = {{.key = "events", .type = FIELD_NODE, .required = true}};
    struct protocol *protocol = reader->protocol;
    if (!field_read(reader, node, fields, COUNT_OF(fields), &safety) || safety.events == NULL ||
        !reader_is_map(reader, safety.events, "events"))
        return;
    protocol->events = arena_array(reader->arena, safety.events->count, sizeof *protocol->events);
    struct expr_names measurements = {.open = true};
    for (const struct yaml_node *entry = reader_next(safety.events->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct protocol_event *event = &protocol->events[protocol->event_count++];
        event->name = entry->key;
        struct written_event written = {.serious = false};
        if (!field_read(reader, entry, event_fields, COUNT_OF(event_fields), &written))
            continue;
        event->serious = written.serious;
        if (written.threshold != NULL)
            event->threshold =
                reader_expr(reader, written.threshold, &measurements, &event->threshold_text);
    }
}

struct written_dsmb {
    const struct yaml_node *meets_at;
    unsigned suppress_below;
};

static const struct field dsmb_fields[] = {
    FIELD(FIELD_NODE, "meets_at", written_dsmb, meets_at),
    FIELD(FIELD_COUNT, "suppress_below", written_dsmb, suppress_below, .low = 1, .high = 1000),
};

/* The board meets when so many units are in: {workplaces: [24, 48, 72]}. */
static void
read_meetings(struct reader *reader, const struct yaml_node *node)
{
    struct protocol_dsmb *dsmb = &reader->protocol->dsmb;
    if (!reader_is_map(reader, node, "meetings"))
        return;
    struct words units = protocol_target_words;
    size_t unit = named_find(NAMED(units.items, units.count), node->first->key);
    if (unit == units.count || node->count != 1) {
        reader_fault_key(reader, node, "write {workplaces: [24, 48]} or {participants: [...]}",
            "meetings are counted in workplaces or in participants");
        return;
    }
    static const struct field counts = FIELD_LIST(FIELD_COUNTS, "meets_at", protocol_dsmb, meets_at,
        meeting_count, .low = 1, .high = 10000000);
    dsmb->unit = (enum protocol_unit)unit;
    if (node->first->kind == YAML_REFUSED || !field_read_value(reader, node->first, &counts, dsmb))
        return;
    for (size_t i = 1; i < dsmb->meeting_count; i++)
        if (dsmb->meets_at[i] <= dsmb->meets_at[i - 1]) {
            reader_fault(reader, node->first, "write them in rising order",
                "a meeting is not later than the one before it");
            return;
        }
}

void
protocol_read_dsmb(struct reader *reader, const struct yaml_node *node)
{
    struct written_dsmb written = {.suppress_below = 5};
    if (!field_read(reader, node, dsmb_fields, COUNT_OF(dsmb_fields), &written))
        return;
    reader->protocol->dsmb.suppress_below = written.suppress_below;
    if (written.meets_at != NULL)
        read_meetings(reader, written.meets_at);
}
