/*
 * subject.c: reads what a protocol says about workplaces and about participants:
 * identifiers, attributes, rules of eligibility, flags.
 */
#include "base/text.h"
#include "trial/protocol/read.h"

#include <string.h>

struct written_subject {
    const struct yaml_node *identifiers;
    const struct yaml_node *identity;
    const struct yaml_node *contact;
    const struct yaml_node *attributes;
    const struct yaml_node *eligible;
    const struct yaml_node *flags;
};

static const struct field workplace_fields[] = {
    FIELD(FIELD_NODE, "identifiers", written_subject, identifiers),
    FIELD(FIELD_NODE, "attributes", written_subject, attributes),
    FIELD(FIELD_NODE, "eligible", written_subject, eligible),
    FIELD(FIELD_NODE, "flags", written_subject, flags),
};

static const struct field participant_fields[] = {
    FIELD(FIELD_NODE, "identity", written_subject, identity),
    FIELD(FIELD_NODE, "contact", written_subject, contact),
    FIELD(FIELD_NODE, "attributes", written_subject, attributes),
    FIELD(FIELD_NODE, "eligible", written_subject, eligible),
    FIELD(FIELD_NODE, "flags", written_subject, flags),
};

struct written_identifier {
    const struct yaml_node *type;
    bool required;
    const struct yaml_node *pattern;
    const struct yaml_node *checksum;
    const struct yaml_node *store;
};

static const char *const store_names[] = {
    [PROTOCOL_STORE_VAULT] = "vault", [PROTOCOL_STORE_HASH] = "hash"};

static const struct field identifier_fields[] = {
    FIELD(FIELD_NODE, "type", written_identifier, type, .required = true),
    FIELD(FIELD_YES, "required", written_identifier, required),
    FIELD(FIELD_NODE, "pattern", written_identifier, pattern),
    FIELD(FIELD_NODE, "checksum", written_identifier, checksum),
    FIELD(FIELD_NODE, "store", written_identifier, store),
};

/* Which types of number name a workplace, and which a person. */
static bool
type_fits(enum identifier_type type, enum protocol_unit unit)
{
    return type == IDENTIFIER_PATTERN ||
           (type == IDENTIFIER_SE_PERSONNUMMER) == (unit == PROTOCOL_PARTICIPANT);
}

/* False after telling; IDENTIFIER_PATTERN stands then. */
static bool
read_type(struct reader *reader, const struct yaml_node *node, enum protocol_unit unit,
    enum identifier_type *type)
{
    const char *name = reader_text(reader, node);
    if (name == NULL)
        return false;
    enum identifier_type named = identifier_type_by_name(name);
    if (named < IDENTIFIER_TYPES && type_fits(named, unit)) {
        *type = named;
        return true;
    }
    const char *known[IDENTIFIER_TYPES];
    size_t count = 0;
    for (int i = 0; i < IDENTIFIER_TYPES; i++)
        if (type_fits((enum identifier_type)i, unit))
            known[count++] = identifier_type_name((enum identifier_type)i);
    reader_unknown(reader, node, name, "a type of number for this", (struct words){known, count});
    return false;
}

/* A pattern belongs to the type `pattern`, and to no other. */
static void
read_form(struct reader *reader, const struct yaml_node *node,
    const struct written_identifier *written, struct protocol_identifier *identifier)
{
    bool pattern = identifier->type == IDENTIFIER_PATTERN;
    if (pattern && written->pattern == NULL)
        reader_fault_key(reader, node, "add pattern: \"^[0-9]{8}$\"", "the pattern is missing");
    else if (pattern)
        identifier->pattern = reader_pattern(reader, written->pattern, &identifier->pattern_text);
    else if (written->pattern != NULL)
        reader_fault_key(reader, written->pattern, "write type: pattern, or remove it",
            "the type %s brings its own form", identifier_type_name(identifier->type));
    if (!pattern && written->checksum != NULL)
        reader_fault_key(reader, written->checksum, "write type: pattern, or remove it",
            "the type %s brings its own checksum", identifier_type_name(identifier->type));
}

/* By its name. */
static void
read_checksum(
    struct reader *reader, const struct yaml_node *node, struct protocol_identifier *identifier)
{
    const char *known[CHECKSUM_COUNT];
    size_t count = 0;
    const char *name = reader_text(reader, node);
    if (name == NULL)
        return;
    enum checksum checksum = checksum_by_name(name);
    for (int i = CHECKSUM_NONE + 1; i < CHECKSUM_COUNT; i++)
        known[count++] = checksum_name((enum checksum)i);
    if (checksum == CHECKSUM_COUNT)
        reader_unknown(reader, node, name, "a checksum", (struct words){known, count});
    else
        identifier->checksum = checksum;
}

static void
read_identifier(struct reader *reader, const struct yaml_node *node, const char *name,
    enum protocol_unit unit, struct protocol_subject *subject)
{
    struct protocol_identifier *identifier = &subject->identifiers[subject->identifier_count++];
    *identifier = (struct protocol_identifier){
        .name = name, .type = IDENTIFIER_PATTERN, .of_person = unit == PROTOCOL_PARTICIPANT};
    struct written_identifier written = {0};
    if (!field_read(reader, node, identifier_fields, COUNT_OF(identifier_fields), &written))
        return;
    identifier->required = written.required;
    if (written.type != NULL && read_type(reader, written.type, unit, &identifier->type))
        read_form(reader, node, &written, identifier);
    if (written.checksum != NULL)
        read_checksum(reader, written.checksum, identifier);
    struct field store = {.type = FIELD_WORD, .words = WORDS(store_names)};
    if (written.store != NULL && unit == PROTOCOL_WORKPLACE)
        reader_fault_key(
            reader, written.store, "remove it", "`store` is for the identity numbers of people");
    else if (written.store != NULL)
        (void)field_read_value(reader, written.store, &store, &subject->store);
}

static void
read_identifiers(
    struct reader *reader, const struct yaml_node *node, struct protocol_subject *subject)
{
    if (!reader_is_map(reader, node, "identifiers"))
        return;
    subject->identifiers = arena_array(reader->arena, node->count, sizeof *subject->identifiers);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next))
        read_identifier(reader, entry, entry->key, PROTOCOL_WORKPLACE, subject);
}

static void
read_contact(struct reader *reader, const struct yaml_node *node, struct protocol_subject *subject)
{
    static const char *const ways[] = {"name", "phone", "email", "address"};
    static const struct field contact_field =
        FIELD_LIST(FIELD_IDS, "contact", protocol_subject, contact, contact_count);
    if (!field_read_value(reader, node, &contact_field, subject))
        return;
    struct field way = {.type = FIELD_WORD, .words = WORDS(ways)};
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        int which;
        if (entry->kind == YAML_SCALAR && text_is_identifier(entry->text))
            (void)field_read_value(reader, entry, &way, &which);
    }
}

struct written_rule {
    const char *id;
    const char *ask;
    const struct yaml_node *need;
};

static const struct field rule_fields[] = {
    FIELD(FIELD_ID, "id", written_rule, id, .required = true),
    FIELD(FIELD_TEXT, "ask", written_rule, ask),
    FIELD(FIELD_NODE, "need", written_rule, need, .required = true),
};

/* `need` is the answer to a question, or an expression. */
static void
read_need(struct reader *reader, const struct yaml_node *node, const struct expr_names *names,
    struct protocol_rule *rule)
{
    const char *text = reader_text(reader, node);
    if (text == NULL)
        return;
    rule->need_yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
    bool answer = rule->need_yes || strcmp(text, "no") == 0 || strcmp(text, "false") == 0;
    if (!answer)
        rule->need = reader_expr(reader, node, names, &rule->need_text);
    else if (rule->ask == NULL)
        reader_fault_key(reader, node->parent, "add ask: \"...\" in plain words",
            "there is no question to be answered with %s", text);
}

static void
read_rules(struct reader *reader, const struct yaml_node *node, struct protocol_subject *subject)
{
    if (!reader_is_list(reader, node, "rules"))
        return;
    struct expr_names names = reader_names(reader, subject, false);
    subject->rules = arena_array(reader->arena, node->count, sizeof *subject->rules);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct written_rule written = {0};
        if (!field_read(reader, entry, rule_fields, COUNT_OF(rule_fields), &written) ||
            written.id == NULL)
            continue;
        for (size_t i = 0; i < subject->rule_count; i++)
            if (strcmp(subject->rules[i].id, written.id) == 0)
                reader_fault(reader, entry, "give every rule an id of its own",
                    "there is a rule `%s` already", written.id);
        struct protocol_rule *rule = &subject->rules[subject->rule_count++];
        *rule = (struct protocol_rule){.id = written.id, .ask = written.ask};
        if (written.need != NULL)
            read_need(reader, written.need, &names, rule);
    }
}

static void
read_flags(struct reader *reader, const struct yaml_node *node, struct protocol_subject *subject)
{
    if (!reader_is_map(reader, node, "flags"))
        return;
    struct expr_names names = reader_names(reader, subject, false);
    subject->flags = arena_array(reader->arena, node->count, sizeof *subject->flags);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        struct protocol_flag *flag = &subject->flags[subject->flag_count++];
        flag->name = entry->key;
        flag->rule = reader_expr(reader, entry, &names, &flag->rule_text);
        for (size_t i = 0; i < names.count; i++)
            if (strcmp(names.items[i].name, entry->key) == 0)
                reader_fault_key(reader, entry, "choose another name",
                    "there is an attribute `%s` already", entry->key);
    }
}

/* Whole years, worked out from the year of birth. */
static void
declare_age(struct reader *reader, struct protocol_subject *subject)
{
    subject->attributes = arena_alloc(reader->arena, sizeof *subject->attributes);
    subject->attributes[0] = (struct protocol_attribute){.name = "age",
        .kind = ATTRIBUTE_AGE,
        .minimum = 0,
        .maximum = 150,
        .source = PROTOCOL_NONE};
    subject->attribute_count = 1;
}

/* The age of a participant follows from the year of birth, where the protocol asks for it. */
static void
find_birth_year(struct protocol_subject *subject)
{
    size_t born = PROTOCOL_NONE;
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (strcmp(subject->attributes[i].name, PROTOCOL_BIRTH_YEAR) == 0 &&
            subject->attributes[i].kind == ATTRIBUTE_INTEGER)
            born = i;
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (subject->attributes[i].kind == ATTRIBUTE_AGE)
            subject->attributes[i].source = born;
}

void
protocol_read_subject(struct reader *reader, const struct yaml_node *node, enum protocol_unit unit)
{
    struct protocol_subject *subject = &reader->protocol->subjects[unit];
    struct written_subject written = {0};
    bool workplace = unit == PROTOCOL_WORKPLACE;
    const struct field *fields = workplace ? workplace_fields : participant_fields;
    size_t count = workplace ? COUNT_OF(workplace_fields) : COUNT_OF(participant_fields);
    if (!workplace)
        declare_age(reader, subject);
    if (!field_read(reader, node, fields, count, &written))
        return;
    if (written.identifiers != NULL)
        read_identifiers(reader, written.identifiers, subject);
    if (written.identity != NULL) {
        subject->identifiers = arena_alloc(reader->arena, sizeof *subject->identifiers);
        read_identifier(reader, written.identity, "identity", unit, subject);
    }
    if (written.contact != NULL)
        read_contact(reader, written.contact, subject);
    if (written.attributes != NULL)
        protocol_read_attributes(
            reader, written.attributes, &subject->attributes, &subject->attribute_count);
    if (!workplace)
        find_birth_year(subject);
    if (written.eligible != NULL)
        read_rules(reader, written.eligible, subject);
    if (written.flags != NULL)
        read_flags(reader, written.flags, subject);
}
