/*
 * workplace_import.c: registers a table of workplaces: every cell checked against the protocol,
 * every row against the others and against the register, and then all of them in, or none.
 */
#include "store/workplace.h"

#include "base/nearest.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_INSERT 500

/* What a column of the table means; one of the pointers is set, or `name` or `site`; none where the
 * header gives it no name. */
struct column {
    const struct protocol_identifier *identifier;
    const struct protocol_attribute *attribute;
    bool name;
    bool site;
    bool required;
};

struct checked {
    const char *name;
    const char *identity_key;
    json_t *identifiers;
    json_t *attributes;
    unsigned line;
    unsigned column;
};

struct import {
    struct tx *tx;
    struct arena *arena;
    const struct protocol *protocol;
    const struct protocol_subject *subject;
    const struct csv *csv;
    struct faults *faults;
    json_t *scope; /* NULL: every county and site */
    struct column *columns;
    struct checked *rows;
    size_t count;
    struct checked **sorted; /* the rows by identity key, then line */
};

/* Is the attribute, or a band of it, a factor of a workplace scheme? Then no workplace can do
 * without. */
static bool
is_factor(const struct import *import, size_t attribute)
{
    for (size_t s = 0; s < import->protocol->scheme_count; s++) {
        const struct protocol_scheme *scheme = &import->protocol->schemes[s];
        for (size_t f = 0; scheme->unit == PROTOCOL_WORKPLACE && f < scheme->factor_count; f++) {
            size_t factor = scheme->factors[f];
            if (factor == attribute || import->subject->attributes[factor].source == attribute)
                return true;
        }
    }
    return false;
}

static bool
is_entered(const struct protocol_attribute *attribute)
{
    return attribute->kind != ATTRIBUTE_BANDS && attribute->kind != ATTRIBUTE_AGE;
}

static const char *
nearest_column(const struct import *import, const char *header)
{
    const struct protocol_subject *subject = import->subject;
    size_t most = subject->identifier_count + subject->attribute_count + 2;
    const char **names = arena_array(import->arena, most, sizeof *names);
    size_t count = 0;
    names[count++] = "name";
    names[count++] = "site";
    for (size_t i = 0; i < subject->identifier_count; i++)
        names[count++] = subject->identifiers[i].name;
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (is_entered(&subject->attributes[i]))
            names[count++] = subject->attributes[i].name;
    return nearest_remedy(import->arena, header, names, count);
}

static struct column
column_of(const struct import *import, const char *header)
{
    const struct protocol_subject *subject = import->subject;
    struct column column = {.name = strcasecmp(header, "name") == 0};
    column.required = column.name;
    for (size_t i = 0; i < subject->identifier_count; i++)
        if (strcasecmp(subject->identifiers[i].name, header) == 0) {
            column.identifier = &subject->identifiers[i];
            column.required = subject->identifiers[i].required;
        }
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (strcasecmp(subject->attributes[i].name, header) == 0 &&
            is_entered(&subject->attributes[i])) {
            column.attribute = &subject->attributes[i];
            column.required = is_factor(import, i);
        }
    column.site = column.attribute == NULL && strcasecmp(header, "site") == 0;
    return column;
}

static void
require(struct import *import, const char *name)
{
    if (csv_find(import->csv, name) < 0)
        faults_add(import->faults, name, import->csv->header.line, 1, "add it to the first line",
            "the column %s is missing", name);
}

static void
check_header(struct import *import)
{
    const struct csv_row *header = &import->csv->header;
    const struct protocol_subject *subject = import->subject;
    import->columns = arena_array(import->arena, header->count, sizeof *import->columns);
    for (size_t i = 0; i < header->count; i++) {
        const struct csv_cell *cell = &header->cells[i];
        const char *name = text_trim(import->arena, cell->text);
        struct column *column = &import->columns[i];
        *column = column_of(import, name);
        if (column->identifier == NULL && column->attribute == NULL && !column->name &&
            !column->site && *name != '\0')
            faults_add(import->faults, name, cell->line, cell->column, nearest_column(import, name),
                "the protocol has no column called %s", name);
    }
    require(import, "name");
    for (size_t i = 0; i < subject->identifier_count; i++)
        if (subject->identifiers[i].required)
            require(import, subject->identifiers[i].name);
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (is_entered(&subject->attributes[i]) && is_factor(import, i))
            require(import, subject->attributes[i].name);
}

static void
check_cell(struct import *import, struct checked *row, size_t index, const struct csv_cell *cell)
{
    const struct column *column = &import->columns[index];
    const char *header = text_trim(import->arena, import->csv->header.cells[index].text);
    const char *value = text_trim(import->arena, cell->text);
    const char *normal = value;
    bool good = true;
    if (*value == '\0') {
        if (column->required)
            faults_add(import->faults, header, cell->line, cell->column, "fill it in",
                "%s is empty", header);
        return;
    }
    if (*header == '\0') {
        good = false;
        normal = "this column has no name in the first line; name it, or empty it";
    } else if (column->identifier != NULL)
        good = protocol_identifier_check(import->arena, column->identifier, value, 0, &normal);
    else if (column->attribute != NULL)
        good = protocol_attribute_check(import->arena, column->attribute, value, &normal);
    else if (text_characters(value) > 200) {
        good = false;
        normal = "longer than 200 characters; shorten it";
    }
    if (!good)
        faults_add(import->faults, header, cell->line, cell->column, NULL, "%s", normal);
    else if (column->name)
        row->name = normal;
    else
        json_object_set_new(column->identifier != NULL ? row->identifiers : row->attributes,
            column->identifier != NULL  ? column->identifier->name
            : column->attribute != NULL ? column->attribute->name
                                        : "site",
            json_string(normal));
}

/* What tells the workplace from every other: its identifiers in protocol order; its name where the
 * protocol has none. */
static const char *
identity_key(const struct import *import, const struct checked *row)
{
    struct text key;
    text_init(&key, import->arena);
    for (size_t i = 0; i < import->subject->identifier_count; i++) {
        const char *name = import->subject->identifiers[i].name;
        const char *value = json_string_value(json_object_get(row->identifiers, name));
        text_printf(&key, "%s%s=%s", i == 0 ? "" : "|", name, value == NULL ? "" : value);
    }
    if (key.length == 0)
        text_printf(&key, "name=%s", row->name == NULL ? "" : row->name);
    return key.bytes;
}

static bool
fits(const json_t *bounds, const char *name, const struct checked *row)
{
    const char *bound = json_string_value(json_object_get(bounds, name));
    return bound == NULL ||
           text_equal(bound, json_string_value(json_object_get(row->attributes, name)));
}

/* Who answers for some counties or sites registers workplaces of those. */
static void
check_scope(struct import *import, const struct checked *row)
{
    size_t index;
    json_t *bounds;
    struct text mine;
    text_init(&mine, import->arena);
    json_array_foreach(import->scope, index, bounds)
    {
        if (fits(bounds, "county", row) && fits(bounds, "site", row))
            return;
        const char *county = json_string_value(json_object_get(bounds, "county"));
        const char *site = json_string_value(json_object_get(bounds, "site"));
        text_printf(&mine, "%s%s%s%s", index == 0 ? "only lines of " : ", or of ",
            county == NULL ? "" : county, county != NULL && site != NULL ? ", " : "",
            site == NULL ? "" : site);
    }
    if (import->scope != NULL)
        faults_add(import->faults, "scope", row->line, row->column, mine.bytes,
            "your role does not cover this workplace");
}

static void
check_rows(struct import *import)
{
    import->rows = arena_array(import->arena, import->csv->count, sizeof *import->rows);
    for (size_t r = 0; r < import->csv->count; r++) {
        const struct csv_row *line = &import->csv->rows[r];
        if (line->count != import->csv->header.count)
            continue; /* the reader has said so */
        struct checked *row = &import->rows[import->count++];
        *row = (struct checked){
            .identifiers = json_object(), .attributes = json_object(), .line = line->line};
        for (size_t c = 0; c < line->count; c++)
            check_cell(import, row, c, &line->cells[c]);
        row->identity_key = identity_key(import, row);
        int first = import->subject->identifier_count == 0
                        ? csv_find(import->csv, "name")
                        : csv_find(import->csv, import->subject->identifiers[0].name);
        row->column = first < 0 ? 1 : line->cells[first].column;
        check_scope(import, row);
    }
}

static int
compare_rows(const void *a, const void *b)
{
    const struct checked *const *x = a;
    const struct checked *const *y = b;
    int order = strcmp((*x)->identity_key, (*y)->identity_key);
    return order != 0 ? order : (*x)->line > (*y)->line ? 1 : -1;
}

static void
check_twins(struct import *import)
{
    import->sorted = arena_array(import->arena, import->count, sizeof(struct checked *));
    for (size_t i = 0; i < import->count; i++)
        import->sorted[i] = &import->rows[i];
    if (import->count > 1)
        qsort(import->sorted, import->count, sizeof *import->sorted, compare_rows);
    for (size_t i = 1; i < import->count; i++) {
        const struct checked *row = import->sorted[i];
        const struct checked *before = import->sorted[i - 1];
        if (strcmp(row->identity_key, before->identity_key) == 0)
            faults_add(import->faults, "duplicate", row->line, row->column,
                "each workplace stands once; tell establishments apart by their number",
                "the same workplace as in line %u", before->line);
    }
}

static int
compare_key(const void *key, const void *row)
{
    const struct checked *const *one = row;
    return strcmp(key, (*one)->identity_key);
}

static bool
check_register(struct import *import, struct uuid trial_id)
{
    json_t *keys = json_array();
    for (size_t i = 0; i < import->count; i++)
        json_array_append_new(keys, json_string(import->rows[i].identity_key));
    char *text = json_dumps(keys, JSON_COMPACT);
    struct sql_workplace_known_rows known;
    bool ok = sql_workplace_known(
        import->tx, &(struct sql_workplace_known){.trial_id = trial_id, .keys = text}, &known);
    free(text);
    json_decref(keys);
    for (size_t k = 0; ok && k < known.count; k++) {
        struct checked *const *row = bsearch(known.rows[k].identity_key, import->sorted,
            import->count, sizeof *import->sorted, compare_key);
        faults_add(import->faults, "duplicate", (*row)->line, (*row)->column,
            "take the line out of the file", "this workplace is registered already, as %s",
            known.rows[k].code);
    }
    return ok;
}

static bool
insert_rows(struct import *import, struct uuid trial_id, int first_number, size_t from, size_t to)
{
    json_t *rows = json_array();
    char id[UUID_TEXT_SIZE];
    char code[24];
    for (size_t i = from; i < to; i++) {
        const struct checked *row = &import->rows[i];
        snprintf(code, sizeof code, "W%04d", first_number + (int)i);
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:O, s:O}", "unit_id", uuid_text(uuid_new(), id),
                      "code", code, "name", row->name, "identity_key", row->identity_key,
                      "identifiers", row->identifiers, "attributes", row->attributes));
    }
    char *text = json_dumps(rows, JSON_COMPACT);
    bool ok = sql_workplace_insert(
        import->tx, &(struct sql_workplace_insert){.trial_id = trial_id, .rows = text}, NULL);
    free(text);
    json_decref(rows);
    return ok;
}

/* Takes the numbers of the codes. Others who register wait from here on, so that what they bring in
 * is looked at against what is brought in here. */
static bool
take_numbers(struct import *import, struct uuid trial_id, int *first)
{
    struct sql_unit_counter_take_row counter;
    if (!sql_unit_counter_take(import->tx,
            &(struct sql_unit_counter_take){
                .trial_id = trial_id, .kind = "workplace", .count = (int32_t)import->count},
            &counter))
        return false;
    *first = counter.last - (int)import->count + 1;
    return true;
}

static bool
insert_all(
    struct import *import, struct uuid trial_id, int first, struct workplace_imported *imported)
{
    if (import->count == 0)
        return true;
    for (size_t from = 0; from < import->count; from += ROWS_PER_INSERT) {
        size_t to = from + ROWS_PER_INSERT < import->count ? from + ROWS_PER_INSERT : import->count;
        if (!insert_rows(import, trial_id, first, from, to))
            return false;
    }
    imported->imported = import->count;
    imported->first = arena_printf(import->arena, "W%04d", first);
    imported->last = arena_printf(import->arena, "W%04d", first + (int)import->count - 1);
    return true;
}

bool
workplace_import_rows(struct tx *tx, const struct protocol *protocol, struct uuid trial_id,
    const char *scope, const struct csv *csv, bool dry_run, struct faults *faults,
    struct workplace_imported *imported)
{
    struct import import = {.tx = tx,
        .arena = tx_arena(tx),
        .protocol = protocol,
        .subject = &protocol->subjects[PROTOCOL_WORKPLACE],
        .csv = csv,
        .faults = faults,
        .scope = scope == NULL ? NULL : json_loads(scope, 0, NULL)};
    bool ok = false;
    int first = 0;
    *imported = (struct workplace_imported){.read = csv->count};
    check_header(&import);
    if (faults->total == 0 || csv->header.count > 0)
        check_rows(&import);
    check_twins(&import);
    bool registers = !dry_run && faults->total == 0;
    if ((registers && !take_numbers(&import, trial_id, &first)) ||
        !check_register(&import, trial_id))
        goto out;
    if (faults->total > 0) {
        faults_sort(faults);
        tx_fail(tx, ERROR_FIELDS, "The file has %zu fault%s; nothing was imported", faults->total,
            faults->total == 1 ? "" : "s");
        goto out;
    }
    ok = dry_run || insert_all(&import, trial_id, first, imported);
out:
    for (size_t i = 0; i < import.count; i++) {
        json_decref(import.rows[i].identifiers);
        json_decref(import.rows[i].attributes);
    }
    json_decref(import.scope);
    return ok;
}
