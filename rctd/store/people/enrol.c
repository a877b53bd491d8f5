/*
 * enrol.c: every value that a unit is registered with, checked against the protocol. A table's
 * faults have line and column, a request's the field.
 */
#include "store/people/enrol_column.h"

#include "base/personal.h"
#include "base/text.h"

#define OWN_LENGTH_MAX 200 /* characters of a name or site */

void
enrol_init(struct enrol *enrol, struct tx *tx, const struct protocol *protocol,
    enum protocol_unit kind, const char *scope, struct faults *faults)
{
    *enrol = (struct enrol){.tx = tx,
        .arena = tx_arena(tx),
        .protocol = protocol,
        .kind = kind,
        .subject = &protocol->subjects[kind],
        .faults = faults,
        .scope = scope == NULL ? NULL : json_loads(scope, 0, NULL)};
}

void
enrol_free(struct enrol *enrol)
{
    for (size_t i = 0; i < enrol->count; i++) {
        json_decref(enrol->rows[i].identifiers);
        json_decref(enrol->rows[i].attributes);
    }
    json_decref(enrol->scope);
}

/* A name of the header that may be repeated in a fault: where the header was forgotten, the first
 * person stands in its place. */
static const char *
shown_header(const struct enrol *enrol, const char *name)
{
    bool shown = enrol->kind == PROTOCOL_WORKPLACE || enrol->csv->named;
    return shown ? name : "";
}

static void
require(struct enrol *enrol, const char *name)
{
    if (csv_find(enrol->csv, name) < 0)
        faults_add(enrol->faults, name, enrol->csv->header.line, 1, "add it to the first line",
            "the column %s is missing", name);
}

static void
check_header(struct enrol *enrol)
{
    const struct csv_row *header = &enrol->csv->header;
    const struct protocol_subject *subject = enrol->subject;
    enrol->columns = arena_array(enrol->arena, header->count, sizeof *enrol->columns);
    for (size_t i = 0; i < header->count; i++) {
        const struct csv_cell *cell = &header->cells[i];
        const char *name = text_trim(enrol->arena, cell->text);
        enrol->columns[i] = enrol_column_of(enrol, name);
        enrol->columns[i].name = name;
        if (enrol_is_known(&enrol->columns[i]) || *name == '\0')
            continue;
        if (*shown_header(enrol, name) == '\0')
            faults_add(enrol->faults, NULL, cell->line, cell->column,
                "the first line names the columns", "the protocol has no such column");
        else
            faults_add(enrol->faults, name, cell->line, cell->column,
                enrol_nearest(enrol, name, true), "the protocol has no column called %s", name);
    }
    for (int own = ENROL_NAME; own < ENROL_OWN_COUNT; own++)
        if (enrol_needs(enrol, (enum enrol_own)own))
            require(enrol, enrol_own_names[own]);
    for (size_t i = 0; i < enrol_identifiers(enrol); i++)
        if (subject->identifiers[i].required)
            require(enrol, subject->identifiers[i].name);
    for (size_t i = 0; i < subject->attribute_count; i++)
        if (enrol_is_entered(&subject->attributes[i]) && enrol_is_factor(enrol, i))
            require(enrol, subject->attributes[i].name);
}

/* Keeps a value in its normal form. */
static void
keep(struct enrol_row *row, const struct enrol_column *column, const char *normal)
{
    if (column->identifier != NULL)
        json_object_set_new(row->identifiers, column->identifier->name, json_string(normal));
    else if (column->attribute != NULL)
        json_object_set_new(row->attributes, column->attribute->name, json_string(normal));
    else if (column->own == ENROL_SITE)
        json_object_set_new(row->attributes, enrol_own_names[ENROL_SITE], json_string(normal));
    else
        row->own[column->own] = normal;
}

/* True: `*normal` is the value to keep. False: what is wrong with it. */
static bool
check_value(const struct enrol *enrol, const struct enrol_column *column, const char *value,
    const char **normal)
{
    *normal = value;
    if (column->identifier != NULL)
        return protocol_identifier_check(enrol->arena, column->identifier, value, 0, normal);
    enum person_field field =
        column->attribute != NULL ? PERSON_FIELD_COUNT : enrol_person_field(enrol, column->own);
    if (field < PERSON_FIELD_COUNT)
        return person_check(enrol->arena, enrol->subject, field, value, enrol->year, normal);
    if (personal_number_in(value)) {
        *normal = "it " PERSONAL_NUMBER_FOUND "; " PERSONAL_NUMBER_REMEDY;
        return false;
    }
    if (column->attribute != NULL)
        return protocol_attribute_check(enrol->arena, column->attribute, value, normal);
    if (text_characters(value) <= OWN_LENGTH_MAX)
        return true;
    *normal = "longer than 200 characters; shorten it";
    return false;
}

/* Tells of a row; of a file with very many faults, of each row once. */
static void
add_fault(struct enrol *enrol, struct enrol_row *row, const char *pointer, unsigned line,
    unsigned column, const char *remedy, const char *message)
{
    bool told = row->faulty && enrol->faults->count >= ENROL_FAULTS_EASY;
    row->faulty = true;
    if (told)
        enrol->faults->total++;
    else
        faults_add(enrol->faults, pointer, line, column, remedy, "%s", message);
}

static void
check_cell(struct enrol *enrol, struct enrol_row *row, size_t index, const struct csv_cell *cell)
{
    const struct enrol_column *column = &enrol->columns[index];
    const char *name = column->name;
    const char *value = text_trim(enrol->arena, cell->text);
    const char *normal = "this column has no name in the first line; name it, or empty it";
    if (*value == '\0') {
        if (column->required)
            add_fault(enrol, row, name, cell->line, cell->column, "fill it in",
                arena_printf(enrol->arena, "%s is empty", name));
        return;
    }
    if (*name == '\0' || !check_value(enrol, column, value, &normal))
        add_fault(enrol, row, shown_header(enrol, name), cell->line, cell->column, NULL, normal);
    else
        keep(row, column, normal);
}

/* Where the row's fault is shown that is no single cell's: at its first identifier, or its name. */
static unsigned
place_of(const struct enrol *enrol, const struct csv_row *line)
{
    const char *name = enrol_identifiers(enrol) > 0          ? enrol->subject->identifiers[0].name
                       : enrol_takes(enrol, ENROL_NAME)      ? enrol_own_names[ENROL_NAME]
                       : enrol_takes(enrol, ENROL_WORKPLACE) ? enrol_own_names[ENROL_WORKPLACE]
                                                             : "";
    int first = csv_find(enrol->csv, name);
    return first < 0 ? 1 : line->cells[first].column;
}

static struct enrol_row *
add_row(struct enrol *enrol)
{
    struct enrol_row *row = &enrol->rows[enrol->count++];
    *row = (struct enrol_row){.identifiers = json_object(), .attributes = json_object()};
    return row;
}

void
enrol_read_table(struct enrol *enrol, const struct csv *csv)
{
    enrol->csv = csv;
    check_header(enrol);
    enrol->rows = arena_array(enrol->arena, csv->count, sizeof *enrol->rows);
    if (enrol->faults->total > 0 && csv->header.count == 0)
        return;
    for (size_t r = 0; r < csv->count; r++) {
        const struct csv_row *line = &csv->rows[r];
        if (line->count != csv->header.count)
            continue; /* the reader has said so */
        struct enrol_row *row = add_row(enrol);
        row->line = line->line;
        row->cells = line;
        for (size_t c = 0; c < line->count; c++)
            check_cell(enrol, row, c, &line->cells[c]);
        row->column = place_of(enrol, line);
    }
}

struct enrol_row *
enrol_read_request(struct enrol *enrol, json_t *attributes)
{
    const struct protocol_subject *subject = enrol->subject;
    const char *name;
    json_t *value;
    enrol->rows = arena_alloc(enrol->arena, sizeof *enrol->rows);
    struct enrol_row *row = add_row(enrol);
    json_object_foreach(attributes, name, value)
    {
        const char *pointer = arena_printf(enrol->arena, "/attributes/%s", name);
        const struct enrol_column column = enrol_column_of(enrol, name);
        const char *normal;
        if (column.attribute == NULL && column.own != ENROL_SITE)
            faults_add(enrol->faults, pointer, 0, 0, enrol_nearest(enrol, name, false),
                "the protocol has no attribute called %s", name);
        else if (!check_value(enrol, &column, json_string_value(value), &normal))
            faults_add(enrol->faults, pointer, 0, 0, NULL, "%s", normal);
        else
            keep(row, &column, normal);
    }
    for (size_t i = 0; i < subject->attribute_count; i++) {
        name = subject->attributes[i].name;
        if (enrol_is_entered(&subject->attributes[i]) && enrol_is_factor(enrol, i) &&
            json_object_get(attributes, name) == NULL)
            faults_add(enrol->faults, arena_printf(enrol->arena, "/attributes/%s", name), 0, 0,
                "enter it: allocation rests on it", "%s is missing", name);
    }
    return row;
}

void
enrol_fault(struct enrol *enrol, struct enrol_row *row, enum enrol_own own, const char *message,
    const char *remedy)
{
    if (enrol->csv == NULL) {
        faults_add(enrol->faults, arena_printf(enrol->arena, "/%s", enrol_own_names[own]), 0, 0,
            remedy, "%s", message);
        return;
    }
    int index = csv_find(enrol->csv, enrol_own_names[own]);
    const struct csv_cell *cell = index < 0 ? NULL : &row->cells->cells[index];
    add_fault(enrol, row, enrol_own_names[own], cell == NULL ? row->line : cell->line,
        cell == NULL ? row->column : cell->column, remedy, message);
}

bool
enrol_refuse_faults(struct enrol *enrol)
{
    struct faults *faults = enrol->faults;
    if (faults->total == 0)
        return true;
    faults_sort(faults);
    return tx_fail(enrol->tx, ERROR_FIELDS, "The file has %zu fault%s; nothing was imported",
        faults->total, faults->total == 1 ? "" : "s");
}

static bool
fits(const json_t *bounds, const char *name, const struct enrol_row *row)
{
    const char *bound = json_string_value(json_object_get(bounds, name));
    return bound == NULL ||
           text_equal(bound, json_string_value(json_object_get(row->attributes, name)));
}

void
enrol_check_scope(struct enrol *enrol, struct enrol_row *row)
{
    size_t index;
    json_t *bounds;
    struct text mine;
    if (enrol->scope == NULL)
        return;
    text_init(&mine, enrol->arena);
    text_printf(&mine, "only %s of ", enrol->csv == NULL ? "those" : "lines");
    json_array_foreach(enrol->scope, index, bounds)
    {
        if (fits(bounds, "county", row) && fits(bounds, "site", row))
            return;
        const char *county = json_string_value(json_object_get(bounds, "county"));
        const char *site = json_string_value(json_object_get(bounds, "site"));
        text_printf(&mine, "%s%s%s%s", index == 0 ? "" : ", or of ", county == NULL ? "" : county,
            county != NULL && site != NULL ? ", " : "", site == NULL ? "" : site);
    }
    add_fault(enrol, row, enrol->csv == NULL ? "/attributes" : "scope", row->line, row->column,
        mine.bytes,
        arena_printf(
            enrol->arena, "your role does not cover this %s", protocol_unit_name(enrol->kind)));
}
