/*
 * metrics.h: counters in Prometheus' text format. No series tells of an arm, nor of a site.
 */
#ifndef RCTD_METRICS_H
#define RCTD_METRICS_H

#include "base/text.h"
#include "http/server.h"
#include "work/dispatch.h"

#include <stdbool.h>

void metrics_write(
    struct text *text, struct http_server *server, struct dispatch *dispatch, bool has_master_key);

#endif
