/*
 * plot_draw.c: where everything stands in a plot: title, panels with their axes, curves and points,
 * the legend, the note.
 */
#include "base/plot_draw.h"

#include "base/plot_names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MARGIN 16.0
#define PANEL_WIDTH 350.0
#define PANEL_HEIGHT 290.0
#define AXIS_LEFT 50.0   /* within a panel, for the ticks and the axis' name */
#define AXIS_BOTTOM 36.0 /* likewise below */
#define AXIS_TOP 24.0    /* the panel's title */
#define PANEL_GAP 22.0
#define LEGEND_ROW 14.0
#define LEGEND_KEY 34.0 /* the piece of line before a name */
#define TICKS_WANTED 6
#define TICKS_MAX 24
#define MARKS_ON_LINE 7

struct range {
    double low;
    double high;
    double step; /* between ticks */
};

/* A panel's ground: where the data stand on the page, and what the axes reach over. */
struct ground {
    const struct plot_panel *panel;
    struct plot_box box;
    struct range x;
    struct range y;
};

double
plot_width(const struct plot *plot)
{
    double panels = (double)plot->panel_count;
    return 2 * MARGIN + panels * PANEL_WIDTH + (panels - 1) * PANEL_GAP;
}

static void
span_values(const double *values, size_t count, struct range *range)
{
    for (size_t i = 0; i < count; i++) {
        range->low = fmin(range->low, values[i]);
        range->high = fmax(range->high, values[i]);
    }
}

/* 1, 2 or 5 times a power of ten, so that there are about as many ticks as wanted. */
static double
tick_step(double span)
{
    double rough = span / TICKS_WANTED;
    double power = pow(10, floor(log10(rough)));
    double times = rough / power;
    return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

/* The ends get some room, but for those that are fixed. */
static struct range
axis_range(const struct plot_axis *axis, struct range values)
{
    if (axis->fixed_low)
        values.low = fmin(values.low, axis->low);
    if (axis->fixed_high)
        values.high = fmax(values.high, axis->high);
    if (!isfinite(values.low) || !isfinite(values.high))
        values = (struct range){0, 1, 0};
    double span = values.high - values.low;
    if (span <= 0)
        span = fabs(values.low) > 0 ? 0.2 * fabs(values.low) : 1;
    if (!axis->fixed_low)
        values.low -= 0.08 * span;
    if (!axis->fixed_high)
        values.high += 0.08 * span;
    values.step = tick_step(values.high - values.low);
    return values;
}

static struct ground
lay_ground(const struct plot_panel *panel, double x, double y)
{
    struct ground ground = {.panel = panel,
        .box = {x + AXIS_LEFT, y + AXIS_TOP, PANEL_WIDTH - AXIS_LEFT,
            PANEL_HEIGHT - AXIS_TOP - AXIS_BOTTOM}};
    struct range across = {INFINITY, -INFINITY, 0};
    struct range upwards = {INFINITY, -INFINITY, 0};
    for (size_t i = 0; i < panel->series_count; i++) {
        span_values(panel->series[i].x, panel->series[i].count, &across);
        span_values(panel->series[i].y, panel->series[i].count, &upwards);
    }
    ground.x = axis_range(&panel->x, across);
    ground.y = axis_range(&panel->y, upwards);
    return ground;
}

static double
place_x(const struct ground *ground, double x)
{
    return ground->box.x +
           (x - ground->x.low) / (ground->x.high - ground->x.low) * ground->box.width;
}

static double
place_y(const struct ground *ground, double y)
{
    return ground->box.y + ground->box.height -
           (y - ground->y.low) / (ground->y.high - ground->y.low) * ground->box.height;
}

/* As many decimals as the step between ticks needs. */
static void
tick_text(const struct plot_axis *axis, double value, double step, char *text, size_t size)
{
    double times = axis->percent ? 100 : 1;
    int decimals = (int)fmax(0, -floor(log10(step * times) + 1e-9));
    if (fabs(value) < step / 1e6)
        value = 0;
    snprintf(text, size, "%.*f%s", decimals, value * times, axis->percent ? "\u2009%" : "");
}

/* Ticks from the first multiple of the step within the range; gives how many. */
static size_t
list_ticks(const struct range *range, double ticks[TICKS_MAX])
{
    size_t count = 0;
    double first = ceil(range->low / range->step - 1e-9);
    while (count < TICKS_MAX &&
           (first + (double)count) * range->step <= range->high + range->step * 1e-9) {
        ticks[count] = (first + (double)count) * range->step;
        count++;
    }
    return count;
}

static void
draw_ticks_across(const struct plot_pen *pen, const struct ground *ground)
{
    double ticks[TICKS_MAX];
    size_t count = list_ticks(&ground->x, ticks);
    double foot = ground->box.y + ground->box.height;
    for (size_t i = 0; i < count; i++) {
        char text[32];
        double x = place_x(ground, ticks[i]);
        plot_faint(pen);
        plot_segment(pen, 0.6, x, ground->box.y, x, foot);
        plot_ink(pen);
        plot_segment(pen, 0.8, x, foot, x, foot + 3);
        tick_text(&ground->panel->x, ticks[i], ground->x.step, text, sizeof text);
        struct plot_box room = plot_measure(pen, text, PLOT_TEXT_PLAIN, 0);
        plot_write_text(pen, text, PLOT_TEXT_PLAIN, 0, x - room.width / 2, foot + 4);
    }
}

static void
draw_ticks_upwards(const struct plot_pen *pen, const struct ground *ground)
{
    double ticks[TICKS_MAX];
    size_t count = list_ticks(&ground->y, ticks);
    for (size_t i = 0; i < count; i++) {
        char text[32];
        double y = place_y(ground, ticks[i]);
        plot_faint(pen);
        plot_segment(pen, 0.6, ground->box.x, y, ground->box.x + ground->box.width, y);
        plot_ink(pen);
        plot_segment(pen, 0.8, ground->box.x - 3, y, ground->box.x, y);
        tick_text(&ground->panel->y, ticks[i], ground->y.step, text, sizeof text);
        struct plot_box room = plot_measure(pen, text, PLOT_TEXT_PLAIN, 0);
        plot_write_text(
            pen, text, PLOT_TEXT_PLAIN, 0, ground->box.x - 5 - room.width, y - room.height / 2);
    }
}

static void
draw_axes(const struct plot_pen *pen, const struct ground *ground)
{
    const struct plot_panel *panel = ground->panel;
    double foot = ground->box.y + ground->box.height;
    draw_ticks_across(pen, ground);
    draw_ticks_upwards(pen, ground);
    plot_ink(pen);
    plot_segment(pen, 0.8, ground->box.x, ground->box.y, ground->box.x, foot);
    plot_segment(pen, 0.8, ground->box.x, foot, ground->box.x + ground->box.width, foot);
    plot_write_text(
        pen, panel->title, PLOT_TEXT_BOLD, 0, ground->box.x - AXIS_LEFT, ground->box.y - AXIS_TOP);
    struct plot_box room = plot_measure(pen, panel->x.label, PLOT_TEXT_PLAIN, 0);
    plot_write_text(pen, panel->x.label, PLOT_TEXT_PLAIN, 0,
        ground->box.x + (ground->box.width - room.width) / 2, foot + 19);
    room = plot_measure(pen, panel->y.label, PLOT_TEXT_PLAIN, 0);
    plot_write_upwards(pen, panel->y.label, ground->box.x - AXIS_LEFT,
        ground->box.y + (ground->box.height + room.width) / 2);
}

static void
draw_line(const struct plot_pen *pen, const struct ground *ground, const struct plot_series *series)
{
    cairo_new_path(pen->cairo);
    for (size_t i = 0; i < series->count; i++)
        cairo_line_to(pen->cairo, place_x(ground, series->x[i]), place_y(ground, series->y[i]));
    plot_line_style(pen, series->style);
    cairo_stroke(pen->cairo);
    plot_solid(pen);
    /* Each series begins elsewhere, so that marks of close curves do not cover each other. */
    size_t step = series->count / MARKS_ON_LINE + 1;
    for (size_t i = step * (series->style % 4 + 1) / 5; i < series->count; i += step)
        plot_mark(pen, series->style, place_x(ground, series->x[i]), place_y(ground, series->y[i]));
}

static void
draw_points(
    const struct plot_pen *pen, const struct ground *ground, const struct plot_series *series)
{
    for (size_t i = 0; i < series->count; i++)
        plot_mark(pen, series->style, place_x(ground, series->x[i]), place_y(ground, series->y[i]));
}

/* At the last point of each series. */
static void
draw_names(const struct plot_pen *pen, const struct ground *ground)
{
    const struct plot_panel *panel = ground->panel;
    struct plot_name names[PLOT_SERIES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < panel->series_count; i++) {
        const struct plot_series *series = &panel->series[i];
        if (series->count > 0)
            names[count++] =
                (struct plot_name){series->name, place_x(ground, series->x[series->count - 1]),
                    place_y(ground, series->y[series->count - 1])};
    }
    plot_names(pen, &ground->box, names, count);
}

static void
draw_panel(const struct plot_pen *pen, const struct ground *ground)
{
    const struct plot_panel *panel = ground->panel;
    draw_axes(pen, ground);
    for (size_t i = 0; i < panel->series_count; i++)
        if (panel->series[i].kind == PLOT_LINE)
            draw_line(pen, ground, &panel->series[i]);
    for (size_t i = 0; i < panel->series_count; i++)
        if (panel->series[i].kind == PLOT_POINTS)
            draw_points(pen, ground, &panel->series[i]);
    if (panel->names)
        draw_names(pen, ground);
}

/* Was this style in the legend before panel `panel`, series `series`? */
static bool
is_repeated(const struct plot *plot, size_t panel, size_t series)
{
    size_t style = plot->panels[panel].series[series].style;
    for (size_t i = 0; i <= panel; i++)
        for (size_t j = 0; j < (i < panel ? plot->panels[i].series_count : series); j++)
            if (plot->panels[i].series[j].style == style)
                return true;
    return false;
}

static void
draw_key(const struct plot_pen *pen, size_t style, const char *name, double x, double y)
{
    struct plot_box room = plot_measure(pen, name, PLOT_TEXT_PLAIN, 0);
    double middle = y + room.height / 2;
    plot_line_style(pen, style);
    cairo_move_to(pen->cairo, x, middle);
    cairo_line_to(pen->cairo, x + LEGEND_KEY - 6, middle);
    cairo_stroke(pen->cairo);
    plot_solid(pen);
    plot_mark(pen, style, x + (LEGEND_KEY - 6) / 2, middle);
    plot_ink(pen);
    plot_write_text(pen, name, PLOT_TEXT_PLAIN, 0, x + LEGEND_KEY, y);
}

/* Names in columns as wide as the widest. Gives the height; draws only where `draw` says so. */
static double
legend(const struct plot_pen *pen, const struct plot *plot, bool draw, double y)
{
    double widest = 0;
    size_t count = 0;
    for (size_t i = 0; i < plot->panel_count; i++)
        for (size_t j = 0; j < plot->panels[i].series_count; j++) {
            const char *name = plot->panels[i].series[j].name;
            widest = fmax(widest, plot_measure(pen, name, PLOT_TEXT_PLAIN, 0).width);
        }
    double room = plot_width(plot) - 2 * MARGIN;
    double column = widest + LEGEND_KEY + 16;
    size_t columns = column >= room ? 1 : (size_t)(room / column);
    for (size_t i = 0; i < plot->panel_count; i++)
        for (size_t j = 0; j < plot->panels[i].series_count; j++) {
            const struct plot_series *series = &plot->panels[i].series[j];
            if (is_repeated(plot, i, j))
                continue;
            size_t row = count / columns;
            size_t place = count % columns;
            if (draw)
                draw_key(pen, series->style, series->name, MARGIN + (double)place * column,
                    y + (double)row * LEGEND_ROW);
            count++;
        }
    size_t rows = (count + columns - 1) / columns;
    return (double)rows * LEGEND_ROW + 8;
}

/* Heights of the parts, from above to below. */
struct heights {
    double title;
    double legend;
    double note;
};

static struct heights
measure(const struct plot_pen *pen, const struct plot *plot)
{
    double room = plot_width(plot) - 2 * MARGIN;
    struct heights heights = {
        .title = plot_measure(pen, plot->title, PLOT_TEXT_TITLE, room).height + 10};
    if (plot->legend)
        heights.legend = legend(pen, plot, false, 0);
    if (plot->note != NULL)
        heights.note = plot_measure(pen, plot->note, PLOT_TEXT_SMALL, room).height + 4;
    return heights;
}

double
plot_height(const struct plot_pen *pen, const struct plot *plot)
{
    struct heights heights = measure(pen, plot);
    return ceil(2 * MARGIN + heights.title + PANEL_HEIGHT + 8 + heights.legend + heights.note);
}

void
plot_draw(const struct plot_pen *pen, const struct plot *plot)
{
    struct heights heights = measure(pen, plot);
    double room = plot_width(plot) - 2 * MARGIN;
    cairo_set_source_rgb(pen->cairo, 1, 1, 1);
    cairo_paint(pen->cairo);
    plot_ink(pen);
    plot_write_text(pen, plot->title, PLOT_TEXT_TITLE, room, MARGIN, MARGIN);
    double y = MARGIN + heights.title;
    for (size_t i = 0; i < plot->panel_count; i++) {
        struct ground ground =
            lay_ground(&plot->panels[i], MARGIN + (double)i * (PANEL_WIDTH + PANEL_GAP), y);
        draw_panel(pen, &ground);
    }
    y += PANEL_HEIGHT + 8;
    if (plot->legend)
        legend(pen, plot, true, y);
    plot_ink(pen);
    if (plot->note != NULL)
        plot_write_text(pen, plot->note, PLOT_TEXT_SMALL, room, MARGIN, y + heights.legend);
}
