/*
 * table.c: a grid for people, Jansson for programs, base/csv.h for spreadsheets.
 */
#include "cli/table.h"

#include "base/csv.h"
#include "base/text.h"
#include "cli/grid.h"
#include "cli/when.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX 32

/* Follows "attributes.sector"; a name with a dot in it is tried whole first. */
static json_t *
field_of(const json_t *object, const char *path)
{
    json_t *whole = json_object_get(object, path);
    const char *dot = strchr(path, '.');
    if (whole != NULL || dot == NULL)
        return whole;
    json_t *inner = json_object_getn(object, path, (size_t)(dot - path));
    return inner == NULL ? NULL : field_of(inner, dot + 1);
}

/* What people read in a column: of signed_at the day in signed_on, where no more was told. */
static json_t *
shown_of(const struct session *session, const json_t *object, const struct column *column)
{
    size_t length = strlen(column->field);
    json_t *day = NULL;
    if (column->kind == COLUMN_TIME && length > 3 && text_equal(column->field + length - 3, "_at"))
        day = field_of(
            object, arena_printf(session->arena, "%.*s_on", (int)length - 3, column->field));
    return json_is_string(day) ? day : field_of(object, column->field);
}

static void append_value(struct text *text, json_t *value, enum column_kind kind);

static void
append_string(struct text *text, const char *string, enum column_kind kind)
{
    switch (kind) {
    case COLUMN_TIME:
        text_append(text, when_text(text->arena, string));
        break;
    case COLUMN_DAY:
        text_append(text, when_day(text->arena, string));
        break;
    case COLUMN_LAST_DAY:
        text_append(text, when_last_day(text->arena, string));
        break;
    default:
        text_append(text, string);
    }
}

static void
append_list(struct text *text, json_t *list, enum column_kind kind)
{
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        text_append(text, index == 0 ? "" : "; ");
        append_value(text, item, kind);
    }
}

static void
append_object(struct text *text, json_t *object, enum column_kind kind)
{
    const char *name;
    json_t *item;
    bool first = true;
    json_object_foreach(object, name, item)
    {
        text_printf(text, "%s%s=", first ? "" : " ", name);
        append_value(text, item, kind);
        first = false;
    }
}

static void
append_value(struct text *text, json_t *value, enum column_kind kind)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        append_string(text, json_string_value(value), kind);
        break;
    case JSON_ARRAY:
        append_list(text, value, kind);
        break;
    case JSON_OBJECT:
        append_object(text, value, kind);
        break;
    case JSON_INTEGER:
        text_printf(text, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        text_printf(text, kind == COLUMN_NUMBER ? "%.6g" : "%.15g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        text_append(text, json_is_true(value) ? "yes" : "no");
        break;
    case JSON_NULL:
        break;
    }
}

const char *
table_value(struct arena *arena, json_t *value, enum column_kind kind)
{
    struct text text;
    text_init(&text, arena);
    if (value != NULL)
        append_value(&text, value, kind);
    return text.bytes;
}

void
table_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    fputc('\n', stdout);
}

static bool
is_empty(json_t *value)
{
    return json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

/* Which columns are shown: people do not need one that is empty in every row. CSV keeps those, for
 * programs that read it; a field that was never sent has no column in either. */
static size_t
choose(const struct session *session, const struct column *columns, json_t *items,
    const struct column **chosen)
{
    bool people = session->output == OUTPUT_PEOPLE;
    size_t count = 0;
    for (const struct column *column = columns; column->field != NULL; column++) {
        bool shown = json_array_size(items) == 0;
        size_t index;
        json_t *item;
        json_array_foreach(items, index, item)
        {
            json_t *value = field_of(item, column->field);
            shown = shown || (value != NULL && !(people && is_empty(value)));
        }
        enum column_kind other = people ? COLUMN_CSV : COLUMN_COUNT;
        if (shown && column->kind != other && count < COLUMNS_MAX)
            chosen[count++] = column;
    }
    return count;
}

static void
print_csv(
    const struct session *session, const struct column *const *columns, size_t count, json_t *items)
{
    struct text text;
    struct csv_writer writer;
    text_init(&text, session->arena);
    csv_writer_init(&writer, &text);
    for (size_t i = 0; i < count; i++)
        csv_write(&writer, columns[i]->field);
    csv_end_row(&writer);
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        for (size_t i = 0; i < count; i++)
            csv_write(&writer,
                table_value(session->arena, field_of(item, columns[i]->field), COLUMN_TEXT));
        csv_end_row(&writer);
    }
    fwrite(text.bytes, 1, text.length, stdout);
}

static void
print_people(
    const struct session *session, const struct column *const *columns, size_t count, json_t *items)
{
    size_t index, at = 0, rows = json_array_size(items);
    json_t *item;
    struct grid_column *titles = arena_array(session->arena, count, sizeof *titles);
    const char **cells = arena_array(session->arena, rows * count, sizeof *cells);
    for (size_t i = 0; i < count; i++)
        titles[i] = (struct grid_column){.title = columns[i]->title,
            .right = columns[i]->kind == COLUMN_NUMBER || columns[i]->kind == COLUMN_COUNT,
            .folds = columns[i]->kind == COLUMN_LONG};
    json_array_foreach(items, index, item)
    {
        for (size_t i = 0; i < count; i++)
            cells[at++] =
                table_value(session->arena, shown_of(session, item, columns[i]), columns[i]->kind);
    }
    grid_print(&(struct grid){.arena = session->arena,
        .columns = titles,
        .column_count = count,
        .cells = cells,
        .row_count = rows,
        .headings = true});
}

void
table_list(
    const struct session *session, const struct column *columns, json_t *items, const char *nothing)
{
    const struct column *chosen[COLUMNS_MAX];
    if (session->output == OUTPUT_JSON) {
        table_json(items);
        return;
    }
    size_t count = choose(session, columns, items, chosen);
    if (session->output == OUTPUT_CSV)
        print_csv(session, chosen, count, items);
    else if (json_array_size(items) == 0)
        printf("%s\n", nothing);
    else
        print_people(session, chosen, count, items);
}

/* "head_count" as a title: "Head count". */
static const char *
title_of(struct arena *arena, const char *field)
{
    char *title = arena_strdup(arena, field);
    for (char *c = title; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    if (title[0] >= 'a' && title[0] <= 'z')
        title[0] = (char)(title[0] - 'a' + 'A');
    return title;
}

/* Objects in lists are shown by the command that knows them. */
static bool
is_plain(json_t *value)
{
    return !json_is_object(value) && !is_empty(value) &&
           !(json_is_array(value) && json_is_object(json_array_get(value, 0)));
}

static bool
is_known(const struct column *columns, const char *field)
{
    for (const struct column *column = columns; column->field != NULL; column++) {
        size_t length = strlen(field);
        if (strncmp(column->field, field, length) == 0 &&
            (column->field[length] == '\0' || column->field[length] == '.'))
            return true;
    }
    return false;
}

static void
print_one(const struct session *session, const struct column *columns, json_t *object)
{
    static const struct grid_column shape[] = {{.title = ""}, {.title = "", .folds = true}};
    const char *field, **cells = NULL;
    size_t count = 0, capacity = 0;
    json_t *value;
    for (const struct column *column = columns; column->field != NULL; column++) {
        value = shown_of(session, object, column);
        if (value == NULL || is_empty(value) || column->kind == COLUMN_CSV)
            continue;
        cells = arena_grow(session->arena, cells, count, &capacity, 2 * sizeof *cells);
        cells[2 * count] = column->title;
        cells[2 * count++ + 1] = table_value(session->arena, value, column->kind);
    }
    json_object_foreach(object, field, value)
    {
        if (is_known(columns, field) || !is_plain(value))
            continue;
        cells = arena_grow(session->arena, cells, count, &capacity, 2 * sizeof *cells);
        cells[2 * count] = title_of(session->arena, field);
        cells[2 * count++ + 1] = table_value(session->arena, value, COLUMN_TIME);
    }
    grid_print(&(struct grid){.arena = session->arena,
        .columns = shape,
        .column_count = COUNT_OF(shape),
        .cells = cells,
        .row_count = count});
}

void
table_one(const struct session *session, const struct column *columns, json_t *object)
{
    if (session->output == OUTPUT_JSON) {
        table_json(object);
        return;
    }
    if (session->output == OUTPUT_PEOPLE) {
        print_one(session, columns, object);
        return;
    }
    const struct column *chosen[COLUMNS_MAX];
    json_t *items = json_array();
    json_array_append(items, object);
    print_csv(session, chosen, choose(session, columns, items, chosen), items);
    json_decref(items);
}

int
table_report(const struct session *session, const struct column *columns, json_t *answer,
    const char *format, ...)
{
    char sentence[2048];
    if (session->output != OUTPUT_PEOPLE) {
        table_one(session, columns, answer);
        return 0;
    }
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (wanted >= (int)sizeof sentence)
        text_cut_utf8(sentence, sizeof sentence - 1);
    for (char *c = sentence; *c != '\0'; c++)
        if (*c != '\n' && ((unsigned char)*c < ' ' || *c == 0x7f))
            *c = ' ';
    printf("%s\n", sentence);
    return 0;
}
