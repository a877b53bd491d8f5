/*
 * plot.c: makes a surface of the wanted kind in memory, draws once, takes out of the bytes what
 * would differ from run to run, and writes the file as a whole.
 */
#include "base/plot.h"

#include "base/arena.h"
#include "base/plot_draw.h"
#include "base/text.h"

#include <assert.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PNG_SCALE (300.0 / 72) /* pixels for a point: 300 to an inch, as journals want it */

enum format { FORMAT_SVG, FORMAT_PNG, FORMAT_PDF, FORMAT_NONE };

static enum format
format_of(const char *path)
{
    static const char *const endings[] = {
        [FORMAT_SVG] = ".svg", [FORMAT_PNG] = ".png", [FORMAT_PDF] = ".pdf"};
    size_t length = strlen(path);
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (length > 4 && strcasecmp(path + length - 4, endings[i]) == 0)
            return (enum format)i;
    return FORMAT_NONE;
}

bool
plot_can_write(const char *path)
{
    return format_of(path) != FORMAT_NONE;
}

static cairo_status_t
take_bytes(void *closure, const unsigned char *bytes, unsigned length)
{
    text_append_bytes(closure, (const char *)bytes, length);
    return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
make_surface(enum format format, double width, double height, struct text *out)
{
    switch (format) {
    case FORMAT_SVG:
        return cairo_svg_surface_create_for_stream(take_bytes, out, width, height);
    case FORMAT_PDF:
        return cairo_pdf_surface_create_for_stream(take_bytes, out, width, height);
    default:
        return cairo_image_surface_create(
            CAIRO_FORMAT_RGB24, (int)ceil(width * PNG_SCALE), (int)ceil(height * PNG_SCALE));
    }
}

/* The height follows from the texts, which any surface can measure. */
static double
measure_height(const struct plot *plot)
{
    struct plot_pen pen;
    double height = 1;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    if (plot_pen_open(&pen, surface))
        height = plot_height(&pen, plot);
    plot_pen_close(&pen);
    cairo_surface_destroy(surface);
    return height;
}

/* cairo numbers its surfaces through the life of a process. */
static void
blank_surface_number(struct text *svg)
{
    static const char mark[] = "id=\"surface";
    char *at = strstr(svg->bytes, mark);
    if (at == NULL)
        return;
    char *number = at + strlen(mark);
    size_t digits = strspn(number, "0123456789");
    memmove(number, number + digits, svg->length - (size_t)(number + digits - svg->bytes) + 1);
    svg->length -= digits;
}

static bool
render(const struct plot *plot, enum format format, struct text *out)
{
    struct plot_pen pen;
    double width = plot_width(plot);
    double height = measure_height(plot);
    cairo_surface_t *surface = make_surface(format, width, height, out);
    if (format == FORMAT_PDF) {
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, plot->title);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, NULL);
    }
    bool ok = plot_pen_open(&pen, surface);
    if (format == FORMAT_PNG)
        cairo_scale(pen.cairo, PNG_SCALE, PNG_SCALE);
    if (ok)
        plot_draw(&pen, plot);
    ok = ok && cairo_status(pen.cairo) == CAIRO_STATUS_SUCCESS;
    plot_pen_close(&pen);
    if (format == FORMAT_PNG)
        ok = ok &&
             cairo_surface_write_to_png_stream(surface, take_bytes, out) == CAIRO_STATUS_SUCCESS;
    cairo_surface_finish(surface);
    ok = ok && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    if (format == FORMAT_SVG)
        blank_surface_number(out);
    return ok;
}

/* Beside the file first, so that nobody finds half of it. */
static bool
write_file(struct arena *arena, const struct text *bytes, const char *path, struct error *error)
{
    char *beside = arena_printf(arena, "%s.%ld", path, (long)getpid());
    FILE *file = fopen(beside, "wbe");
    if (file == NULL)
        return error_set_errno(error, path, "%s cannot be written", path);
    bool ok = fwrite(bytes->bytes, 1, bytes->length, file) == bytes->length;
    ok = fclose(file) == 0 && ok;
    if (ok && rename(beside, path) == 0)
        return true;
    error_set_errno(error, path, "%s cannot be written", path);
    unlink(beside);
    return false;
}

bool
plot_write(const struct plot *plot, const char *path, struct error *error)
{
    assert(plot->panel_count > 0 && plot->panel_count <= PLOT_PANELS_MAX);
    for (size_t i = 0; i < plot->panel_count; i++)
        assert(plot->panels[i].series_count <= PLOT_SERIES_MAX);
    struct arena *arena = arena_new();
    struct text bytes;
    enum format format = format_of(path);
    text_init(&bytes, arena);
    bool ok = true;
    if (format == FORMAT_NONE)
        ok = error_set(error, ERROR_FIELDS, path,
            "%s cannot be drawn: the file's name ends in .svg, .png or .pdf", path);
    else if (!render(plot, format, &bytes))
        ok = error_set(error, ERROR_INTERNAL, path, "the plot %s could not be drawn", path);
    ok = ok && write_file(arena, &bytes, path, error);
    arena_free(arena);
    return ok;
}
