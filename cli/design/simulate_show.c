/*
 * simulate_show.c: JSON is made first; CSV is read from it by the columns below. People get fewer
 * digits, and the standard error beside a simulated figure.
 */
#include "cli/design/simulate_show.h"

#include "base/text.h"
#include "cli/grid.h"
#include "cli/table.h"

#include <stdio.h>

static const char *const figure_names[OPERATING_FIGURES] = {
    [OPERATING_CORRECT_GUESS] = "correct_guess",
    [OPERATING_DETERMINISTIC] = "deterministic",
    [OPERATING_FINAL_SD] = "final_sd",
    [OPERATING_FINAL_ABS] = "final_abs",
    [OPERATING_MAX_ABS] = "max_abs",
};

static const char *const pattern_names[] = {
    [OPERATING_EVEN] = "even",
    [OPERATING_RANDOM] = "random",
    [OPERATING_SHARES] = "shares",
};

/* For CSV: what JSON has, flat. */
static const struct column columns[] = {
    {"design", "Design", COLUMN_TEXT},
    {"part", "Part", COLUMN_TEXT},
    {"n", "N", COLUMN_NUMBER},
    {"correct_guess", "Correct guess", COLUMN_NUMBER},
    {"deterministic", "Deterministic", COLUMN_NUMBER},
    {"final_sd", "Final SD", COLUMN_NUMBER},
    {"final_abs", "Final mean", COLUMN_NUMBER},
    {"max_abs", "Largest", COLUMN_NUMBER},
    {"exact", "Exact", COLUMN_TEXT},
    {"trials", "Trials", COLUMN_NUMBER},
    {"seed", "Seed", COLUMN_NUMBER},
    {"standard_error.correct_guess", "", COLUMN_NUMBER},
    {"standard_error.deterministic", "", COLUMN_NUMBER},
    {"standard_error.final_sd", "", COLUMN_NUMBER},
    {"standard_error.final_abs", "", COLUMN_NUMBER},
    {"standard_error.max_abs", "", COLUMN_NUMBER},
    {0},
};

/* Figures as a list, so that all of them are treated alike. */
static void
list_figures(const struct operating *figures, double values[OPERATING_FIGURES])
{
    values[OPERATING_CORRECT_GUESS] = figures->correct_guess;
    values[OPERATING_DETERMINISTIC] = figures->deterministic;
    values[OPERATING_FINAL_SD] = figures->final_sd;
    values[OPERATING_FINAL_ABS] = figures->final_abs;
    values[OPERATING_MAX_ABS] = figures->max_abs;
}

static json_t *
list_errors(const double errors[OPERATING_FIGURES], size_t first)
{
    json_t *object = json_object();
    for (size_t i = first; i < OPERATING_FIGURES; i++)
        json_object_set_new(object, figure_names[i], json_real(errors[i]));
    return object;
}

static json_t *
part_json(const struct operating_part *part)
{
    return json_pack("{s:f, s:f, s:f, s:o}", "final_sd", part->final_sd, "final_abs",
        part->final_abs, "max_abs", part->max_abs, "standard_error",
        list_errors(part->standard_error, OPERATING_FINAL_SD));
}

static const struct protocol_attribute *
factor_of(const struct simulate_design *design, size_t factor)
{
    size_t attribute = design->scheme.design.balanced[factor].attribute;
    return &design->protocol->subjects[design->scheme.unit].attributes[attribute];
}

static void
add_parts(json_t *object, const struct simulate_found *found)
{
    const struct simulate_design *design = found->design;
    if (design->strata > 1) {
        json_t *strata = part_json(&found->figures.strata);
        json_object_set_new(strata, "count", json_integer((json_int_t)design->strata));
        json_object_set_new(strata, "pattern", json_string(pattern_names[design->pattern]));
        json_object_set_new(object, "strata", strata);
    }
    if (design->scheme.method != METHOD_MINIMISATION)
        return;
    json_t *factors = json_array();
    for (size_t i = 0; i < design->scheme.design.balanced_count; i++) {
        const struct protocol_attribute *attribute = factor_of(design, i);
        json_t *factor = part_json(&found->figures.factors[i]);
        json_object_set_new(factor, "factor", json_string(attribute->name));
        json_object_set_new(factor, "levels", json_integer((json_int_t)attribute->level_count));
        json_array_append_new(factors, factor);
    }
    json_object_set_new(object, "factors", factors);
}

static json_t *
found_json(const struct simulate_found *found)
{
    const struct operating *figures = &found->figures.trial;
    double values[OPERATING_FIGURES];
    list_figures(figures, values);
    json_t *object =
        json_pack("{s:s, s:I}", "design", found->design->label, "n", (json_int_t)found->design->n);
    for (size_t i = 0; i < OPERATING_FIGURES; i++)
        json_object_set_new(object, figure_names[i], json_real(values[i]));
    json_object_set_new(object, "exact", json_boolean(figures->exact));
    if (!figures->exact) {
        json_object_set_new(object, "standard_error", list_errors(figures->standard_error, 0));
        json_object_set_new(object, "trials", json_integer(found->trials));
        json_object_set_new(object, "seed", json_integer((json_int_t)found->seed));
    }
    add_parts(object, found);
    return object;
}

/* A row of its own for the strata and for each factor. */
static void
add_part_row(json_t *rows, json_t *object, json_t *part, const char *name)
{
    json_t *row = json_copy(part);
    json_object_set(row, "design", json_object_get(object, "design"));
    json_object_set(row, "n", json_object_get(object, "n"));
    json_object_set(row, "trials", json_object_get(object, "trials"));
    json_object_set(row, "seed", json_object_get(object, "seed"));
    json_object_set(row, "exact", json_object_get(object, "exact"));
    json_object_set_new(row, "part", json_string(name));
    json_array_append_new(rows, row);
}

static void
show_csv(struct session *session, json_t *list)
{
    json_t *rows = session_keep(session, json_array());
    json_t *object;
    json_t *factor;
    size_t i;
    size_t j;
    json_array_foreach(list, i, object)
    {
        json_t *row = json_copy(object);
        json_object_set_new(row, "part", json_string("trial"));
        json_array_append_new(rows, row);
        if (json_object_get(object, "strata") != NULL)
            add_part_row(rows, object, json_object_get(object, "strata"), "strata");
        json_array_foreach(json_object_get(object, "factors"), j, factor)
            add_part_row(rows, object, factor, session_field(factor, "factor"));
    }
    table_list(session, columns, rows, "");
}

/* "0.7083", or "0.7081 +-0.0002" where it was simulated. */
static const char *
figure_text(struct arena *arena, double value, double error, bool exact)
{
    if (exact)
        return arena_printf(arena, "%.4f", value);
    return arena_printf(arena, "%.4f \u00b1%.4f", value, error);
}

static const struct grid_column titles[] = {
    {.title = "Design", .folds = true},
    {.title = "N", .right = true},
    {.title = "Guessed", .right = true},
    {.title = "Certain", .right = true},
    {.title = "Final SD", .right = true},
    {.title = "Final mean", .right = true},
    {.title = "Largest", .right = true},
    {.title = "How"},
};

struct rows {
    const char **cells;
    size_t count;
    size_t capacity;
};

/* Begins a row; its cells are to be filled. */
static const char **
add_row(struct arena *arena, struct rows *rows)
{
    rows->cells = arena_grow(
        arena, rows->cells, rows->count, &rows->capacity, COUNT_OF(titles) * sizeof *rows->cells);
    const char **row = rows->cells + rows->count++ * COUNT_OF(titles);
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        row[i] = "";
    return row;
}

static void
add_part_cells(
    struct arena *arena, struct rows *rows, const char *name, const struct operating_part *part)
{
    const char **row = add_row(arena, rows);
    const double *error = part->standard_error;
    row[0] = name;
    row[4] = figure_text(arena, part->final_sd, error[OPERATING_FINAL_SD], false);
    row[5] = figure_text(arena, part->final_abs, error[OPERATING_FINAL_ABS], false);
    row[6] = figure_text(arena, part->max_abs, error[OPERATING_MAX_ABS], false);
}

static void
add_found(struct arena *arena, struct rows *rows, const struct simulate_found *found)
{
    const struct simulate_design *design = found->design;
    const struct operating *figures = &found->figures.trial;
    double values[OPERATING_FIGURES];
    const char **row = add_row(arena, rows);
    list_figures(figures, values);
    row[0] = design->label;
    row[1] = arena_printf(arena, "%zu", design->n);
    for (size_t i = 0; i < OPERATING_FIGURES; i++)
        row[2 + i] = figure_text(arena, values[i], figures->standard_error[i], figures->exact);
    row[7] =
        figures->exact ? "exact" : arena_printf(arena, "%lld trials", (long long)found->trials);
    if (design->strata > 1)
        add_part_cells(arena, rows, arena_printf(arena, "  within %zu strata", design->strata),
            &found->figures.strata);
    for (size_t i = 0; i < design->scheme.design.balanced_count; i++)
        add_part_cells(arena, rows,
            arena_printf(arena, "  within levels of %s", factor_of(design, i)->name),
            &found->figures.factors[i]);
}

static const char legend[] =
    "\nGuessed: share of the arms that are right when the arm that is behind is guessed. Certain:\n"
    "share of the arms that the design left no choice. Final SD, final mean: standard deviation\n"
    "and mean size of the difference between the arms at the end. Largest: mean of the largest\n"
    "difference on the way.\n";

static void
show_people(struct session *session, const struct simulate_found *found, size_t count)
{
    struct rows rows = {0};
    for (size_t i = 0; i < count; i++)
        add_found(session->arena, &rows, &found[i]);
    grid_print(&(struct grid){.arena = session->arena,
        .columns = titles,
        .column_count = COUNT_OF(titles),
        .cells = rows.cells,
        .row_count = rows.count,
        .headings = true});
    fputs(legend, stdout);
}

void
simulate_show(
    struct session *session, const struct simulate_found *found, size_t count, bool several)
{
    if (session->output == OUTPUT_PEOPLE) {
        show_people(session, found, count);
        return;
    }
    json_t *list = session_keep(session, json_array());
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, found_json(&found[i]));
    if (session->output == OUTPUT_CSV)
        show_csv(session, list);
    else
        table_json(several ? list : json_array_get(list, 0));
}
