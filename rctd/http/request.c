/*
 * request.c: reads headers and query of a request and fills responses.
 */
#include "http/request.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

const char *
http_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

const char *
http_query(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    return NULL;
}

void
http_add_header(struct http_response *response, const char *name, const char *value)
{
    assert(response->header_count < COUNT_OF(response->headers));
    response->headers[response->header_count++] = (struct http_header){name, value};
}

static int
append(const char *bytes, size_t size, void *text)
{
    text_append_bytes(text, bytes, size);
    return 0;
}

void
http_json(struct http_request *request, struct http_response *response, int status, json_t *json)
{
    struct text text;
    text_init(&text, request->arena);
    json_dump_callback(json, append, &text, JSON_COMPACT | JSON_ENCODE_ANY);
    text_append(&text, "\n");
    json_decref(json);
    response->status = status;
    response->content_type = "application/json";
    response->body = text.bytes;
    response->body_size = text.length;
}
