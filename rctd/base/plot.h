/*
 * plot.h: draws curves and labelled points into a file: SVG, PDF or PNG, by the ending of its name,
 * from one drawing function. The same plot gives the same bytes on the same machine. Colours can be
 * told apart by colour-blind readers, and series in one panel also differ in mark or dash, so that
 * a print in black and white can be read.
 *
 * Texts are UTF-8. Not for several threads at a time; Pango starts a thread of its own.
 */
#ifndef RCTD_BASE_PLOT_H
#define RCTD_BASE_PLOT_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define PLOT_SERIES_MAX 24 /* in one panel */
#define PLOT_PANELS_MAX 4

enum plot_kind { PLOT_LINE, PLOT_POINTS };

/* Series of the same `style` in several panels look alike and share one line of the legend. */
struct plot_series {
    const char *name;
    size_t style;
    enum plot_kind kind;
    const double *x; /* finite numbers */
    const double *y;
    size_t count;
};

/* The axis reaches from the least to the greatest value drawn, and further to `low` and `high`
 * where `fixed` says so. */
struct plot_axis {
    const char *label;
    bool fixed_low;
    bool fixed_high;
    double low;
    double high;
    bool percent; /* 0.5 is shown as 50 % */
};

struct plot_panel {
    const char *title;
    struct plot_axis x;
    struct plot_axis y;
    const struct plot_series *series;
    size_t series_count;
    bool names; /* each series' name stands beside its last point */
};

struct plot {
    const char *title;
    const char *note; /* a sentence or two below the panels, broken over lines; NULL for none */
    const struct plot_panel *panels; /* side by side */
    size_t panel_count;
    bool legend; /* below the panels: each style's name once */
};

/* Does the name end in .svg, .png or .pdf? */
bool plot_can_write(const char *path);

/* Makes or replaces the file. ERROR_FIELDS for another ending, ERROR_SYSTEM where it cannot be
 * written; then no half file stays behind. */
bool plot_write(const struct plot *plot, const char *path, struct error *error) MUST_CHECK;

#endif
