/*
 * plot_pen.h: lines, marks and texts on a cairo surface, in points; only for plot*.c.
 */
#ifndef RCTD_BASE_PLOT_PEN_H
#define RCTD_BASE_PLOT_PEN_H

#include <cairo.h>
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stddef.h>

struct plot_pen {
    cairo_t *cairo;
    PangoLayout *layout;
};

struct plot_box {
    double x;
    double y;
    double width;
    double height;
};

enum plot_text { PLOT_TEXT_PLAIN, PLOT_TEXT_SMALL, PLOT_TEXT_BOLD, PLOT_TEXT_TITLE };

bool plot_pen_open(struct plot_pen *pen, cairo_surface_t *surface);
void plot_pen_close(struct plot_pen *pen);

/* Room that a text takes; with a width over 0 it is broken over lines. Only width and height of the
 * box are set. */
struct plot_box plot_measure(
    const struct plot_pen *pen, const char *text, enum plot_text kind, double width);

/* Puts the upper left corner of a text at x, y. */
void plot_write_text(const struct plot_pen *pen, const char *text, enum plot_text kind,
    double width, double x, double y);

/* The same from below to above, its lower left corner at x, y. */
void plot_write_upwards(const struct plot_pen *pen, const char *text, double x, double y);

/* Colours: of the texts and axes, of the lines behind the data, and one for each style. */
void plot_ink(const struct plot_pen *pen);
void plot_faint(const struct plot_pen *pen);
void plot_colour(const struct plot_pen *pen, size_t style);

void plot_segment(
    const struct plot_pen *pen, double width, double x1, double y1, double x2, double y2);

/* The mark of a style around x, y, in its colour. */
void plot_mark(const struct plot_pen *pen, size_t style, double x, double y);

/* Begins lines of a style: its colour, width and dashes. plot_solid ends the dashes. */
void plot_line_style(const struct plot_pen *pen, size_t style);
void plot_solid(const struct plot_pen *pen);

#endif
