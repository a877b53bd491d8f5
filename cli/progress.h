/*
 * progress.h: a bar on stderr for work that takes longer than a glance: only when stderr is a
 * terminal.
 */
#ifndef RCTD_CLI_PROGRESS_H
#define RCTD_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *label; /* what is being done: "Sending workplaces.csv" */
    const char *after; /* what goes on when all of it is done, told with the seconds; or NULL */
    bool terminal;
    bool drawn;
    int64_t started; /* clock_monotonic() */
    int64_t last;    /* when it was last drawn */
};

void progress_start(struct progress *progress, const char *label);

/* `total` 0 stands for unknown: then only the count is shown. NULL is allowed. */
void progress_set(struct progress *progress, int64_t done, int64_t total);

/* Takes the bar away. NULL is allowed. */
void progress_end(struct progress *progress);

#endif
