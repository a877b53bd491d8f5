/*
 * field.c: reads values and maps by their rows: each key and type of a map, and every fault of it.
 */
#include "base/nearest.h"
#include "base/text.h"
#include "trial/number.h"
#include "trial/protocol/read.h"

#include <assert.h>
#include <string.h>

static bool
read_bool(struct reader *reader, const struct yaml_node *node, const char *text, bool *value)
{
    *value = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;
    if (*value || strcmp(text, "false") == 0 || strcmp(text, "no") == 0)
        return true;
    reader_fault(
        reader, node, "write true or false", "`" READER_SHOWN "` is neither yes nor no", text);
    return false;
}

/* Is the value between the row's limits? Tells when it is not. */
static bool
in_limits(struct reader *reader, const struct yaml_node *node, const struct field *field,
    double value, double scale, const char *unit)
{
    if (value >= field->low && value <= field->high)
        return true;
    const char *remedy = arena_printf(
        reader->arena, "%.10g%s to %.10g%s", field->low * scale, unit, field->high * scale, unit);
    reader_fault(reader, node, remedy, "`" READER_SHOWN "` is out of range", node->text);
    return false;
}

static bool
read_whole(struct reader *reader, const struct yaml_node *node, const struct field *field,
    const char *text, long long *value)
{
    if (text_to_int64(text, value))
        return in_limits(reader, node, field, (double)*value, 1, "");
    reader_fault(reader, node, "write digits only", "`" READER_SHOWN "` is no whole number", text);
    return false;
}

static bool
read_number(struct reader *reader, const struct yaml_node *node, const struct field *field,
    const char *text, double *value)
{
    if (number_parse(text, value))
        return in_limits(reader, node, field, *value, 1, "");
    reader_fault(
        reader, node, "write a number such as 0.8", "`" READER_SHOWN "` is no number", text);
    return false;
}

static bool
read_share(struct reader *reader, const struct yaml_node *node, const struct field *field,
    const char *text, double *value)
{
    size_t length = strlen(text);
    bool percent = text[length - 1] == '%';
    const char *digits = percent ? arena_strndup(reader->arena, text, length - 1) : text;
    if (!number_parse(digits, value)) {
        reader_fault(reader, node, "write 20% or 0.2", "`" READER_SHOWN "` is no share", text);
        return false;
    }
    if (percent)
        *value /= 100;
    return in_limits(reader, node, field, *value, 100, "%");
}

static bool
read_days(struct reader *reader, const struct yaml_node *node, const struct field *field,
    const char *text, int *value)
{
    size_t length = strlen(text);
    long long days;
    if (text[length - 1] != 'd' ||
        !text_to_int64(arena_strndup(reader->arena, text, length - 1), &days)) {
        reader_fault(
            reader, node, "write 21d or -14d", "`" READER_SHOWN "` is no number of days", text);
        return false;
    }
    if (!in_limits(reader, node, field, (double)days, 1, "d"))
        return false;
    *value = (int)days;
    return true;
}

static bool
read_word(struct reader *reader, const struct yaml_node *node, const struct field *field,
    const char *text, int *value)
{
    size_t place = named_find(NAMED(field->words.items, field->words.count), text);
    if (place == field->words.count) {
        reader_unknown(reader, node, text, "taken here", field->words);
        return false;
    }
    *value = (int)place;
    return true;
}

static bool
read_id(struct reader *reader, const struct yaml_node *node, const char *text)
{
    if (text_is_identifier(text))
        return true;
    reader_fault(reader, node,
        "use a-z, 0-9, _ . and -, beginning with a letter or digit, 63 at most",
        "`" READER_SHOWN "` cannot be a name", text);
    return false;
}

static bool
read_scalar(
    struct reader *reader, const struct yaml_node *node, const struct field *field, void *at)
{
    const char *text = reader_text(reader, node);
    if (text == NULL)
        return false;
    long long whole;
    switch (field->type) {
    case FIELD_ID:
        if (!read_id(reader, node, text))
            return false;
        *(const char **)at = text;
        return true;
    case FIELD_YES:
        return read_bool(reader, node, text, at);
    case FIELD_COUNT:
        if (!read_whole(reader, node, field, text, &whole))
            return false;
        *(unsigned *)at = (unsigned)whole;
        return true;
    case FIELD_WHOLE:
        return read_whole(reader, node, field, text, at);
    case FIELD_NUMBER:
        return read_number(reader, node, field, text, at);
    case FIELD_SHARE:
        return read_share(reader, node, field, text, at);
    case FIELD_DAYS:
        return read_days(reader, node, field, text, at);
    case FIELD_WORD:
        return read_word(reader, node, field, text, at);
    default:
        *(const char **)at = text;
        return true;
    }
}

/* A list of identifiers, none of them twice, or of whole numbers. */
static bool
read_list(struct reader *reader, const struct yaml_node *node, const struct field *field, void *at,
    size_t *count)
{
    bool ids = field->type == FIELD_IDS;
    if (!reader_is_list(reader, node, ids ? "names" : "numbers"))
        return false;
    struct field one = *field;
    one.type = ids ? FIELD_ID : FIELD_COUNT;
    const char **names = ids ? arena_array(reader->arena, node->count, sizeof *names) : NULL;
    unsigned *numbers = ids ? NULL : arena_array(reader->arena, node->count, sizeof *numbers);
    size_t used = 0;
    for (const struct yaml_node *entry = reader_next(node->first); entry != NULL;
         entry = reader_next(entry->next)) {
        void *into = ids ? (void *)&names[used] : (void *)&numbers[used];
        if (!read_scalar(reader, entry, &one, into))
            continue;
        if (ids && named_has(NAMED(names, used), names[used]))
            reader_twice(reader, entry);
        else
            used++;
    }
    if (ids)
        *(const char ***)at = names;
    else
        *(unsigned **)at = numbers;
    *count = used;
    return true;
}

bool
field_read_value(
    struct reader *reader, const struct yaml_node *node, const struct field *field, void *out)
{
    void *at = (char *)out + field->offset;
    switch (field->type) {
    case FIELD_NODE:
        *(const struct yaml_node **)at = node;
        return true;
    case FIELD_IDS:
    case FIELD_COUNTS:
        return read_list(
            reader, node, field, at, (size_t *)(void *)((char *)out + field->count_offset));
    default:
        return read_scalar(reader, node, field, at);
    }
}

bool
field_given(const struct given *given, const char *key)
{
    size_t row = named_find(NAMED(given->fields, given->count), key);
    return row < given->count && given->rows[row];
}

/* Tells about a key that no row has, and gives the row that was probably meant, or `count`. */
static size_t
unknown_key(
    struct reader *reader, const struct yaml_node *entry, const struct field *fields, size_t count)
{
    const char *known[FIELDS_MAX];
    for (size_t i = 0; i < count; i++)
        known[i] = fields[i].key;
    reader_fault_key(reader, entry, reader_meant(reader, entry->key, (struct words){known, count}),
        "the key `" READER_SHOWN "` is not known here", entry->key);
    const char *near = nearest_word(entry->key, known, count);
    bool taken = near != NULL && yaml_get(entry->parent, near) != NULL;
    return near == NULL || taken ? count : named_find(NAMED(fields, count), near);
}

/* The key with a value as it would be written. */
static const char *
missing_remedy(struct arena *arena, const struct field *field)
{
    static const char *const values[] = {
        [FIELD_YES] = "true",
        [FIELD_COUNT] = "NUMBER",
        [FIELD_WHOLE] = "NUMBER",
        [FIELD_NUMBER] = "NUMBER",
        [FIELD_SHARE] = "20%",
        [FIELD_DAYS] = "21d",
        [FIELD_IDS] = "[A, B]",
        [FIELD_COUNTS] = "[NUMBER, NUMBER]",
    };
    struct text remedy;
    text_init(&remedy, arena);
    text_printf(&remedy, "add %s: ", field->key);
    for (size_t i = 0; i < field->words.count; i++)
        text_printf(&remedy, "%s%s", i > 0 ? " or " : "", field->words.items[i]);
    if (field->words.count == 0)
        text_append(&remedy, field->type < COUNT_OF(values) && values[field->type] != NULL
                                 ? values[field->type]
                                 : "...");
    return remedy.bytes;
}

bool
field_read_given(struct reader *reader, const struct yaml_node *map, const struct field *fields,
    size_t count, void *out, struct given *given)
{
    assert(count <= FIELDS_MAX);
    *given = (struct given){.fields = fields, .count = count};
    if (map->kind == YAML_REFUSED)
        return false;
    if (map->kind != YAML_MAP) {
        reader_fault_key(reader, map,
            arena_printf(
                reader->arena, "write {%s: ...}, or KEY: VALUE lines below it", fields[0].key),
            "a map of keys and values is needed here");
        return false;
    }
    if (reader_is_too_long(reader, map))
        return false;
    for (const struct yaml_node *entry = map->first; entry != NULL; entry = entry->next) {
        size_t row = named_find(NAMED(fields, count), entry->key);
        if (row == count && entry->kind != YAML_REFUSED)
            row = unknown_key(reader, entry, fields, count);
        if (row == count || given->rows[row])
            continue;
        given->rows[row] = true;
        if (entry->kind != YAML_REFUSED)
            (void)field_read_value(reader, entry, &fields[row], out);
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !given->rows[i])
            reader_fault_key(reader, map, missing_remedy(reader->arena, &fields[i]),
                "the key `%s` is missing", fields[i].key);
    return true;
}

bool
field_read(struct reader *reader, const struct yaml_node *map, const struct field *fields,
    size_t count, void *out)
{
    struct given given;
    return field_read_given(reader, map, fields, count, out, &given);
}
