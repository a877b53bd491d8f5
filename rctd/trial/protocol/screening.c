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

void
protocol_read_screening(struct reader *reader, const struct yaml_node *node)
{
    struct written_screening written = {0};
    if (!field_read(reader, node, unit_fields, COUNT_OF(unit_fields), &written))
        return;
    for (int unit = 0; unit < PROTOCOL_UNITS; unit++)
        if (written.unit[unit] != NULL)
            field_read(reader, written.unit[unit], reason_fields, COUNT_OF(reason_fields),
                &reader->protocol->screening[unit]);
}

static bool
stands_in(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(list[i], word))
            return true;
    return false;
}

bool
protocol_screening_reason(
    const struct protocol *protocol, enum protocol_unit unit, const char *state, const char *reason)
{
    const struct protocol_screening *screening = &protocol->screening[unit];
    const struct protocol_subject *subject = &protocol->subjects[unit];
    if (text_equal(reason, PROTOCOL_REASON_NOT_SAID))
        return true;
    if (text_equal(state, "declined"))
        return stands_in(
            (const char *const *)screening->declined, screening->declined_count, reason);
    if (text_equal(state, "not-approached"))
        return stands_in((const char *const *)screening->not_approached,
            screening->not_approached_count, reason);
    for (size_t i = 0; i < subject->rule_count; i++)
        if (text_equal(subject->rules[i].id, reason))
            return true;
    return false;
}

const char *
protocol_screening_reasons(struct arena *arena, const struct protocol *protocol,
    enum protocol_unit unit, const char *state)
{
    struct text list;
    const struct protocol_screening *screening = &protocol->screening[unit];
    const struct protocol_subject *subject = &protocol->subjects[unit];
    bool declined = text_equal(state, "declined");
    const char **names = declined ? screening->declined : screening->not_approached;
    size_t count = declined ? screening->declined_count : screening->not_approached_count;
    text_init(&list, arena);
    if (text_equal(state, "ineligible"))
        for (size_t i = 0; i < subject->rule_count; i++)
            text_printf(&list, "%s, ", subject->rules[i].id);
    else
        for (size_t i = 0; i < count; i++)
            text_printf(&list, "%s, ", names[i]);
    text_printf(&list, "%s", PROTOCOL_REASON_NOT_SAID);
    return list.bytes;
}
