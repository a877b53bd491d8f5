/*
 * service.c: what machines ask: is it alive, is it ready, how is it doing, what does it answer to;
 * and the rehearsal clock.
 */
#include "api/handlers.h"
#include "base/clock.h"

#include <string.h>

const struct field health_answer[] = {
    {.name = "status",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"ok", NULL},
        .meaning = "The process answers"},
    {.name = "version", .type = FIELD_STRING, .meaning = "rctd's version"},
    {0},
};

const struct field ready_answer[] = {
    {.name = "status",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"ok", NULL},
        .meaning = "The database answers and has this rctd's schema"},
    {.name = "allocation",
        .type = FIELD_STRING,
        .choices = (const char *const[]){"open", "closed", NULL},
        .meaning = "closed: this rctd has no master key, or one that is not the database's"},
    {0},
};

const struct field rehearsal_new[] = {
    {.name = "days",
        .type = FIELD_INTEGER,
        .flags = FIELD_REQUIRED,
        .min = 1,
        .max = 3660,
        .meaning = "Days that the trial's clock goes ahead; it never goes back"},
    {0},
};

const struct field rehearsal_answer[] = {
    {.name = "rehearsal",
        .type = FIELD_BOOLEAN,
        .meaning = "This rctd lets its clock be moved: no real trial runs here"},
    {.name = "moved", .type = FIELD_BOOLEAN, .meaning = "The clock has been moved"},
    {.name = "now", .type = FIELD_TIME, .meaning = "The trial's time"},
    {0},
};

bool
service_health(struct call *call, struct error *error)
{
    (void)error;
    return call_answer(call, 200, json_pack("{s:s, s:s}", "status", "ok", "version", RCTD_VERSION));
}

bool
service_ready(struct call *call, struct error *error)
{
    struct error key = ERROR_CLEAR;
    if (!session_ready(call->session, error))
        return false;
    bool open = session_master_key(call->session, &key) != NULL;
    return call_answer(
        call, 200, json_pack("{s:s, s:s}", "status", "ok", "allocation", open ? "open" : "closed"));
}

bool
service_metrics(struct call *call, struct error *error)
{
    struct text text;
    (void)error;
    text_init(&text, call->arena);
    call->service->write_metrics(&text);
    *call->response = (struct http_response){.status = 200,
        .content_type = "text/plain; version=0.0.4; charset=utf-8",
        .body = text.bytes,
        .body_size = text.length};
    return true;
}

bool
service_openapi(struct call *call, struct error *error)
{
    (void)error;
    *call->response = (struct http_response){.status = 200,
        .content_type = "application/json",
        .body = call->service->openapi,
        .body_size = strlen(call->service->openapi)};
    return true;
}

static bool
answer_clock(struct call *call, struct error *error)
{
    struct sql_rehearsal_get_row row;
    if (!sql_rehearsal_get(call->tx, &row))
        return call_failed(call, error);
    return call_answer(call, 200,
        json_pack("{s:b, s:b, s:o}", "rehearsal", call->service->rehearsal, "moved", row.moved,
            "now", json_time(row.now)));
}

bool
rehearsal_show(struct call *call, struct error *error)
{
    return answer_clock(call, error);
}

bool
rehearsal_advance(struct call *call, struct error *error)
{
    if (!call->service->rehearsal)
        return error_set(error, ERROR_REFUSED, "rehearsal",
            "This rctd runs real trials; only one started with --rehearsal lets its clock be "
            "moved");
    if (!sql_rehearsal_advance(call->tx,
            &(struct sql_rehearsal_advance){.days = (int32_t)call_number(call, "days")}, NULL))
        return call_failed(call, error);
    call->wake = true;
    return answer_clock(call, error);
}
