/*
 * progress.c: draws the bar at most ten times a second, and not before half a second has passed, so
 * that quick work leaves no flicker.
 */
#include "cli/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUIET_MICROSECONDS 500000
#define DRAW_MICROSECONDS 100000
#define LINE_MAX_COLUMNS 200

void
progress_start(struct progress *progress, const char *label)
{
    *progress = (struct progress){
        .label = label,
        .terminal = isatty(STDERR_FILENO) == 1,
        .started = clock_monotonic(),
    };
}

static int
terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < LINE_MAX_COLUMNS ? size.ws_col : LINE_MAX_COLUMNS;
}

static void
draw(const struct progress *progress, int64_t done, int64_t total)
{
    char figures[64];
    if (progress->after != NULL && total > 0 && done >= total) {
        long long seconds = (clock_monotonic() - progress->started) / 1000000;
        fprintf(stderr, "\r\033[K%s, %lld s", progress->after, seconds);
        return;
    }
    if (total <= 0) {
        snprintf(figures, sizeof figures, "%lld", (long long)done);
        fprintf(stderr, "\r%s: %s", progress->label, figures);
        return;
    }
    int percent = (int)(done >= total ? 100 : done * 100 / total);
    snprintf(figures, sizeof figures, "%3d %%", percent);
    int room = terminal_columns() - (int)strlen(progress->label) - (int)strlen(figures) - 6;
    if (room < 10) {
        fprintf(stderr, "\r%s %s", progress->label, figures);
        return;
    }
    char bar[LINE_MAX_COLUMNS + 1];
    int filled = room * percent / 100;
    memset(bar, '.', (size_t)room);
    memset(bar, '#', (size_t)filled);
    bar[room] = '\0';
    fprintf(stderr, "\r%s [%s] %s", progress->label, bar, figures);
}

void
progress_set(struct progress *progress, int64_t done, int64_t total)
{
    if (progress == NULL || !progress->terminal)
        return;
    int64_t now = clock_monotonic();
    if (now - progress->started < QUIET_MICROSECONDS || now - progress->last < DRAW_MICROSECONDS)
        return;
    progress->last = now;
    progress->drawn = true;
    draw(progress, done, total);
    fflush(stderr);
}

void
progress_end(struct progress *progress)
{
    if (progress == NULL || !progress->drawn)
        return;
    progress->drawn = false;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
