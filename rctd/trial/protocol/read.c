/*
 * read.c: maps, lists and texts of a protocol's file, and how it is told what is wrong there: in
 * words for somebody who writes protocols, not programs.
 */
#include "trial/protocol/read.h"

#include "base/nearest.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_SIZE 600

/* At the node's value, or at its key where it has one. */
static void
tell(struct reader *reader, const struct yaml_node *node, bool at_key, const char *remedy,
    const char *format, va_list arguments)
{
    char message[MESSAGE_SIZE];
    bool key = at_key && node->key != NULL;
    vsnprintf(message, sizeof message, format, arguments);
    faults_add(reader->faults, yaml_path(reader->arena, node), key ? node->key_line : node->line,
        key ? node->key_column : node->column, remedy, "%s", message);
}

void
reader_fault(struct reader *reader, const struct yaml_node *node, const char *remedy,
    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(reader, node, false, remedy, format, arguments);
    va_end(arguments);
}

void
reader_fault_key(struct reader *reader, const struct yaml_node *node, const char *remedy,
    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(reader, node, true, remedy, format, arguments);
    va_end(arguments);
}

const char *
reader_meant(struct reader *reader, const char *word, struct words known)
{
    if (reader->faults->total >= FAULTS_KEPT)
        return NULL;
    return nearest_remedy(reader->arena, word, known.items, known.count);
}

void
reader_unknown(struct reader *reader, const struct yaml_node *node, const char *word,
    const char *what, struct words known)
{
    reader_fault(reader, node, reader_meant(reader, word, known), "`" READER_SHOWN "` is not %s",
        word, what);
}

void
reader_unknown_key(
    struct reader *reader, const struct yaml_node *node, const char *what, struct words known)
{
    reader_fault_key(reader, node, reader_meant(reader, node->key, known),
        "`" READER_SHOWN "` is not %s", node->key, what);
}

void
reader_twice(struct reader *reader, const struct yaml_node *node)
{
    reader_fault(reader, node, "write it once", "`" READER_SHOWN "` stands here twice", node->text);
}

const struct yaml_node *
reader_next(const struct yaml_node *entry)
{
    while (entry != NULL && entry->kind == YAML_REFUSED)
        entry = entry->next;
    return entry;
}

bool
reader_is_too_long(struct reader *reader, const struct yaml_node *node)
{
    if (node->count <= READER_ENTRIES_MAX)
        return false;
    reader_fault_key(reader, node, "at most 500 are taken", "there are %zu entries", node->count);
    return true;
}

bool
reader_is_map(struct reader *reader, const struct yaml_node *node, const char *what)
{
    if (node->kind == YAML_REFUSED)
        return false;
    if (node->kind != YAML_MAP || node->count == 0) {
        reader_fault_key(
            reader, node, "write NAME: ... for each of them", "%s are missing here", what);
        return false;
    }
    if (reader_is_too_long(reader, node))
        return false;
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next)
        if (!text_is_identifier(entry->key))
            reader_fault_key(reader, entry,
                "use a-z, 0-9, _ . and -, beginning with a letter or digit, 63 at most",
                "`" READER_SHOWN "` cannot be a name", entry->key);
    return true;
}

bool
reader_is_list(struct reader *reader, const struct yaml_node *node, const char *what)
{
    if (node->kind == YAML_REFUSED)
        return false;
    if (node->kind == YAML_LIST && node->count > 0)
        return !reader_is_too_long(reader, node);
    if (node->kind == YAML_LIST)
        reader_fault_key(reader, node, "write one or more", "the list of %s is empty", what);
    else
        reader_fault_key(reader, node, "write [A, B], or a line with - for each",
            "a list of %s is needed", what);
    return false;
}

const char *
reader_text(struct reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_REFUSED)
        return NULL;
    if (node->kind == YAML_SCALAR && !text_is_empty(node->text))
        return node->text;
    if (node->kind == YAML_SCALAR)
        reader_fault_key(
            reader, node, "write a value, or remove the key", "nothing is written here");
    else
        reader_fault(reader, node, "write one value", "a %s stands where one value is needed",
            node->kind == YAML_LIST ? "list" : "map");
    return NULL;
}
