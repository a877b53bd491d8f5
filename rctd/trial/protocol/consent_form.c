/*
 * consent_form.c: reads the forms that units sign: scopes, languages, legal basis, the hashes of
 * their texts, and who signs anew when a form is amended.
 */
#include "base/clock.h"
#include "trial/protocol/read.h"

#include <string.h>

#define LEGAL_BASIS_MAX 200
#define HASH_DIGITS 64

struct written_form {
    enum protocol_unit by;
    unsigned version;
    const char **scopes;
    size_t scope_count;
    const char *legal_basis;
    const struct yaml_node *from;
    const struct yaml_node *languages;
    const struct yaml_node *texts;
    const struct yaml_node *reconsent;
};

static const char *const by_names[] = {"workplace", "participant"};

static const struct field form_fields[] = {
    FIELD(FIELD_WORD, "by", written_form, by, .required = true, .words = WORDS(by_names)),
    FIELD(FIELD_COUNT, "version", written_form, version, .required = true, .low = 1, .high = 10000),
    FIELD(FIELD_NODE, "from", written_form, from),
    FIELD(FIELD_NODE, "languages", written_form, languages),
    FIELD_LIST(FIELD_IDS, "scopes", written_form, scopes, scope_count, .required = true),
    FIELD(FIELD_TEXT, "legal_basis", written_form, legal_basis),
    FIELD(FIELD_NODE, "texts", written_form, texts),
    FIELD(FIELD_NODE, "reconsent", written_form, reconsent),
};

struct written_reconsent {
    enum protocol_reconsent_who who;
    int within;
    const struct yaml_node *waits;
};

#define RECONSENT_WORD(name, text) text,
static const char *const who_names[] = {PROTOCOL_RECONSENT(RECONSENT_WORD)};
#undef RECONSENT_WORD

static const struct field reconsent_fields[] = {
    FIELD(FIELD_WORD, "who", written_reconsent, who, .required = true, .words = WORDS(who_names)),
    FIELD(
        FIELD_DAYS, "within", written_reconsent, within, .required = true, .low = 1, .high = 3650),
    FIELD(FIELD_NODE, "waits", written_reconsent, waits),
};

const char *
protocol_reconsent_name(enum protocol_reconsent_who who)
{
    return who_names[who];
}

/* Languages of a form are some of the protocol's; all of them where nothing is said. */
static void
read_languages(struct reader *reader, const struct yaml_node *node, struct protocol_form *form)
{
    const struct protocol *protocol = reader->protocol;
    form->languages = protocol->languages;
    form->language_count = protocol->language_count;
    if (node == NULL)
        return;
    size_t *indexes = NULL, count = 0;
    reader_references(reader, node, NAMED(protocol->languages, protocol->language_count),
        "a language of this protocol", &indexes, &count);
    form->languages = arena_array(reader->arena, count, sizeof *form->languages);
    form->language_count = count;
    for (size_t i = 0; i < count; i++)
        form->languages[i] = protocol->languages[indexes[i]];
}

static bool
is_hash(const char *text)
{
    return strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS;
}

/* A map from a language of the form to the SHA-256 of the text that is shown in it. */
static void
read_hashes(struct reader *reader, const struct yaml_node *node, struct protocol_form *form)
{
    struct named known = NAMED(form->languages, form->language_count);
    if (!reader_is_map(reader, node, "languages"))
        return;
    form->texts.items = arena_array(reader->arena, node->count, sizeof *form->texts.items);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        const char *text = reader_text(reader, entry);
        if (reader_key(reader, entry, known, "a language of this form") == PROTOCOL_NONE)
            continue;
        if (text != NULL && !is_hash(text))
            reader_fault(reader, entry, "write what sha256sum says of the text's file",
                "this is no SHA-256: 64 digits of 0-9 and a-f");
        else if (text != NULL)
            form->texts.items[form->texts.count++] =
                (struct protocol_text){.language = entry->key, .text = text};
    }
}

/* What can wait: an allocation always does, and data that were taken are there. */
static uint32_t
read_waits(struct reader *reader, const struct yaml_node *node)
{
    const char *names[CONSENT_ACTION_COUNT];
    enum consent_action actions[CONSENT_ACTION_COUNT];
    size_t known = 0;
    for (int i = 0; i < CONSENT_ACTION_COUNT; i++) {
        if (i == CONSENT_ALLOCATE || consent_given_once((enum consent_action)i))
            continue;
        actions[known] = (enum consent_action)i;
        names[known++] = consent_action_name((enum consent_action)i);
    }
    size_t *indexes = NULL;
    size_t count = 0;
    uint32_t waits = 0;
    reader_references(
        reader, node, NAMED(names, known), "an action that can wait", &indexes, &count);
    for (size_t i = 0; i < count; i++)
        waits |= consent_with_shared(actions[indexes[i]]);
    return waits;
}

static void
read_reconsent(
    struct reader *reader, const struct yaml_node *node, struct protocol_reconsent *reconsent)
{
    struct written_reconsent written = {0};
    if (!field_read(reader, node, reconsent_fields, COUNT_OF(reconsent_fields), &written))
        return;
    *reconsent = (struct protocol_reconsent){
        .needed = true, .who = written.who, .within = (unsigned)written.within};
    if (written.waits != NULL)
        reconsent->waits = read_waits(reader, written.waits);
}

const char *
protocol_read_legal_basis(struct reader *reader, const struct yaml_node *parent, const char *text)
{
    if (text != NULL && strlen(text) > LEGAL_BASIS_MAX)
        reader_fault(reader, parent, "name the articles, such as GDPR 6(1)(e), 9(2)(j)",
            "`legal_basis` is longer than %d characters", LEGAL_BASIS_MAX);
    return text;
}

/* The day from which on this version is signed. */
static const char *
read_from(struct reader *reader, const struct yaml_node *node)
{
    const char *text = reader_text(reader, node);
    if (text != NULL && !clock_is_date(text)) {
        reader_fault(reader, node, "write the day as YYYY-MM-DD, such as 2026-11-22",
            "`%.40s` is not a day that exists", text);
        return NULL;
    }
    return text;
}

static void
read_form(struct reader *reader, const struct yaml_node *node, struct protocol_form *form)
{
    struct written_form written = {.by = PROTOCOL_UNITS};
    bool read = field_read(reader, node, form_fields, COUNT_OF(form_fields), &written);
    if (written.by == PROTOCOL_UNITS || written.scope_count == 0) {
        reader->forms_faulty = true;
        written.by = PROTOCOL_WORKPLACE;
    }
    if (!read)
        return;
    form->by = written.by;
    form->version = written.version;
    form->scopes = written.scopes;
    form->scope_count = written.scope_count;
    form->legal_basis = protocol_read_legal_basis(reader, node, written.legal_basis);
    if (written.from != NULL)
        form->signed_from = read_from(reader, written.from);
    read_languages(reader, written.languages, form);
    if (written.texts != NULL)
        read_hashes(reader, written.texts, form);
    if (written.reconsent != NULL)
        read_reconsent(reader, written.reconsent, &form->reconsent);
}

void
protocol_read_forms(struct reader *reader, const struct yaml_node *node)
{
    struct protocol *protocol = reader->protocol;
    reader->forms_faulty = !reader_is_map(reader, node, "forms");
    if (reader->forms_faulty)
        return;
    protocol->forms = arena_array(reader->arena, node->count, sizeof *protocol->forms);
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        struct protocol_form *form = &protocol->forms[protocol->form_count++];
        form->name = entry->key;
        form->line = entry->key_line;
        form->column = entry->key_column;
        read_form(reader, entry, form);
    }
}
