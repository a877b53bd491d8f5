/*
 * simulate_plot.h: designs side by side in one picture: what can be guessed against how uneven the
 * arms become, and the unevenness along the trial.
 */
#ifndef RCTD_CLI_SIMULATE_PLOT_H
#define RCTD_CLI_SIMULATE_PLOT_H

#include "cli/design/simulate_show.h"

/* Writes the file; false with session->error. */
bool simulate_plot(struct session *session, const struct simulate_found *found, size_t count,
    const char *path) MUST_CHECK;

#endif
