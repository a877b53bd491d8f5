/*
 * screening.c: reads the reasons that the screening log takes, of workplaces and of people.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

struct written_screening {
    const struct yaml_node *unit[PROTOCOL_UNITS];
};

static const struct field unit_fields[] = {
    FIELD(FIELD_NODE, "workplace", written_screening, unit[PROTOCOL_WORKPLACE]),
    FIELD(FIELD_NODE, "participant", written_screening, unit[PROTOCOL_PARTICIPANT]),
};

static const struct field reason_fields[] = {
    FIELD_LIST(FIELD_IDS, "declined", protocol_screening, declined, declined_count),
    FIELD_LIST(
        FIELD_IDS, "not_approached", protocol_screening, not_approached, not_approached_count),
};

/* The reason that every list has is written in none. */
static void
refuse_not_said(struct reader *reader, const struct yaml_node *lists)
{
    for (const struct yaml_node *list = lists->first; list != NULL; list = list->next)
        for (const struct yaml_node *entry = list->first; entry != NULL; entry = entry->next)
            if (entry->kind == YAML_SCALAR && text_equal(entry->text, PROTOCOL_REASON_NOT_SAID))
                reader_fault(reader, entry, "leave it out",
                    "`" PROTOCOL_REASON_NOT_SAID "` is a reason of every list already");
}

void
protocol_read_screening(struct reader *reader, const struct yaml_node *node)
{
    struct written_screening written = {0};
    if (!field_read(reader, node, unit_fields, COUNT_OF(unit_fields), &written))
        return;
    for (int unit = 0; unit < PROTOCOL_UNITS; unit++)
        if (written.unit[unit] != NULL &&
            field_read(reader, written.unit[unit], reason_fields, COUNT_OF(reason_fields),
                &reader->protocol->screening[unit]))
            refuse_not_said(reader, written.unit[unit]);
}

/* The reasons that a unit in this state may have, but the one that every list has. */
static struct named
reasons_of(const struct protocol *protocol, enum protocol_unit unit, const char *state)
{
    const struct protocol_screening *screening = &protocol->screening[unit];
    const struct protocol_subject *subject = &protocol->subjects[unit];
    if (text_equal(state, "declined"))
        return NAMED(screening->declined, screening->declined_count);
    if (text_equal(state, "not-approached"))
        return NAMED(screening->not_approached, screening->not_approached_count);
    return NAMED(subject->rules, subject->rule_count);
}

bool
protocol_screening_reason(
    const struct protocol *protocol, enum protocol_unit unit, const char *state, const char *reason)
{
    return text_equal(reason, PROTOCOL_REASON_NOT_SAID) ||
           named_has(reasons_of(protocol, unit, state), reason);
}

const char *
protocol_screening_reasons(struct arena *arena, const struct protocol *protocol,
    enum protocol_unit unit, const char *state)
{
    struct text list;
    struct named reasons = reasons_of(protocol, unit, state);
    text_init(&list, arena);
    for (size_t i = 0; i < reasons.count; i++)
        text_printf(&list, "%s, ", named_at(reasons, i));
    text_append(&list, PROTOCOL_REASON_NOT_SAID);
    return list.bytes;
}
