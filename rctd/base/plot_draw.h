/*
 * plot_draw.h: the drawing of a plot on any cairo surface; only for plot.c.
 */
#ifndef RCTD_BASE_PLOT_DRAW_H
#define RCTD_BASE_PLOT_DRAW_H

#include "base/plot.h"
#include "base/plot_pen.h"

/* Size of the plot in points (1/72 inch). The pen is that of any surface: texts are measured. */
double plot_width(const struct plot *plot);
double plot_height(const struct plot_pen *pen, const struct plot *plot);

void plot_draw(const struct plot_pen *pen, const struct plot *plot);

#endif
