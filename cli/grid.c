/*
 * grid.c: libsmartcols does the columns. It breaks text in the middle of words, so that the words
 * are folded here and it only breaks at the new lines.
 */
#include "cli/grid.h"

#include "base/text.h"

#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEPARATOR "  "
#define FOLD_LEAST 24

static bool
wants_colours(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && (no == NULL || no[0] == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

static size_t
column_width(const struct grid *grid, size_t column)
{
    size_t width = grid->headings ? text_characters(grid->columns[column].title) : 0;
    for (size_t row = 0; row < grid->row_count; row++) {
        size_t cell = text_characters(grid->cells[row * grid->column_count + column]);
        width = cell > width ? cell : width;
    }
    return width;
}

/* How wide a folded column may be; 0 where nothing needs folding. */
static size_t
fold_width(const struct grid *grid, size_t terminal_width)
{
    size_t fixed = (grid->column_count - 1) * strlen(SEPARATOR), folded = 0, count = 0;
    for (size_t column = 0; column < grid->column_count; column++) {
        size_t width = column_width(grid, column);
        if (grid->columns[column].folds) {
            folded += width;
            count++;
        } else {
            fixed += width;
        }
    }
    if (count == 0 || fixed + folded <= terminal_width)
        return 0;
    size_t share = terminal_width > fixed ? (terminal_width - fixed) / count : 0;
    return share < FOLD_LEAST ? FOLD_LEAST : share;
}

/* A copy with new lines between words, so that lines have at most `width` characters where words
 * allow it. */
static const char *
fold(struct arena *arena, const char *text, size_t width)
{
    char *copy = arena_strdup(arena, text);
    char *last_space = NULL;
    size_t used = 0, since_space = 0;
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == ' ') {
            last_space = c;
            since_space = 0;
        } else if (((unsigned char)*c & 0xc0) != 0x80) {
            since_space++;
        }
        if (((unsigned char)*c & 0xc0) != 0x80)
            used++;
        if (used > width && last_space != NULL) {
            *last_space = '\n';
            last_space = NULL;
            used = since_space;
        }
    }
    return copy;
}

/* New lines and other control characters of the data would upset the columns. */
static const char *
clean(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return copy;
}

static void
add_column(struct libscols_table *table, const struct grid_column *from)
{
    int flags = from->right ? SCOLS_FL_RIGHT : from->folds ? SCOLS_FL_WRAP : 0;
    struct libscols_column *column = scols_table_new_column(table, from->title, 0, flags);
    if (column == NULL)
        abort();
    scols_cell_set_color(scols_column_get_header(column), "bold");
    if (!from->folds)
        return;
    scols_column_set_safechars(column, "\n");
    scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

static void
add_row(struct libscols_table *table, const struct grid *grid, size_t row, size_t width)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    if (line == NULL)
        abort();
    for (size_t i = 0; i < grid->column_count; i++) {
        const char *text = clean(grid->arena, grid->cells[row * grid->column_count + i]);
        if (width > 0 && grid->columns[i].folds)
            text = fold(grid->arena, text, width);
        if (scols_line_set_data(line, i, text) != 0)
            abort();
    }
}

/* Blanks that fill up the last column would wrap in a narrow terminal and look like empty lines. */
static void
print_trimmed(const char *lines)
{
    while (*lines != '\0') {
        size_t whole = strcspn(lines, "\n"), length = whole;
        while (length > 0 && lines[length - 1] == ' ')
            length--;
        fwrite(lines, 1, length, stdout);
        fputc('\n', stdout);
        lines += whole + (lines[whole] == '\n');
    }
}

void
grid_print(const struct grid *grid)
{
    struct libscols_table *table = scols_new_table();
    if (table == NULL)
        abort();
    scols_table_enable_colors(table, wants_colours());
    scols_table_set_column_separator(table, SEPARATOR);
    scols_table_enable_noheadings(table, !grid->headings);
    size_t width =
        isatty(STDOUT_FILENO) == 1 ? fold_width(grid, scols_table_get_termwidth(table)) : 0;
    for (size_t i = 0; i < grid->column_count; i++)
        add_column(table, &grid->columns[i]);
    for (size_t row = 0; row < grid->row_count; row++)
        add_row(table, grid, row, width);
    char *lines = NULL;
    if (scols_print_table_to_string(table, &lines) != 0)
        abort();
    print_trimmed(lines);
    free(lines);
    scols_unref_table(table);
}
