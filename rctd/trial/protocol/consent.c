/*
 * consent.c: reads the consent forms with their scopes, and which of them must be given
 * before an allocation and before data are taken.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

#include <string.h>

struct written {
    const struct yaml_node *forms;
    const struct yaml_node *before_allocation;
    const struct yaml_node *before_data;
};

static const struct field consent_fields[] = {
    FIELD(FIELD_NODE, "forms", written, forms, .required = true),
    FIELD(FIELD_NODE, "required_before_allocation", written, before_allocation),
    FIELD(FIELD_NODE, "required_before_data", written, before_data),
};

struct written_form {
    enum protocol_unit by;
    unsigned version;
    const char **scopes;
    size_t scope_count;
    const struct yaml_node *languages;
};

static const char *const by_names[] = {"workplace", "participant"};

static const struct field form_fields[] = {
    FIELD(FIELD_WORD, "by", written_form, by, .required = true, .words = WORDS(by_names)),
    FIELD(FIELD_COUNT, "version", written_form, version, .required = true, .low = 1, .high = 10000),
    FIELD(FIELD_NODE, "languages", written_form, languages),
    FIELD_LIST(FIELD_IDS, "scopes", written_form, scopes, scope_count, .required = true),
};

/* Languages of a form are some of the protocol's; all of them where nothing is said. */
static void
read_languages(struct reader *reader, const struct yaml_node *node, struct protocol_form *form)
{
    const struct protocol *protocol = reader->protocol;
    form->languages = protocol->languages;
    form->language_count = protocol->language_count;
    if (node == NULL || !reader_is_list(reader, node, "languages"))
        return;
    form->languages = arena_array(reader->arena, node->count, sizeof *form->languages);
    form->language_count = 0;
    struct words known = {protocol->languages, protocol->language_count};
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        const char *text = reader_text(reader, entry);
        size_t i = 0;
        while (text != NULL && i < known.count && strcmp(known.items[i], text) != 0)
            i++;
        if (text != NULL && i == known.count)
            reader_unknown(reader, entry, text, "a language of this protocol", known);
        else if (text != NULL)
            form->languages[form->language_count++] = text;
    }
}

static void
read_forms(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    if (!reader_is_map(reader, node, "forms"))
        return;
    protocol->forms = arena_array(reader->arena, node->count, sizeof *protocol->forms);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        struct protocol_form *form = &protocol->forms[protocol->form_count++];
        form->name = entry->key;
        struct written_form written = {0};
        if (!field_read(reader, entry, form_fields, COUNT_OF(form_fields), &written))
            continue;
        form->by = written.by;
        form->version = written.version;
        form->scopes = written.scopes;
        form->scope_count = written.scope_count;
        read_languages(reader, written.languages, form);
    }
}

/* The forms that such a unit signs, or, of one form, its scopes: written FORM/SCOPE. */
static struct words
known_consents(struct reader *reader, enum protocol_unit unit, const struct protocol_form *only)
{
    const struct protocol *protocol = reader->protocol;
    size_t room = only != NULL ? only->scope_count : protocol->form_count;
    const char **names = arena_array(reader->arena, room, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; only == NULL && i < protocol->form_count; i++)
        if (protocol->forms[i].by == unit)
            names[count++] = arena_printf(reader->arena, "%s/...", protocol->forms[i].name);
    for (size_t i = 0; only != NULL && i < only->scope_count; i++)
        names[count++] = arena_printf(reader->arena, "%s/%s", only->name, only->scopes[i]);
    return (struct words){names, count};
}

/* Finds FORM/SCOPE among the forms that such a unit signs. */
static bool
find_consent(struct reader *reader, const struct yaml_node *node, enum protocol_unit unit,
    struct protocol_consent *consent)
{
    const struct protocol *protocol = reader->protocol;
    const char *text = reader_text(reader, node);
    if (text == NULL)
        return false;
    size_t length = strcspn(text, "/");
    const char *name = arena_strndup(reader->arena, text, length);
    const char *scope = text[length] == '/' ? text + length + 1 : "";
    size_t index = named_find(NAMED(protocol->forms, protocol->form_count), name);
    const struct protocol_form *form = NULL;
    if (index != PROTOCOL_NONE && protocol->forms[index].by == unit)
        form = &protocol->forms[index];
    for (size_t i = 0; form != NULL && i < form->scope_count; i++)
        if (strcmp(form->scopes[i], scope) == 0) {
            *consent = (struct protocol_consent){.form = index, .scope = form->scopes[i]};
            return true;
        }
    reader_unknown(reader, node, text,
        unit == PROTOCOL_WORKPLACE ? "a FORM/SCOPE that a workplace signs"
                                   : "a FORM/SCOPE that a participant signs",
        known_consents(reader, unit, form));
    return false;
}

static void
read_consents(struct reader *reader, const struct yaml_node *node, enum protocol_unit unit,
    struct protocol_consents *consents)
{
    if (!reader_is_list(reader, node, "FORM/SCOPE"))
        return;
    consents->items = arena_array(reader->arena, node->count, sizeof *consents->items);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next))
        if (find_consent(reader, entry, unit, &consents->items[consents->count]))
            consents->count++;
}

/* A map from who signs to a list of FORM/SCOPE. */
static void
read_required(struct reader *reader, const struct yaml_node *node,
    struct protocol_consents consents[PROTOCOL_UNITS])
{
    struct required {
        const struct yaml_node *lists[PROTOCOL_UNITS];
    } required = {{NULL}};
    static const struct field fields[] = {
        {.key = "workplace", .type = FIELD_NODE, .offset = 0},
        {.key = "participant", .type = FIELD_NODE, .offset = sizeof(const struct yaml_node *)},
    };
    if (!field_read(reader, node, fields, COUNT_OF(fields), &required))
        return;
    for (int unit = 0; unit < PROTOCOL_UNITS; unit++)
        if (required.lists[unit] != NULL)
            read_consents(reader, required.lists[unit], (enum protocol_unit)unit, &consents[unit]);
}

void
protocol_read_consent(struct reader *reader, const struct yaml_node *node)
{
    struct written written = {0};
    if (!field_read(reader, node, consent_fields, COUNT_OF(consent_fields), &written))
        return;
    if (written.forms != NULL)
        read_forms(reader, written.forms);
    if (written.before_allocation != NULL)
        read_required(reader, written.before_allocation, reader->protocol->before_allocation);
    if (written.before_data != NULL)
        read_required(reader, written.before_data, reader->protocol->before_data);
}
