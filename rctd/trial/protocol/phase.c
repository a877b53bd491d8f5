/*
 * phase.c: reads the arms, and the phases with their targets, exclusions and schemes.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

#include <string.h>

struct written_arm {
    const struct yaml_node *label;
};

static const struct field arm_fields[] = {
    FIELD(FIELD_NODE, "label", written_arm, label, .required = true),
};

void
protocol_read_arms(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "arms"))
        return;
    if (node->count > PROTOCOL_ARMS_MAX) {
        reader_fault_key(reader, node, "at most 26 are taken", "there are %zu arms", node->count);
        return;
    }
    protocol->arms = arena_array(reader->arena, node->count, sizeof *protocol->arms);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        struct protocol_arm *arm = &protocol->arms[protocol->arm_count++];
        arm->id = entry->key;
        struct written_arm written = {0};
        if (field_read(reader, entry, arm_fields, COUNT_OF(arm_fields), &written) &&
            written.label != NULL)
            reader_texts(reader, written.label, &arm->label);
    }
}

struct written_phase {
    const struct yaml_node *target;
    const struct yaml_node *excludes;
    const struct yaml_node *scheme;
    const struct yaml_node *schemes;
};

static const struct field phase_fields[] = {
    FIELD(FIELD_NODE, "target", written_phase, target),
    FIELD(FIELD_NODE, "excludes", written_phase, excludes),
    FIELD(FIELD_NODE, "scheme", written_phase, scheme),
    FIELD(FIELD_NODE, "schemes", written_phase, schemes),
};

static const struct field target_fields[] = {
    FIELD(FIELD_COUNT, "workplaces", protocol_phase, target[PROTOCOL_WORKPLACE], .low = 1,
        .high = 1000000),
    FIELD(FIELD_COUNT, "participants", protocol_phase, target[PROTOCOL_PARTICIPANT], .low = 1,
        .high = 10000000),
};

/* A phase's only scheme bears its name; several are PHASE.NAME. */
static void
read_schemes(
    struct reader *reader, const struct written_phase *written, struct protocol_phase *phase)
{
    struct protocol *protocol = reader->protocol;
    size_t index = (size_t)(phase - protocol->phases);
    phase->first_scheme = protocol->scheme_count;
    if (written->scheme != NULL && written->schemes != NULL)
        reader_fault_key(reader, written->schemes,
            "write the only scheme as scheme, or all of them in schemes",
            "there is a key `scheme` already");
    if (written->scheme != NULL)
        protocol_read_scheme(reader, written->scheme, phase->name, index);
    else if (written->schemes != NULL && reader_is_map(reader, written->schemes, "schemes"))
        for (const struct yaml_node *entry = reader_next(written->schemes->first); entry != NULL;
             entry = reader_next(entry->next)) {
            const char *name = arena_printf(reader->arena, "%s.%s", phase->name, entry->key);
            if (text_is_identifier(entry->key) && !text_is_identifier(name))
                reader_fault_key(reader, entry, "PHASE.NAME has 63 characters at most",
                    "the name `%.80s` is too long", name);
            protocol_read_scheme(reader, entry, name, index);
        }
    phase->scheme_count = protocol->scheme_count - phase->first_scheme;
}

/* Phases that this one excludes; not itself. */
static void
read_excludes(struct reader *reader, const struct yaml_node *node, struct protocol_phase *phase)
{
    const struct protocol *protocol = reader->protocol;
    reader_references(reader, node, NAMED(protocol->phases, protocol->phase_count), "a phase",
        &phase->excludes, &phase->exclude_count);
    for (size_t i = 0; i < phase->exclude_count; i++)
        if (&protocol->phases[phase->excludes[i]] == phase)
            reader_fault(reader, node, "name other phases", "a phase cannot exclude itself");
}

void
protocol_read_phases(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "phases"))
        return;
    protocol->phases = arena_array(reader->arena, node->count, sizeof *protocol->phases);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next)
        protocol->phases[protocol->phase_count++].name = entry->key;
    struct protocol_phase *phase = protocol->phases;
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next, phase++) {
        struct written_phase written = {0};
        if (!field_read(reader, entry, phase_fields, COUNT_OF(phase_fields), &written))
            continue;
        if (written.target != NULL)
            (void)field_read(reader, written.target, target_fields, COUNT_OF(target_fields), phase);
        if (written.excludes != NULL)
            read_excludes(reader, written.excludes, phase);
        read_schemes(reader, &written, phase);
    }
}
