/*
 * test_plot.c: a plot is a whole file of its kind, the same bytes each time, in every format; and
 * it can be drawn whatever the numbers are.
 */
#include "base/plot.h"

#include "../check_main.h"
#include "base/arena.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)4 * 1024 * 1024)

static char directory[] = "/tmp/test_plot.XXXXXX";
static char path[256];
static char first[FILE_MAX];
static char second[FILE_MAX];

static const char *
path_of(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static size_t
read_file(const char *name, char *bytes)
{
    FILE *file = fopen(path_of(name), "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(bytes, 1, FILE_MAX - 1, file);
    fclose(file);
    bytes[size] = '\0';
    return size;
}

static const double x[] = {0, 1, 2, 3, 4};
static const double y[] = {0.5, 0.75, 0.6, 0.55, 0.52};
static const double far[] = {-1e9, 1e9, 3, 4, 5};

static const struct plot_series lines[] = {
    {.name = "blocks of 4 & \u00e5\u00e4\u00f6 <x>",
        .style = 0,
        .kind = PLOT_LINE,
        .x = x,
        .y = y,
        .count = 5},
    {.name = "big stick", .style = 1, .kind = PLOT_LINE, .x = x, .y = x, .count = 5},
};
static const struct plot_series points[] = {
    {.name = "blocks of 4 & \u00e5\u00e4\u00f6 <x>",
        .style = 0,
        .kind = PLOT_POINTS,
        .x = x,
        .y = y,
        .count = 1},
    {.name = "big stick", .style = 1, .kind = PLOT_POINTS, .x = x, .y = y, .count = 2},
    {.name = "nothing", .style = 2, .kind = PLOT_POINTS, .x = x, .y = y, .count = 0},
};

static struct plot_panel panels[2] = {
    {.title = "Points",
        .x = {.label = "x", .fixed_low = true},
        .y = {.label = "y", .percent = true},
        .series = points,
        .series_count = 3,
        .names = true},
    {.title = "Lines",
        .x = {.label = "x"},
        .y = {.label = "y"},
        .series = lines,
        .series_count = 2},
};

static const struct plot plot = {
    .title = "A plot", .note = "A note.", .panels = panels, .panel_count = 2, .legend = true};

static const struct {
    const char *name;
    const char *begins;
    const char *ends;
} formats[] = {
    {"plot.svg", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg ", "</svg>\n"},
    {"plot.png", "\x89PNG\r\n\x1a\n", "IEND\xae\x42\x60\x82"},
    {"plot.PDF", "%PDF-1.", "%%EOF\n"},
};

START_TEST(a_plot_is_a_whole_file_and_the_same_bytes_each_time)
{
    const char *name = formats[_i].name;
    struct error error;
    ck_assert(plot_can_write(name));
    ck_assert_msg(plot_write(&plot, path_of(name), &error), "%s", error.detail);
    size_t size = read_file(name, first);
    ck_assert_mem_eq(first, formats[_i].begins, strlen(formats[_i].begins));
    size_t end = strlen(formats[_i].ends);
    ck_assert_uint_gt(size, 1000);
    ck_assert_mem_eq(first + size - end, formats[_i].ends, end);
    ck_assert(plot_write(&plot, path_of(name), &error));
    ck_assert_uint_eq(read_file(name, second), size);
    ck_assert_mem_eq(first, second, size);
    unlink(path_of(name));
}
END_TEST

/* One value alone, values far from each other, no series at all: the axes still have ends. */
START_TEST(whatever_the_numbers_are_there_is_a_plot)
{
    static const struct plot_series odd[] = {
        {.name = "one", .kind = PLOT_POINTS, .x = far, .y = y, .count = 1},
        {.name = "far", .style = 30, .kind = PLOT_LINE, .x = far, .y = far, .count = 2},
    };
    const struct plot_panel one = {.title = "",
        .x = {.label = ""},
        .y = {.label = ""},
        .series = odd,
        .series_count = (size_t)_i,
        .names = true};
    const struct plot only = {.title = "", .panels = &one, .panel_count = 1, .legend = true};
    struct error error;
    ck_assert(plot_write(&only, path_of("odd.svg"), &error));
    ck_assert_uint_gt(read_file("odd.svg", first), 500);
    ck_assert_ptr_null(strstr(first, "nan"));
    ck_assert_ptr_null(strstr(first, "inf"));
    unlink(path_of("odd.svg"));
}
END_TEST

START_TEST(a_file_that_cannot_be_is_refused_and_leaves_nothing)
{
    struct error error;
    ck_assert(!plot_can_write("plot.gif"));
    ck_assert(!plot_write(&plot, path_of("plot.gif"), &error));
    ck_assert_int_eq(error.code, ERROR_FIELDS);
    ck_assert_ptr_nonnull(strstr(error.detail, ".svg, .png or .pdf"));
    ck_assert(!plot_write(&plot, path_of("none/plot.svg"), &error));
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_int_eq(access(path_of("plot.gif"), F_OK), -1);
}
END_TEST

static void
make_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void
remove_directory(void)
{
    ck_assert_int_eq(rmdir(directory), 0);
}

static Suite *
plot_suite(void)
{
    Suite *suite = suite_create("plot");
    TCase *group = tcase_create("files");
    tcase_add_unchecked_fixture(group, make_directory, remove_directory);
    tcase_set_timeout(group, 60);
    tcase_add_loop_test(
        group, a_plot_is_a_whole_file_and_the_same_bytes_each_time, 0, (int)COUNT_OF(formats));
    tcase_add_loop_test(group, whatever_the_numbers_are_there_is_a_plot, 0, 3);
    tcase_add_test(group, a_file_that_cannot_be_is_refused_and_leaves_nothing);
    suite_add_tcase(suite, group);
    return suite;
}

TEST_MAIN(plot_suite)
