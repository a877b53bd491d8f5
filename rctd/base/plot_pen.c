/*
 * plot_pen.c: cairo draws, Pango sets the texts. Hints of fonts are off, so that a text has the
 * same width on every kind of surface.
 */
#include "base/plot_pen.h"

#include "base/compiler.h"

#include <math.h>
#include <string.h>

#define FONT "DejaVu Sans"
#define MARK_RADIUS 3.6
#define LINE_WIDTH 1.5

static const double text_sizes[] = {
    [PLOT_TEXT_PLAIN] = 8.5,
    [PLOT_TEXT_SMALL] = 7.5,
    [PLOT_TEXT_BOLD] = 9.5,
    [PLOT_TEXT_TITLE] = 13,
};

/* Okabe and Ito 2008, without black, and with grey for their yellow, which is lost on paper. */
static const double colours[][3] = {
    {0.000, 0.447, 0.698}, /* blue */
    {0.835, 0.369, 0.000}, /* vermillion */
    {0.000, 0.620, 0.451}, /* bluish green */
    {0.800, 0.475, 0.655}, /* reddish purple */
    {0.902, 0.624, 0.000}, /* orange */
    {0.337, 0.706, 0.914}, /* sky blue */
    {0.350, 0.350, 0.350},
};

/* Lengths on and off; the count of them. Five styles against seven colours: 35 combinations. */
static const struct {
    double lengths[6];
    int count;
} dashes[] = {
    {{0}, 0},
    {{6, 2.5}, 2},
    {{1.5, 2}, 2},
    {{7, 2.5, 1.5, 2.5}, 4},
    {{11, 3}, 2},
};

static PangoLayout *
make_layout(cairo_t *cairo)
{
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    PangoContext *context = pango_layout_get_context(layout);
    pango_cairo_context_set_font_options(context, options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_layout_context_changed(layout);
    cairo_font_options_destroy(options);
    return layout;
}

bool
plot_pen_open(struct plot_pen *pen, cairo_surface_t *surface)
{
    pen->cairo = cairo_create(surface);
    pen->layout = make_layout(pen->cairo);
    cairo_set_line_cap(pen->cairo, CAIRO_LINE_CAP_BUTT);
    cairo_set_line_join(pen->cairo, CAIRO_LINE_JOIN_ROUND);
    return cairo_status(pen->cairo) == CAIRO_STATUS_SUCCESS;
}

void
plot_pen_close(struct plot_pen *pen)
{
    g_object_unref(pen->layout);
    cairo_destroy(pen->cairo);
}

static void
set_text(const struct plot_pen *pen, const char *text, enum plot_text kind, double width)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, FONT);
    pango_font_description_set_size(font, (int)lround(text_sizes[kind] * PANGO_SCALE));
    pango_font_description_set_weight(font, kind == PLOT_TEXT_BOLD || kind == PLOT_TEXT_TITLE
                                                ? PANGO_WEIGHT_BOLD
                                                : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(pen->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(pen->layout, width > 0 ? (int)lround(width * PANGO_SCALE) : -1);
    pango_layout_set_text(pen->layout, text, -1);
}

struct plot_box
plot_measure(const struct plot_pen *pen, const char *text, enum plot_text kind, double width)
{
    int x;
    int y;
    set_text(pen, text, kind, width);
    pango_layout_get_size(pen->layout, &x, &y);
    return (struct plot_box){.width = (double)x / PANGO_SCALE, .height = (double)y / PANGO_SCALE};
}

void
plot_write_text(const struct plot_pen *pen, const char *text, enum plot_text kind, double width,
    double x, double y)
{
    set_text(pen, text, kind, width);
    cairo_move_to(pen->cairo, x, y);
    pango_cairo_show_layout(pen->cairo, pen->layout);
}

void
plot_write_upwards(const struct plot_pen *pen, const char *text, double x, double y)
{
    set_text(pen, text, PLOT_TEXT_PLAIN, 0);
    cairo_save(pen->cairo);
    cairo_translate(pen->cairo, x, y);
    cairo_rotate(pen->cairo, -M_PI / 2);
    cairo_move_to(pen->cairo, 0, 0);
    pango_cairo_show_layout(pen->cairo, pen->layout);
    cairo_restore(pen->cairo);
}

void
plot_ink(const struct plot_pen *pen)
{
    cairo_set_source_rgb(pen->cairo, 0.13, 0.13, 0.13);
}

void
plot_faint(const struct plot_pen *pen)
{
    cairo_set_source_rgb(pen->cairo, 0.88, 0.88, 0.88);
}

void
plot_colour(const struct plot_pen *pen, size_t style)
{
    const double *colour = colours[style % COUNT_OF(colours)];
    cairo_set_source_rgb(pen->cairo, colour[0], colour[1], colour[2]);
}

void
plot_segment(const struct plot_pen *pen, double width, double x1, double y1, double x2, double y2)
{
    cairo_set_line_width(pen->cairo, width);
    cairo_move_to(pen->cairo, x1, y1);
    cairo_line_to(pen->cairo, x2, y2);
    cairo_stroke(pen->cairo);
}

/* A polygon of `corners` around x, y, its first corner turned by `turn`. */
static void
polygon(const struct plot_pen *pen, int corners, double turn, double x, double y)
{
    for (int i = 0; i < corners; i++) {
        double angle = turn + 2 * M_PI * i / corners;
        double radius = MARK_RADIUS * (corners == 3 ? 1.3 : 1.2);
        cairo_line_to(pen->cairo, x + radius * sin(angle), y - radius * cos(angle));
    }
    cairo_close_path(pen->cairo);
}

void
plot_mark(const struct plot_pen *pen, size_t style, double x, double y)
{
    cairo_new_path(pen->cairo);
    switch (style % 6) {
    case 0:
        cairo_arc(pen->cairo, x, y, MARK_RADIUS, 0, 2 * M_PI);
        break;
    case 1:
        polygon(pen, 4, M_PI / 4, x, y);
        break;
    case 2:
        polygon(pen, 3, 0, x, y);
        break;
    case 3:
        polygon(pen, 4, 0, x, y);
        break;
    case 4:
        polygon(pen, 3, M_PI, x, y);
        break;
    default:
        polygon(pen, 5, 0, x, y);
        break;
    }
    plot_colour(pen, style);
    cairo_fill_preserve(pen->cairo);
    cairo_set_source_rgb(pen->cairo, 1, 1, 1);
    cairo_set_line_width(pen->cairo, 0.7);
    cairo_stroke(pen->cairo);
}

void
plot_line_style(const struct plot_pen *pen, size_t style)
{
    size_t dash = style % COUNT_OF(dashes);
    plot_colour(pen, style);
    cairo_set_line_width(pen->cairo, LINE_WIDTH);
    cairo_set_dash(pen->cairo, dashes[dash].lengths, dashes[dash].count, 0);
}

void
plot_solid(const struct plot_pen *pen)
{
    cairo_set_dash(pen->cairo, NULL, 0, 0);
}
