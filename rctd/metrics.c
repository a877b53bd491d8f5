/*
 * metrics.c: writes what server and dispatcher have counted.
 */
#include "metrics.h"

#include <inttypes.h>
#include <unistd.h>

static void
put(struct text *text, const char *name, const char *type, const char *help, uint64_t value)
{
    text_printf(
        text, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name, value);
}

static void
put_http(struct text *text, struct http_server *server)
{
    struct http_counters http;
    http_server_counters(server, &http);
    put(text, "rctd_http_requests_total", "counter", "Requests that arrived whole.", http.requests);
    text_append(text, "# HELP rctd_http_answers_total Answers by the first digit of their status.\n"
                      "# TYPE rctd_http_answers_total counter\n");
    for (int class = 1; class <= 5; class ++)
        text_printf(text, "rctd_http_answers_total{class=\"%dxx\"} %" PRIu64 "\n", class,
            http.by_class[class]);
    put(text, "rctd_http_queue_full_total", "counter",
        "Requests answered 503 because the queue was full.", http.queue_full);
    put(text, "rctd_http_swept_total", "counter",
        "Connections closed because a request did not arrive in time.", http.swept);
    put(text, "rctd_http_connections", "gauge", "Open connections.", http.open);
    put(text, "rctd_http_waiting", "gauge", "Requests waiting for a worker.", http.waiting);
}

static void
put_dispatch(struct text *text, struct dispatch *dispatch)
{
    struct dispatch_counters sent;
    dispatch_counters(dispatch, &sent);
    put(text, "rctd_reminders_delivered_total", "counter", "Reminders delivered by this daemon.",
        sent.delivered);
    put(text, "rctd_reminder_attempts_failed_total", "counter", "Attempts that did not deliver.",
        sent.failed);
    put(text, "rctd_reminders_dead_total", "counter", "Reminders given up after the last attempt.",
        sent.dead);
    put(text, "rctd_reminders_stopped_total", "counter",
        "Reminders stopped at the moment of sending.", sent.stopped);
    put(text, "rctd_reminder_addresses_refused_total", "counter",
        "Attempts whose address may not be sent to.", sent.refused);
    put(text, "rctd_reminders_under_way", "gauge", "Reminders being sent.", sent.under_way);
    put(text, "rctd_reminder_shards", "gauge", "Shards that this daemon sends for.", sent.shards);
    put(text, "rctd_endpoints_paused", "gauge", "Endpoints that nothing goes to now.", sent.paused);
    put(text, "rctd_reminders_stranded", "gauge", "Due reminders without an endpoint.",
        sent.stranded);
}

void
metrics_write(
    struct text *text, struct http_server *server, struct dispatch *dispatch, bool has_master_key)
{
    text_printf(text,
        "# HELP rctd_info The version that runs.\n# TYPE rctd_info "
        "gauge\nrctd_info{version=\"%s\"} 1\n",
        RCTD_VERSION);
    put(text, "rctd_master_key", "gauge", "1 when allocation is open, 0 without a master key.",
        has_master_key ? 1 : 0);
    put_http(text, server);
    put_dispatch(text, dispatch);
}
