/*
 * consent.c: reads which scopes of which forms must be given before an allocation, before data are
 * taken, and before each other action; the forms themselves stand in consent_form.c.
 */
#include "trial/protocol/read.h"

#include <string.h>

struct written {
    const struct yaml_node *forms;
    const struct yaml_node *before_allocation;
    const struct yaml_node *before_data;
    const struct yaml_node *required_for;
    const char *legal_basis;
};

static const struct field consent_fields[] = {
    FIELD(FIELD_NODE, "forms", written, forms, .required = true),
    FIELD(FIELD_NODE, "required_before_allocation", written, before_allocation),
    FIELD(FIELD_NODE, "required_before_data", written, before_data),
    FIELD(FIELD_NODE, "required_for", written, required_for),
    FIELD(FIELD_TEXT, "legal_basis", written, legal_basis),
};

/* Is the form one that such a unit signs? PROTOCOL_UNITS stands for either. */
static bool
signs(enum protocol_unit unit, const struct protocol_form *form)
{
    return unit == PROTOCOL_UNITS || form->by == unit;
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
        if (signs(unit, &protocol->forms[i]))
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
    const struct protocol_form *form = protocol_form_by_name(protocol, name);
    if (form != NULL && !signs(unit, form))
        form = NULL;
    if (form != NULL && protocol_form_has(form, scope)) {
        *consent = (struct protocol_consent){(size_t)(form - protocol->forms), scope};
        return true;
    }
    static const char *const wanted[] = {
        [PROTOCOL_WORKPLACE] = "a FORM/SCOPE that a workplace signs",
        [PROTOCOL_PARTICIPANT] = "a FORM/SCOPE that a participant signs",
        [PROTOCOL_UNITS] = "a FORM/SCOPE of this protocol",
    };
    if (!reader->forms_faulty)
        reader_unknown(reader, node, text, wanted[unit], known_consents(reader, unit, form));
    return false;
}

/* Adds it to a list with room; tells where it is there already. */
static void
add_consent(struct reader *reader, const struct yaml_node *node,
    const struct protocol_consent *consent, struct protocol_consents *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].form == consent->form &&
            strcmp(list->items[i].scope, consent->scope) == 0) {
            reader_twice(reader, node);
            return;
        }
    list->items[list->count++] = *consent;
}

static void
read_consents(struct reader *reader, const struct yaml_node *node, enum protocol_unit unit,
    struct protocol_consents *consents)
{
    if (!reader_is_list(reader, node, "FORM/SCOPE"))
        return;
    consents->items = arena_array(reader->arena, node->count, sizeof *consents->items);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct protocol_consent found;
        if (find_consent(reader, entry, unit, &found))
            add_consent(reader, entry, &found, consents);
    }
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

/* FORM/SCOPE of one action; each goes to who signs the form. An empty list says: none. */
static void
read_action(struct reader *reader, const struct yaml_node *node, enum consent_action action)
{
    struct protocol *protocol = reader->protocol;
    struct protocol_consents *consents = protocol->required_for[action];
    bool none = node->kind == YAML_LIST && node->count == 0;
    if (!none && !reader_is_list(reader, node, "FORM/SCOPE"))
        return;
    protocol->required_for_said |= UINT32_C(1) << action;
    for (int unit = 0; unit < PROTOCOL_UNITS; unit++)
        consents[unit].items =
            arena_array(reader->arena, node->count, sizeof *consents[unit].items);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct protocol_consent found;
        if (find_consent(reader, entry, PROTOCOL_UNITS, &found))
            add_consent(reader, entry, &found, &consents[protocol->forms[found.form].by]);
    }
}

/* A map from an action to what it needs instead of the scope that bears its name. */
static void
read_actions(struct reader *reader, const struct yaml_node *node)
{
    const char *names[CONSENT_ACTION_COUNT];
    for (int i = 0; i < CONSENT_ACTION_COUNT; i++)
        names[i] = consent_action_name((enum consent_action)i);
    struct named actions = NAMED(names, CONSENT_ACTION_COUNT);
    if (!reader_is_map(reader, node, "actions"))
        return;
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t action = reader_key(reader, entry, actions, "an action");
        if (action == CONSENT_ALLOCATE)
            reader_fault_key(reader, entry, "write it there",
                "what an allocation needs stands under required_before_allocation");
        else if (action != PROTOCOL_NONE)
            read_action(reader, entry, (enum consent_action)action);
    }
}

/* The legal basis of forms that name none of their own. */
static void
spread_legal_basis(struct protocol *protocol, const char *legal_basis)
{
    for (size_t i = 0; i < protocol->form_count; i++)
        if (protocol->forms[i].legal_basis == NULL)
            protocol->forms[i].legal_basis = legal_basis;
}

void
protocol_read_consent(struct reader *reader, const struct yaml_node *node)
{
    struct written written = {0};
    if (!field_read(reader, node, consent_fields, COUNT_OF(consent_fields), &written))
        return;
    if (written.forms != NULL)
        protocol_read_forms(reader, written.forms);
    spread_legal_basis(
        reader->protocol, protocol_read_legal_basis(reader, node, written.legal_basis));
    if (written.before_allocation != NULL)
        read_required(reader, written.before_allocation, reader->protocol->before_allocation);
    if (written.before_data != NULL)
        read_required(reader, written.before_data, reader->protocol->before_data);
    if (written.required_for != NULL)
        read_actions(reader, written.required_for);
}
