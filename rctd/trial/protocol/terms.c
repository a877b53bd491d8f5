/*
 * terms.c: the parts of a protocol that many sections hold: texts by language,
 * expressions, patterns and ranges.
 */
#include "base/pattern.h"
#include "base/text.h"
#include "trial/number.h"
#include "trial/protocol/read.h"

#include <limits.h>

void
reader_texts(struct reader *reader, const struct yaml_node *node, struct protocol_texts *texts)
{
    if (node->kind == YAML_REFUSED)
        return;
    texts->items = arena_array(reader->arena, node->count + 1, sizeof *texts->items);
    if (node->kind == YAML_SCALAR) {
        const char *text = reader_text(reader, node);
        if (text != NULL)
            texts->items[texts->count++] = (struct protocol_text){.language = "", .text = text};
        return;
    }
    if (node->kind != YAML_MAP || node->count == 0 || node->count > READER_ENTRIES_MAX) {
        reader_fault_key(reader, node, "write a text, or {en: \"...\", sv: \"...\"}",
            "a text, or texts by language, are needed here");
        return;
    }
    struct named languages = NAMED(reader->protocol->languages, reader->protocol->language_count);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        const char *text = reader_text(reader, entry);
        size_t language = reader_key(reader, entry, languages, "a language of this protocol");
        if (language != PROTOCOL_NONE && text != NULL)
            texts->items[texts->count++] =
                (struct protocol_text){.language = entry->key, .text = text};
    }
}

/* Where the text of a scalar begins, for faults inside it. */
static struct expr_place
place_of(struct reader *reader, const struct yaml_node *node)
{
    return (struct expr_place){
        .pointer = yaml_path(reader->arena, node),
        .line = node->line,
        .column = node->column + (node->verbatim && node->quoted ? 1 : 0),
        .exact = node->verbatim,
    };
}

const struct expr *
reader_expr(struct reader *reader, const struct yaml_node *node, const struct expr_names *names,
    const char **text)
{
    *text = reader_text(reader, node);
    if (*text == NULL)
        return NULL;
    struct expr_place place = place_of(reader, node);
    return expr_parse(reader->arena, *text, names, &place, reader->faults);
}

const struct pattern *
reader_pattern(struct reader *reader, const struct yaml_node *node, const char **text)
{
    *text = reader_text(reader, node);
    if (*text == NULL)
        return NULL;
    const char *why;
    size_t offset;
    const struct pattern *pattern = pattern_compile(reader->arena, *text, &why, &offset);
    if (pattern != NULL)
        return pattern;
    struct expr_place place = place_of(reader, node);
    const char *before = arena_strndup(reader->arena, *text, offset);
    unsigned column = place.column + (place.exact ? (unsigned)text_characters(before) : 0);
    faults_add(reader->faults, place.pointer, place.line, column,
        "write a regular expression (PCRE2), such as \"^[A-U]$\"", "this is no pattern: %s", why);
    return NULL;
}

static enum expr_kind
kind_of(const struct protocol_attribute *attribute)
{
    switch (attribute->kind) {
    case ATTRIBUTE_LEVELS:
    case ATTRIBUTE_BANDS:
        return EXPR_LEVELS;
    case ATTRIBUTE_INTEGER:
    case ATTRIBUTE_AGE:
        return EXPR_NUMBER;
    case ATTRIBUTE_BOOLEAN:
        return EXPR_BOOLEAN;
    case ATTRIBUTE_BROKEN:
        return EXPR_ANY;
    default:
        return EXPR_TEXT;
    }
}

struct expr_names
reader_names(struct reader *reader, const struct protocol_subject *subject, bool flags)
{
    size_t room = subject->attribute_count + subject->flag_count;
    struct expr_name *items = arena_array(reader->arena, room, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < subject->attribute_count; i++) {
        const struct protocol_attribute *attribute = &subject->attributes[i];
        items[count++] = (struct expr_name){
            .name = attribute->name,
            .kind = kind_of(attribute),
            .levels = attribute->levels,
            .level_count = attribute->level_count,
        };
    }
    for (size_t i = 0; flags && i < subject->flag_count; i++)
        items[count++] = (struct expr_name){.name = subject->flags[i].name, .kind = EXPR_BOOLEAN};
    return (struct expr_names){.items = items, .count = count};
}

static bool
read_end(const struct yaml_node *node, long long *value)
{
    return node->kind == YAML_SCALAR && text_to_int64(node->text, value) && *value >= -1000000000 &&
           *value <= 1000000000;
}

bool
reader_range(struct reader *reader, const struct yaml_node *node, long long *low, long long *high)
{
    if (node->kind == YAML_REFUSED)
        return false;
    bool right = node->kind == YAML_LIST && node->count == 2 && read_end(node->first, low) &&
                 read_end(node->first->next, high);
    if (right && *low <= *high)
        return true;
    if (right)
        reader_fault(reader, node, "write the lower end first", "the range is empty");
    else
        reader_fault(
            reader, node, "write [LOW, HIGH] with whole numbers", "a range is needed here");
    return false;
}

static struct words
words_of(struct arena *arena, struct named list)
{
    const char **names = arena_array(arena, list.count, sizeof *names);
    for (size_t i = 0; i < list.count; i++)
        names[i] = named_at(list, i);
    return (struct words){names, list.count};
}

size_t
reader_reference(
    struct reader *reader, const struct yaml_node *node, struct named list, const char *what)
{
    const char *name = reader_text(reader, node);
    size_t place = named_find(list, name);
    if (place < list.count)
        return place;
    if (name != NULL)
        reader_unknown(reader, node, name, what, words_of(reader->arena, list));
    return PROTOCOL_NONE;
}

size_t
reader_key(struct reader *reader, const struct yaml_node *node, struct named list, const char *what)
{
    size_t place = named_find(list, node->key);
    if (place < list.count)
        return place;
    reader_unknown_key(reader, node, what, words_of(reader->arena, list));
    return PROTOCOL_NONE;
}

void
reader_references(struct reader *reader, const struct yaml_node *node, struct named list,
    const char *what, size_t **indexes, size_t *count)
{
    if (!reader_is_list(reader, node, "names"))
        return;
    *indexes = arena_array(reader->arena, node->count, sizeof **indexes);
    bool *seen = arena_array(reader->arena, list.count, sizeof *seen);
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        size_t index = reader_reference(reader, entry, list, what);
        if (index == PROTOCOL_NONE)
            continue;
        if (seen[index])
            reader_twice(reader, entry);
        else
            (*indexes)[(*count)++] = index;
        seen[index] = true;
    }
}
