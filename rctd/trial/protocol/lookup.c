/*
 * lookup.c: what others ask of a protocol by name.
 */
#include "base/named.h"
#include "base/text.h"
#include "trial/protocol.h"

#include <string.h>

const struct protocol_scheme *
protocol_scheme_by_name(const struct protocol *protocol, const char *name)
{
    return named_get(NAMED(protocol->schemes, protocol->scheme_count), name);
}

const struct protocol_phase *
protocol_phase_by_name(const struct protocol *protocol, const char *name)
{
    return named_get(NAMED(protocol->phases, protocol->phase_count), name);
}

const struct protocol_form *
protocol_form_by_name(const struct protocol *protocol, const char *name)
{
    return named_get(NAMED(protocol->forms, protocol->form_count), name);
}

bool
protocol_form_has(const struct protocol_form *form, const char *scope)
{
    return named_has(NAMED(form->scopes, form->scope_count), scope);
}

bool
protocol_scope_signed(const struct protocol *protocol, const char *scope, enum protocol_unit unit)
{
    for (size_t i = 0; i < protocol->form_count; i++)
        if (protocol->forms[i].by == unit && protocol_form_has(&protocol->forms[i], scope))
            return true;
    return false;
}

const struct protocol_ladder *
protocol_ladder_for(const struct protocol *protocol, enum protocol_task_kind kind)
{
    for (size_t i = 0; i < protocol->ladder_count; i++)
        if (protocol->ladders[i].kind == kind)
            return &protocol->ladders[i];
    return NULL;
}

const struct protocol_attribute *
protocol_attribute_by_name(const struct protocol_subject *subject, const char *name)
{
    return named_get(NAMED(subject->attributes, subject->attribute_count), name);
}

const struct protocol_identifier *
protocol_identifier_by_name(const struct protocol_subject *subject, const char *name)
{
    return named_get(NAMED(subject->identifiers, subject->identifier_count), name);
}

size_t
protocol_arm_index(const struct protocol *protocol, const char *id)
{
    size_t place = named_find(NAMED(protocol->arms, protocol->arm_count), id);
    return place == protocol->arm_count ? PROTOCOL_NONE : place;
}

const char *
protocol_text_in(const struct protocol_texts *texts, const char *language)
{
    const struct protocol_text *found = named_get(NAMED(texts->items, texts->count), language);
    if (found != NULL)
        return found->text;
    return texts->count > 0 ? texts->items[0].text : "";
}

const char *
protocol_scheme_path(
    struct arena *arena, const struct protocol *protocol, const struct protocol_scheme *scheme)
{
    const char *phase = protocol->phases[scheme->phase].name;
    size_t length = strlen(phase);
    if (strcmp(scheme->name, phase) == 0)
        return arena_printf(arena, "phases.%s.scheme", phase);
    return arena_printf(arena, "phases.%s.schemes.%s", phase, scheme->name + length + 1);
}

size_t
protocol_level_index(const struct protocol_attribute *attribute, const char *level)
{
    size_t place = named_find(NAMED(attribute->levels, attribute->level_count), level);
    return place == attribute->level_count ? PROTOCOL_NONE : place;
}

const char *
protocol_level_list(struct arena *arena, const struct protocol_attribute *attribute)
{
    struct text list;
    text_init(&list, arena);
    for (size_t i = 0; i < attribute->level_count; i++)
        text_printf(&list, "%s%s", i > 0 ? ", " : "", attribute->levels[i]);
    return list.bytes;
}
