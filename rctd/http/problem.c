/*
 * problem.c: errors as application/problem+json (RFC 9457). What went wrong inside is for the log;
 * the caller gets a sentence from the table below and the request id by which the operator finds
 * the rest.
 */
#include "base/text.h"
#include "http/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a caller reads instead of the detail of an error that is not theirs to know about. */
static const char *
public_detail(enum error_code code)
{
    switch (code) {
    case ERROR_BUSY:
        return "rctd has more to do than it can take on now. Nothing was changed. Ask again in a "
               "moment.";
    case ERROR_NO_DATABASE:
        return "The database does not answer. Ask again in a moment; if it lasts, tell the "
               "operator.";
    case ERROR_NO_MASTER_KEY:
        return "rctd was started without its master key, under which seeds, identities and "
               "signing secrets are kept: none of them can be used, and nothing was changed. The "
               "operator has to give the key back to rctd.";
    case ERROR_OTHER_MASTER_KEY:
        return "The key that rctd was started with is not the key of this database, under which "
               "seeds, identities and signing secrets are kept: none of them can be used, and "
               "nothing was changed. The operator has to start rctd with the right key.";
    case ERROR_COMMIT_UNKNOWN:
        return "The database was lost while it stored this. Send the same request with the same "
               "Idempotency-Key again: it is stored once, whatever happened.";
    case ERROR_CONTENTION:
        return "Others were changing the same thing. Nothing was changed. Ask again.";
    case ERROR_SCHEMA_VERSION:
        return "The database belongs to another version of rctd. The operator has to migrate it or "
               "to "
               "start the right version.";
    default:
        return "Something failed inside rctd, and nothing was changed. Tell the operator the "
               "number in "
               "`instance`: the log has the reason under it.";
    }
}

static const char *
retry_after(enum error_code code)
{
    switch (code) {
    case ERROR_RATE_LIMITED:
        return "30";
    case ERROR_NO_DATABASE:
        return "5";
    case ERROR_NO_MASTER_KEY:
    case ERROR_OTHER_MASTER_KEY:
    case ERROR_SCHEMA_VERSION:
        return "60";
    case ERROR_BUSY:
    case ERROR_COMMIT_UNKNOWN:
    case ERROR_CONTENTION:
    case ERROR_IN_FLIGHT:
        return "1";
    default:
        return NULL;
    }
}

static void
drop_headers(struct http_response *response)
{
    size_t kept = 0;
    for (size_t i = 0; i < response->header_count; i++) {
        const struct http_header *header = &response->headers[i];
        if (strcasecmp(header->name, "Allow") == 0 || strcasecmp(header->name, "Retry-After") == 0)
            response->headers[kept++] = *header;
    }
    response->header_count = kept;
}

static bool
has_header(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, name) == 0)
            return true;
    return false;
}

static void
set_text(json_t *object, const char *name, const char *value)
{
    json_object_set_new(object, name, json_stringn(value, strlen(value)));
}

static json_t *
fault_json(const struct fault *fault)
{
    json_t *json = json_object();
    set_text(json, "pointer", fault->pointer);
    if (fault->line > 0)
        json_object_set_new(json, "line", json_integer(fault->line));
    if (fault->column > 0)
        json_object_set_new(json, "column", json_integer(fault->column));
    set_text(json, "detail", fault->message);
    if (fault->remedy[0] != '\0')
        set_text(json, "remedy", fault->remedy);
    return json;
}

static void
add_faults(json_t *problem, const struct faults *faults)
{
    json_t *errors = json_array();
    for (size_t i = 0; i < faults->count; i++)
        json_array_append_new(errors, fault_json(&faults->items[i]));
    json_object_set_new(problem, "errors", errors);
    if (faults->total > faults->count)
        json_object_set_new(problem, "errors_total", json_integer((json_int_t)faults->total));
}

void
http_problem(struct http_request *request, struct http_response *response,
    const struct error *error, const struct faults *faults)
{
    int status = error_http_status(error->code);
    const char *wait = retry_after(error->code);
    char type[96];
    char instance[UUID_TEXT_SIZE + 16];
    snprintf(type, sizeof type, "urn:rctd:problem:%s", error_slug(error->code));
    snprintf(instance, sizeof instance, "urn:uuid:%s", request->id);
    json_t *problem = json_object();
    set_text(problem, "type", type);
    set_text(problem, "title", error_title(error->code));
    json_object_set_new(problem, "status", json_integer(status));
    set_text(problem, "detail", status >= 500 ? public_detail(error->code) : error->detail);
    set_text(problem, "instance", instance);
    if (faults != NULL && faults->count > 0)
        add_faults(problem, faults);
    drop_headers(response);
    http_json(request, response, status, problem);
    response->content_type = "application/problem+json";
    if (status == 401)
        http_add_header(response, "WWW-Authenticate", "Bearer");
    if (wait != NULL && !has_header(response, "Retry-After"))
        http_add_header(response, "Retry-After", wait);
}
