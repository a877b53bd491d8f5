/*
 * simulate_plot.c: a design is far down and left when it is neither guessed nor uneven. The second
 * panel shows when in a trial the arms are apart: a trial may be stopped anywhere.
 */
#include "cli/design/simulate_plot.h"

#include "base/plot.h"

#include <string.h>

/* Points of a curve: more than can be told apart on paper. */
#define POINTS_MAX 600
#define WINDOW_MAX 12

static struct plot_series
point_of(struct arena *arena, const struct simulate_found *found, size_t style)
{
    double *at = arena_array(arena, 2, sizeof *at);
    at[0] = found->figures.trial.max_abs;
    at[1] = found->figures.trial.correct_guess;
    return (struct plot_series){.name = found->design->label,
        .style = style,
        .kind = PLOT_POINTS,
        .x = &at[0],
        .y = &at[1],
        .count = 1};
}

/* How many allocations in a row a point of the curve is the mean of: the difference goes up and
 * down within every turn of the ratio, which would hide all else. */
static size_t
window_of(const struct simulate_design *design)
{
    size_t turn = design->scheme.ratio_sum;
    return turn <= WINDOW_MAX && turn <= design->n ? turn : 1;
}

static struct plot_series
curve_of(struct arena *arena, const struct simulate_found *found, size_t style)
{
    const double *curve = found->figures.curve;
    size_t window = window_of(found->design);
    size_t n = found->design->n;
    size_t step = n / POINTS_MAX + 1;
    double *x = arena_array(arena, n + 1, sizeof *x);
    double *y = arena_array(arena, n + 1, sizeof *y);
    size_t count = 0;
    for (size_t k = window; k <= n; k += step) {
        double sum = 0;
        for (size_t i = 0; i < window; i++)
            sum += curve[k - i];
        x[count] = (double)k - (double)(window - 1) / 2;
        y[count++] = sum / (double)window;
    }
    return (struct plot_series){.name = found->design->label,
        .style = style,
        .kind = PLOT_LINE,
        .x = x,
        .y = y,
        .count = count};
}

/* How the figures were come by, for whoever finds the picture alone. */
static const char *
note_of(struct arena *arena, const struct simulate_found *found, size_t count)
{
    const char *guess =
        "Predicted: share of the allocations that are right when the arm that is behind is "
        "guessed, ties counting half (Blackwell and Hodges 1957).";
    const struct simulate_found *simulated = NULL;
    for (size_t i = 0; i < count; i++)
        if (!found[i].figures.trial.exact)
            simulated = &found[i];
    if (simulated == NULL)
        return arena_printf(arena, "%s All figures are exact. rctctl %s", guess, RCTD_VERSION);
    return arena_printf(arena,
        "%s Figures are exact where that is possible, else of %lld simulated trials with seed "
        "%llu. rctctl %s",
        guess, (long long)simulated->trials, (unsigned long long)simulated->seed, RCTD_VERSION);
}

static const char *
title_of(struct arena *arena, const struct simulate_found *found, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (found[i].design->n != found[0].design->n)
            return "Predictability and imbalance";
    return arena_printf(
        arena, "Predictability and imbalance over %zu allocations", found[0].design->n);
}

/* What a guesser reaches who knows nothing: the least of the designs. */
static double
by_chance(const struct simulate_found *found, size_t count)
{
    size_t most = 2;
    for (size_t i = 0; i < count; i++) {
        size_t arms = 0;
        for (size_t arm = 0; arm < PROTOCOL_ARMS_MAX; arm++)
            arms += found[i].design->scheme.ratio[arm] > 0;
        most = arms > most ? arms : most;
    }
    return 1 / (double)most;
}

bool
simulate_plot(
    struct session *session, const struct simulate_found *found, size_t count, const char *path)
{
    struct plot_series *points = arena_array(session->arena, count, sizeof *points);
    struct plot_series *curves = arena_array(session->arena, count, sizeof *curves);
    if (count > PLOT_SERIES_MAX)
        return error_set(&session->error, ERROR_MALFORMED, "--plot",
            "a plot shows at most %d designs; these are %zu", PLOT_SERIES_MAX, count);
    for (size_t i = 0; i < count; i++) {
        points[i] = point_of(session->arena, &found[i], i);
        curves[i] = curve_of(session->arena, &found[i], i);
    }
    const struct plot_panel panels[] = {
        {.title = "What can be guessed, and how uneven it becomes",
            .x = {.label = "Largest difference between two arms (mean over trials)",
                .fixed_low = true},
            .y = {.label = "Correctly predicted allocations",
                .fixed_low = true,
                .low = by_chance(found, count) - 0.01,
                .percent = true},
            .series = points,
            .series_count = count,
            .names = true},
        {.title = "When it is uneven",
            .x = {.label = "Allocations", .fixed_low = true},
            .y = {.label = "Difference between two arms (mean)", .fixed_low = true},
            .series = curves,
            .series_count = count},
    };
    const struct plot plot = {.title = title_of(session->arena, found, count),
        .note = note_of(session->arena, found, count),
        .panels = panels,
        .panel_count = COUNT_OF(panels),
        .legend = true};
    return plot_write(&plot, path, &session->error);
}
