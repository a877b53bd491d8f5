/*
 * grid.h: cells in rows and columns on standard output, for people: widths, UTF-8, colours, and
 * long text broken between words where the terminal is narrow. Where the output is no terminal
 * nothing is broken.
 */
#ifndef RCTD_CLI_GRID_H
#define RCTD_CLI_GRID_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct grid_column {
    const char *title;
    bool right; /* numbers */
    bool folds; /* may be broken over lines */
};

struct grid {
    struct arena *arena;
    const struct grid_column *columns;
    size_t column_count;
    const char **cells; /* row after row; never NULL */
    size_t row_count;
    bool headings;
};

void grid_print(const struct grid *grid);

#endif
