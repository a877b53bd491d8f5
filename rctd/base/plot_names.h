/*
 * plot_names.h: names beside marks, each where nothing else is; only for plot_draw.c.
 */
#ifndef RCTD_BASE_PLOT_NAMES_H
#define RCTD_BASE_PLOT_NAMES_H

#include "base/plot.h"
#include "base/plot_pen.h"

/* A mark's name, and where the mark stands on the page, in points. */
struct plot_name {
    const char *text;
    double x;
    double y;
};

/* Writes the names on the ground of a panel; a name that stands away from its mark has a line to
 * it. At most PLOT_SERIES_MAX of them. */
void plot_names(const struct plot_pen *pen, const struct plot_box *ground,
    const struct plot_name *names, size_t count);

#endif
