/*
 * constrain_column.c: the cells of the table, column after column.
 */
#include "cli/design/constrain_column.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct csv_cell *
cell_of(const struct constrain_reading *reading, size_t unit, size_t column)
{
    return &reading->input->csv.rows[reading->input->order[unit]].cells[column];
}

bool
constrain_find_column(
    const struct constrain_reading *reading, const char *option, const char *name, size_t *column)
{
    const struct csv_row *header = &reading->input->csv.header;
    struct text names;
    int found = csv_find(&reading->input->csv, name);
    if (found >= 0) {
        *column = (size_t)found;
        return true;
    }
    text_init(&names, reading->arena);
    for (size_t i = 0; i < header->count; i++)
        text_printf(&names, "%s%s", i == 0 ? "" : ", ", header->cells[i].text);
    return error_set(&reading->session->error, ERROR_NOT_FOUND, option,
        "%s: %s has no column `%.100s'; its columns are: %s", option, reading->path, name,
        names.bytes);
}

static void
fault(const struct constrain_reading *reading, const struct csv_cell *cell, const char *name,
    const char *remedy, const char *what)
{
    faults_add(&reading->session->faults, name, cell->line, cell->column, remedy, "%s", what);
}

/* The trimmed text of a cell, or NULL with a fault where it is empty. */
static const char *
text_of(const struct constrain_reading *reading, const struct csv_cell *cell, const char *name)
{
    const char *text = text_trim(reading->arena, cell->text);
    if (text[0] != '\0')
        return text;
    fault(reading, cell, name, "every unit needs a value: fill it in, or leave the column out",
        "the value is missing");
    return NULL;
}

static bool
all_same(const double *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (numbers[i] < numbers[0] || numbers[i] > numbers[0])
            return false;
    return true;
}

static void
tell_same(const struct constrain_reading *reading, const char *name, size_t column)
{
    const struct csv_cell *header = &reading->input->csv.header.cells[column];
    fault(reading, header, name, "leave it out: it cannot tell assignments apart",
        "all units have the same value");
}

static void
add_numbers(const struct constrain_reading *reading, const struct constrain_covariate *covariate,
    size_t column, const double *numbers)
{
    const struct constrained_covariate wanted = {.name = covariate->name,
        .weight = covariate->weight,
        .mean_limit = covariate->mean_limit,
        .total_limit = covariate->total_limit};
    if (all_same(numbers, reading->problem->units))
        tell_same(reading, covariate->name, column);
    else
        constrained_add_numbers(reading->problem, &wanted, numbers);
}

static void
read_numbers(const struct constrain_reading *reading, const struct constrain_covariate *covariate,
    size_t column)
{
    size_t units = reading->problem->units, before = reading->session->faults.total;
    double *numbers = arena_array(reading->arena, units, sizeof *numbers);
    for (size_t unit = 0; unit < units; unit++) {
        const struct csv_cell *cell = cell_of(reading, unit, column);
        const char *text = text_of(reading, cell, covariate->name);
        if (text != NULL && !constrain_number(text, &numbers[unit]))
            fault(reading, cell, covariate->name,
                arena_printf(reading->arena,
                    "write it with a decimal point, or name the column as %s:categorical",
                    covariate->name),
                arena_printf(reading->arena, "`%.60s' is no number", text));
    }
    if (reading->session->faults.total == before)
        add_numbers(reading, covariate, column, numbers);
}

static int
compare_numbers(const void *a, const void *b)
{
    double x = 0, y = 0;
    bool right = constrain_number(*(const char *const *)a, &x) &&
                 constrain_number(*(const char *const *)b, &y);
    return right && (x < y || x > y) ? (x < y ? -1 : 1) : text_order(a, b);
}

static bool
all_numbers(const char *const *texts, size_t count)
{
    double number;
    for (size_t i = 0; i < count; i++)
        if (!constrain_number(texts[i], &number))
            return false;
    return true;
}

/* The levels that the table has, in alphabetical order, or by size where all are numbers. */
static void
find_levels(struct arena *arena, const char *const *texts, size_t count,
    struct constrain_covariate *covariate)
{
    const char **sorted = arena_array(arena, count, sizeof *sorted);
    size_t used = 0, distinct = 0;
    for (size_t i = 0; i < count; i++)
        if (texts[i] != NULL)
            sorted[used++] = texts[i];
    if (used > 0)
        qsort(
            sorted, used, sizeof *sorted, all_numbers(sorted, used) ? compare_numbers : text_order);
    for (size_t i = 0; i < used; i++)
        if (i == 0 || strcmp(sorted[i], sorted[distinct - 1]) != 0)
            sorted[distinct++] = sorted[i];
    covariate->levels = sorted;
    covariate->level_count = distinct;
}

static bool
find_level(const struct constrain_covariate *covariate, const char *text, size_t *level)
{
    for (*level = 0; *level < covariate->level_count; ++*level)
        if (strcmp(covariate->levels[*level], text) == 0)
            return true;
    return false;
}

static void
tell_level(const struct constrain_reading *reading, const struct constrain_covariate *covariate,
    const struct csv_cell *cell, const char *text)
{
    struct text list;
    text_init(&list, reading->arena);
    for (size_t i = 0; i < covariate->level_count; i++)
        text_printf(&list, "%s%s", i == 0 ? "the levels given are " : ", ", covariate->levels[i]);
    fault(reading, cell, covariate->name, list.bytes,
        arena_printf(reading->arena, "`%.60s' is none of the levels", text));
}

static void
add_levels(const struct constrain_reading *reading, const struct constrain_covariate *covariate,
    size_t column, const size_t *levels)
{
    size_t units = reading->problem->units;
    double *numbers = arena_array(reading->arena, units, sizeof *numbers);
    const struct constrained_covariate wanted = {.name = covariate->name,
        .weight = covariate->weight,
        .mean_limit = covariate->mean_limit,
        .total_limit = covariate->total_limit};
    for (size_t unit = 0; unit < units; unit++)
        numbers[unit] = (double)levels[unit] + 1;
    if (covariate->kind == CONSTRAIN_ORDINAL)
        add_numbers(reading, covariate, column, numbers);
    else if (constrained_add_levels(
                 reading->problem, &wanted, covariate->levels, covariate->level_count, levels) == 0)
        tell_same(reading, covariate->name, column);
}

static void
read_levels(
    const struct constrain_reading *reading, struct constrain_covariate *covariate, size_t column)
{
    size_t units = reading->problem->units, before = reading->session->faults.total;
    const char **texts = arena_array(reading->arena, units, sizeof *texts);
    size_t *levels = arena_array(reading->arena, units, sizeof *levels);
    for (size_t unit = 0; unit < units; unit++)
        texts[unit] = text_of(reading, cell_of(reading, unit, column), covariate->name);
    if (covariate->levels == NULL)
        find_levels(reading->arena, texts, units, covariate);
    for (size_t unit = 0; unit < units; unit++)
        if (texts[unit] != NULL && !find_level(covariate, texts[unit], &levels[unit]))
            tell_level(reading, covariate, cell_of(reading, unit, column), texts[unit]);
    if (reading->session->faults.total == before)
        add_levels(reading, covariate, column, levels);
}

bool
constrain_read_covariates(
    const struct constrain_reading *reading, struct constrain_covariate *covariates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t column;
        if (!constrain_find_column(reading, "--covariates", covariates[i].name, &column))
            return false;
        if (covariates[i].kind == CONSTRAIN_NUMBER)
            read_numbers(reading, &covariates[i], column);
        else
            read_levels(reading, &covariates[i], column);
    }
    return true;
}

bool
constrain_read_strata(const struct constrain_reading *reading, const char *option)
{
    size_t count, column, units = reading->problem->units;
    char **names = constrain_split(reading->arena, option, ',', &count);
    const char **keys = arena_array(reading->arena, units, sizeof *keys);
    for (size_t unit = 0; unit < units; unit++)
        keys[unit] = "";
    for (size_t i = 0; i < count; i++) {
        if (!constrain_find_column(reading, "--strata", names[i], &column))
            return false;
        for (size_t unit = 0; unit < units; unit++) {
            const char *text = text_of(reading, cell_of(reading, unit, column), names[i]);
            keys[unit] = arena_printf(reading->arena, "%s%s%s=%s", keys[unit], i == 0 ? "" : "|",
                names[i], text == NULL ? "" : text);
        }
    }
    constrained_stratify(reading->problem, keys);
    return true;
}

void
constrain_check_ids(const struct constrain_reading *reading)
{
    const struct csv *csv = &reading->input->csv;
    const char *name = csv->header.cells[reading->input->id].text;
    const char *const *ids = reading->problem->ids;
    for (size_t unit = 0; unit < reading->problem->units; unit++) {
        const struct csv_cell *cell = cell_of(reading, unit, reading->input->id);
        if (ids[unit][0] == '\0')
            fault(reading, cell, name, "give every unit a name of its own", "the name is missing");
        else if (unit > 0 && strcmp(ids[unit - 1], ids[unit]) == 0)
            fault(reading, cell, name, "give every unit a name of its own",
                arena_printf(reading->arena, "`%.60s' stands in the table twice", ids[unit]));
    }
}
