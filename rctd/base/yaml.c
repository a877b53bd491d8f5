/*
 * yaml.c: builds the tree from libyaml's events. The size is checked before libyaml sees a byte,
 * the depth before it is followed, and duplicate keys by sorting, so that no file takes long.
 */
#include "base/yaml.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct builder {
    yaml_parser_t parser;
    struct arena *arena;
    struct faults *faults;
};

/* What libyaml says, in words for somebody who does not know how YAML is parsed. */
struct wording {
    const char *problem;
    const char *message;
    const char *remedy;
};

static const struct wording wordings[] = {
    {"found a tab character that violates indentation", "a tab stands where spaces are needed",
        "indent with spaces"},
    {"found character that cannot start any token", "this character cannot stand here",
        "indent with spaces, not tabs; put a text that begins with @ ` or % in quotes"},
    {"found unknown escape character", "this escape is not known",
        "write \\\\ for a backslash in double quotes, or use single quotes"},
    {"mapping values are not allowed in this context", "a colon stands where it cannot",
        "put a text with a colon in quotes, and check the indentation"},
    {"block sequence entries are not allowed in this context", "a list cannot begin here",
        "write each - on a line of its own, below its key"},
    {"did not find expected key",
        "the indentation does not fit, or a quote or bracket is not closed",
        "give all keys of one map the same indentation"},
    {"did not find expected '-' indicator", "the indentation of this list does not fit",
        "start every entry with - in the same column"},
    {"did not find expected node content", "a value is missing here", "write a value"},
    {"could not find expected ':'", "a colon is missing behind this key", "write KEY: VALUE"},
    {"did not find expected ',' or '}'", "a { is not closed, or a comma is missing",
        "write {KEY: VALUE, KEY: VALUE}"},
    {"did not find expected ',' or ']'", "a [ is not closed, or a comma is missing",
        "write [VALUE, VALUE]"},
    {"found unexpected end of stream", "a quote is opened and never closed", "close the quote"},
    {"did not find expected <document start>", "this does not belong to what stands before it",
        "check the indentation"},
    {"control characters are not allowed", "a control character stands here", "remove it"},
};

static void
fault_at(struct builder *builder, yaml_mark_t mark, const struct yaml_node *node,
    const char *remedy, const char *message)
{
    const char *path = node == NULL ? "" : yaml_path(builder->arena, node);
    faults_add(builder->faults, path, (unsigned)mark.line + 1, (unsigned)mark.column + 1, remedy,
        "%s", message);
}

/* Adds the fault that stopped libyaml. */
static void
syntax_fault(struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    const char *problem = parser->problem == NULL ? "it is not YAML" : parser->problem;
    for (size_t i = 0; i < COUNT_OF(wordings); i++)
        if (strcmp(problem, wordings[i].problem) == 0) {
            fault_at(builder, parser->problem_mark, NULL, wordings[i].remedy, wordings[i].message);
            return;
        }
    fault_at(builder, parser->problem_mark, NULL, NULL, problem);
}

static bool
next_event(struct builder *builder, yaml_event_t *event)
{
    if (yaml_parser_parse(&builder->parser, event))
        return true;
    syntax_fault(builder);
    return false;
}

static struct yaml_node *
node_new(struct builder *builder, enum yaml_kind kind, yaml_mark_t mark)
{
    struct yaml_node *node = arena_alloc(builder->arena, sizeof *node);
    node->kind = kind;
    node->line = (unsigned)mark.line + 1;
    node->column = (unsigned)mark.column + 1;
    node->text = "";
    return node;
}

static void
fill_scalar(struct builder *builder, struct yaml_node *node, const yaml_event_t *event)
{
    const char *bytes = (const char *)event->data.scalar.value;
    node->text = arena_strndup(builder->arena, bytes, event->data.scalar.length);
    yaml_scalar_style_t style = event->data.scalar.style;
    node->quoted = style != YAML_PLAIN_SCALAR_STYLE;
    size_t written = event->end_mark.index - event->start_mark.index;
    size_t quotes = node->quoted ? 2 : 0;
    node->verbatim = style != YAML_LITERAL_SCALAR_STYLE && style != YAML_FOLDED_SCALAR_STYLE &&
                     written == text_characters(node->text) + quotes;
    if (strlen(node->text) != event->data.scalar.length) {
        fault_at(
            builder, event->start_mark, node, "remove the \\0", "a text holds a NUL character");
        node->kind = YAML_REFUSED;
    }
}

/* Tells about an anchor or a tag on the node that the event opens. */
static void
check_decoration(struct builder *builder, const struct yaml_node *node, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor != NULL)
        fault_at(builder, event->start_mark, node,
            "remove it, and write the text out where it is meant", "anchors (&name) are not taken");
    if (tag != NULL)
        fault_at(builder, event->start_mark, node,
            "remove it; put the value in quotes if it is a text", "tags (!name) are not taken");
}

static bool build_entries(struct builder *builder, struct yaml_node *node, unsigned depth);

/* Fills the node that the event opens; the event is used up. False: the document is broken. */
static bool
build_node(struct builder *builder, struct yaml_node *node, yaml_event_t *event, unsigned depth)
{
    bool good = true;
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    check_decoration(builder, node, event);
    if (event->type == YAML_ALIAS_EVENT) {
        fault_at(builder, event->start_mark, node, "write the text out where it is meant",
            "aliases (*name) are not taken");
        node->kind = YAML_REFUSED;
    } else if (event->type == YAML_SCALAR_EVENT) {
        fill_scalar(builder, node, event);
    } else if (depth >= YAML_DEPTH_MAX) {
        /* What is deeper is not even scanned: that takes libyaml time in the square of the depth.
         */
        fault_at(
            builder, event->start_mark, node, "at most 20 levels are taken", "nested too deep");
        good = false;
    } else {
        node->kind = event->type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST;
        good = build_entries(builder, node, depth + 1);
    }
    yaml_event_delete(event);
    return good;
}

/* Reads the key of an entry. False: the document is broken. */
static bool
build_key(struct builder *builder, struct yaml_node *entry, yaml_event_t *event)
{
    entry->key_line = (unsigned)event->start_mark.line + 1;
    entry->key_column = (unsigned)event->start_mark.column + 1;
    struct yaml_node key = *entry;
    key.parent = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        bool good = build_node(builder, &key, event, 0);
        entry->key = key.kind == YAML_SCALAR ? key.text : "";
        return good;
    }
    fault_at(builder, event->start_mark, entry->parent, "write KEY: VALUE with a word as the key",
        "this key is not a word");
    yaml_event_delete(event);
    return false;
}

static int
compare_keys(const void *a, const void *b)
{
    const struct yaml_node *x = *(const struct yaml_node *const *)a;
    const struct yaml_node *y = *(const struct yaml_node *const *)b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : x->index < y->index ? -1 : 1;
}

/* Tells about each key that its map had before, and takes the later entry for nothing. */
static void
refuse_duplicates(struct builder *builder, struct yaml_node *map)
{
    struct yaml_node **sorted = arena_array(builder->arena, map->count, sizeof(struct yaml_node *));
    size_t count = 0;
    for (struct yaml_node *entry = map->first; entry != NULL; entry = entry->next)
        sorted[count++] = entry;
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) != 0 || sorted[i]->key[0] == '\0')
            continue;
        faults_add(builder->faults, yaml_path(builder->arena, sorted[i]), sorted[i]->key_line,
            sorted[i]->key_column, "keep one of the two",
            "the key `%.80s` stands here twice, first in line %u", sorted[i]->key,
            sorted[i - 1]->key_line);
        sorted[i]->kind = YAML_REFUSED;
    }
}

static bool
build_entries(struct builder *builder, struct yaml_node *node, unsigned depth)
{
    struct yaml_node **end = &node->first;
    for (;;) {
        yaml_event_t event;
        if (!next_event(builder, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        struct yaml_node *entry = node_new(builder, YAML_SCALAR, event.start_mark);
        entry->parent = node;
        entry->index = node->count++;
        *end = entry;
        end = &entry->next;
        if (node->kind == YAML_MAP &&
            (!build_key(builder, entry, &event) || !next_event(builder, &event)))
            return false;
        if (!build_node(builder, entry, &event, depth))
            return false;
    }
    if (node->kind == YAML_MAP)
        refuse_duplicates(builder, node);
    return true;
}

/* Reads events up to the first document's end, and tells when there is another one. */
static struct yaml_node *
build_document(struct builder *builder)
{
    struct yaml_node *root = NULL;
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!next_event(builder, &event))
            return NULL;
        yaml_event_type_t type = event.type;
        if (root != NULL && type == YAML_DOCUMENT_START_EVENT) {
            fault_at(builder, event.start_mark, NULL, "keep one document in a file",
                "a second document starts here");
            more = false;
        }
        if (root == NULL && type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
            type != YAML_STREAM_END_EVENT) {
            root = node_new(builder, YAML_SCALAR, event.start_mark);
            if (!build_node(builder, root, &event, 0))
                return NULL;
            continue;
        }
        if (type == YAML_STREAM_END_EVENT)
            more = false;
        yaml_event_delete(&event);
    }
    if (root == NULL)
        faults_add(
            builder->faults, "", 1, 1, "write KEY: VALUE lines into it", "the file is empty");
    return root;
}

/* Says where the first byte stands that is no UTF-8. */
static void
encoding_fault(struct faults *faults, const char *bytes, size_t size)
{
    unsigned line = 1;
    const char *start = bytes;
    const char *end = bytes + size;
    for (const char *next; (next = memchr(start, '\n', (size_t)(end - start))) != NULL;
         start = next + 1) {
        if (!text_is_utf8(start, (size_t)(next - start)))
            break;
        line++;
    }
    unsigned column = 1;
    for (const char *at = start; at < end;) {
        size_t length = 1;
        while (length <= 4 && length <= (size_t)(end - at) && !text_is_utf8(at, length))
            length++;
        if (length > 4 || length > (size_t)(end - at))
            break;
        at += length;
        column++;
    }
    faults_add(faults, "", line, column, "save it as UTF-8 text",
        "the file is not UTF-8 text from here on");
}

struct yaml_node *
yaml_read(struct arena *arena, const char *bytes, size_t size, struct faults *faults)
{
    if (size > YAML_SIZE_MAX) {
        faults_add(faults, "", 1, 1, "at most 1 MiB is taken", "the file has %zu bytes", size);
        return NULL;
    }
    if (!text_is_utf8(bytes, size)) {
        encoding_fault(faults, bytes, size);
        return NULL;
    }
    struct builder builder = {.arena = arena, .faults = faults};
    if (!yaml_parser_initialize(&builder.parser))
        abort();
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)bytes, size);
    struct yaml_node *root = build_document(&builder);
    yaml_parser_delete(&builder.parser);
    return root;
}

const struct yaml_node *
yaml_get(const struct yaml_node *map, const char *key)
{
    if (map->kind != YAML_MAP)
        return NULL;
    for (const struct yaml_node *entry = map->first; entry != NULL; entry = entry->next)
        if (strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

/* A key as far as anybody reads it. */
static const char *
shown(struct arena *arena, const char *key)
{
    char *copy = arena_strndup(arena, key, strnlen(key, 80));
    text_cut_utf8(copy, 80);
    return copy;
}

const char *
yaml_path(struct arena *arena, const struct yaml_node *node)
{
    const struct yaml_node *chain[YAML_DEPTH_MAX + 2];
    size_t count = 0;
    for (; node->parent != NULL && count < COUNT_OF(chain); node = node->parent)
        chain[count++] = node;
    struct text path;
    text_init(&path, arena);
    while (count-- > 0) {
        const struct yaml_node *step = chain[count];
        if (step->parent->kind == YAML_LIST)
            text_printf(&path, "[%zu]", step->index);
        else
            text_printf(&path, "%s%s", path.length > 0 ? "." : "", shown(arena, step->key));
    }
    return path.bytes;
}
